/**
 * Which files each kind of result has in its folder, so that it is known before any work whether one of them
 * would replace what is read, or what isn't ours.
 */

/** Beside provenance.json, which all have. */
const FILES = {
  comparison: ['report.json', 'summary.csv', 'runs.csv', 'flows.csv', 'distributions.csv'],
  scan: ['report.json', 'summary.csv', 'runs.csv', 'flows.csv', 'distributions.csv', 'points.csv'],
  tuning: ['report.json', 'summary.csv', 'runs.csv', 'ttl.csv'],
  measurement: ['report.json', 'summary.csv', 'flows.csv', 'distributions.csv'],
  replay: ['report.json', 'live.csv'],
  diagnosis: ['diagnosis.json'],
} as const

export type ResultKind = keyof typeof FILES

export const CALIBRATIONS = /^calibration(-[\w.-]+)?\.json$/

/** The files of a kind, and those that are only known at the end. */
export function filesOf(kind: ResultKind): { names: readonly string[]; alsoNamed: RegExp | undefined } {
  return { names: FILES[kind], alsoNamed: kind === 'replay' ? CALIBRATIONS : undefined }
}

/** Every name that results have, for files that the user names beside them. */
export const RESULT_NAMES: readonly string[] = [
  ...new Set(Object.values(FILES).flat()),
  'calibration.json',
  'provenance.json',
]
