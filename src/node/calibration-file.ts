/** Reads what --calibration names. */
import { readFileSync } from 'node:fs'
import { reasonOf, UserError } from '../errors.ts'
import { type Calibration, parseCalibration } from '../scenario/schema/calibration.ts'

/** Throws UserError: code 1 for a file that can't be read, 2 for one that is no calibration. */
export function readCalibration(file: string): Calibration {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const reason = missing ? 'no such file' : `can't be read, ${reasonOf(error)}`
    throw new UserError(`--calibration ${file}: ${reason} - check the path`)
  }
  return parseCalibration(text, file)
}
