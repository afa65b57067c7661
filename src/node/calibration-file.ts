/**
 * Reads what --calibration names: a file, or `machine` for the one that `lanewise calibrate --machine` keeps;
 * and takes what --as names, which comes with lanewise. Which bytes they were stands in reports.
 */
import { createHash } from 'node:crypto'
import { presetNamed } from '../calibrate/presets.ts'
import { reasonOf, UserError } from '../errors.ts'
import { readRegular } from '../regular-file.ts'
import type { CalibratedOn } from '../scenario/loaded-scenario.ts'
import type { Setting } from '../scenario/overrides.ts'
import {
  type MeasuredLanes,
  parseCalibration,
  settingsOf,
  worstMiss,
} from '../scenario/schema/calibration.ts'
import { MACHINE, machineFile } from './machine-file.ts'
import { spooledPath } from './spooled.ts'

/** A calibration in the way that it is used. */
export interface ReadCalibration {
  readonly calibratedOn: CalibratedOn
  /** In place of what a scenario says of its lanes. */
  readonly measured?: MeasuredLanes
  /** Changes to a scenario before it is checked. */
  readonly calibrated?: readonly Setting[]
}

/** Throws UserError: code 1 for a file that can't be read, 2 for one that is no calibration. */
export function readCalibration(file: string): ReadCalibration {
  const isMachine = file === MACHINE
  let text: string
  try {
    text = readRegular(isMachine ? machineFile() : spooledPath(file))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && isMachine) {
      throw new UserError(
        `--calibration ${file}: this machine hasn't been measured, there is no ${machineFile()} - run lanewise calibrate --machine`,
      )
    }
    const reason = code === 'ENOENT' ? 'no such file' : `can't be read, ${reasonOf(error)}`
    throw new UserError(`--calibration ${file}: ${reason} - check the path`)
  }
  const calibration = parseCalibration(text, file)
  const sha256 = createHash('sha256').update(text).digest('hex')
  if ('measured' in calibration) {
    return {
      calibratedOn: { file, sha256, form: 'measured', missRatioMax: null },
      measured: calibration.measured,
    }
  }
  return {
    calibratedOn: { file, sha256, form: 'scenario', missRatioMax: worstMiss(calibration) },
    calibrated: settingsOf(calibration, `--calibration ${file}`),
  }
}

/** The calibration of a system that lanewise knows. Throws UserError (2) for another one. */
export function presetCalibration(name: string): ReadCalibration {
  const { calibration, calibrated } = presetNamed(name)
  const sha256 = createHash('sha256').update(JSON.stringify(calibration)).digest('hex')
  const missRatioMax = worstMiss(calibration)
  return {
    calibratedOn: { file: name, builtLike: calibrated, sha256, form: 'scenario', missRatioMax },
    calibrated: settingsOf(calibration, `--as ${name}`),
  }
}
