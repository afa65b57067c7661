/** Where a calibration goes: a file of lanewise's own, or none. */
import { readFileSync } from 'node:fs'
import { UserError } from '../../errors.ts'
import { openTrace } from '../shared/trace-file.ts'

/** Throws UserError (2) where a file is in the way that is no calibration. */
export function checkTarget(target: string): void {
  let text: string
  try {
    text = readFileSync(target, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') {
      throw new UserError(`-o ${target}: is a folder - name a file in it`, 2)
    }
    return
  }
  if (text.includes('"lanewise calibration"')) return
  throw new UserError(`-o ${target}: is there, and is no calibration - name another file, or move it`, 2)
}

/** Whole, or not at all. */
export function writeCalibration(target: string, text: string): void {
  const part = openTrace(target, '-o')
  try {
    part.write(text)
    part.keep()
  } finally {
    part.close()
  }
}
