/** Reads what --calibration names. */
import { reasonOf, UserError } from '../errors.ts'
import { readRegular } from '../regular-file.ts'
import { type Calibration, parseCalibration } from '../scenario/schema/calibration.ts'
import { spooledPath } from './spooled.ts'

/** Throws UserError: code 1 for a file that can't be read, 2 for one that is no calibration. */
export function readCalibration(file: string): Calibration {
  let text: string
  try {
    text = readRegular(spooledPath(file))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const missing = code === 'ENOENT'
    const reason = missing ? 'no such file' : `can't be read, ${reasonOf(error)}`
    throw new UserError(`--calibration ${file}: ${reason} - check the path`)
  }
  return parseCalibration(text, file)
}
