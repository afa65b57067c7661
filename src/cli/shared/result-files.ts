/**
 * Which files each kind of result has in its folder, so that one that is written over another leaves nothing
 * of it that would be drawn as its own. Only these names are ever removed.
 */
import type { ResultsFolder } from '../../node/files/results-folder.ts'
import { POINT_FILE, POINTS_FOLDER } from '../../scan/saved-points.ts'

/** Beside report.json and provenance.json, which all have. */
const FILES = {
  comparison: ['summary.csv', 'runs.csv', 'flows.csv', 'distributions.csv'],
  scan: ['summary.csv', 'runs.csv', 'flows.csv', 'distributions.csv', 'points.csv'],
  tuning: ['summary.csv', 'runs.csv', 'ttl.csv'],
  replay: ['live.csv'],
} as const

export type ResultKind = keyof typeof FILES

/** The tables of all kinds. */
export const TABLES: readonly string[] = [...new Set(Object.values(FILES).flat())]

/** Removes what results of other kinds have left in the folder and this one hasn't. Throws UserError. */
export function removeOthers(folder: ResultsFolder, kind: ResultKind): void {
  const own: readonly string[] = FILES[kind]
  for (const name of TABLES) if (!own.includes(name)) folder.remove(name)
  if (kind !== 'scan') folder.removeFolder(POINTS_FOLDER, POINT_FILE)
}
