/** Where a calibration goes: a file of lanewise's own, or none. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { reasonOf, UserError } from '../../errors.ts'
import { noFile, readRegular } from '../../regular-file.ts'
import { checkRowsFile } from '../shared/rows-file.ts'
import { openTrace } from '../shared/trace-file.ts'

/** No calibration is larger; what is, isn't read to find that out. */
const CALIBRATION_BYTES_MAX = 64e6

/**
 * Throws UserError (2) where a file is in the way that is read, or is no calibration, or where no folder is.
 * @param inputs what is read
 * @param isOurs the folder is lanewise's own, and made where it isn't there
 */
export function checkTarget(target: string, inputs: readonly string[], isOurs = false): void {
  if (target === '') throw new UserError('-o "": names no file - write one, such as calibration.json', 2)
  const kind = noFile(target)
  if (kind === 'folder') throw new UserError(`-o ${target}: is a folder - name a file in it`, 2)
  if (kind !== undefined) throw new UserError(`-o ${target}: is a ${kind} - name a file`, 2)
  if (inputs.length > 0) checkRowsFile('-o', target, { inputs, folder: path.dirname(target), results: [] })
  let size: number | undefined
  try {
    size = statSync(target, { throwIfNoEntry: false })?.size
    if (size === undefined && !isOurs) statSync(path.dirname(target))
  } catch (error) {
    throw new UserError(`-o ${target}: can't be written, ${reasonOf(error)} - name another file`, 2)
  }
  if (size === undefined || (size <= CALIBRATION_BYTES_MAX && isCalibration(target))) return
  throw new UserError(`-o ${target}: is there, and is no calibration - name another file, or move it`, 2)
}

/** By what it says itself, whatever else it holds. What can't be read isn't one. */
function isCalibration(file: string): boolean {
  try {
    return JSON.parse(readRegular(file))?.kind === 'lanewise calibration'
  } catch {
    return false
  }
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
