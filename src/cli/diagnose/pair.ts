/**
 * What lies between the captures of both sides, by the code of `measure`. That no packet is in both is a
 * finding here, not a failure.
 */
import path from 'node:path'
import type { Measured } from '../../measure/arrivals/arrivals.ts'
import { type MatchOptions, matchCaptures, NothingMatchesError } from '../../measure/matching/match.ts'
import type { Judged } from '../../measure/measurement.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { filesOf, sidesOf } from '../shared/capture-pair.ts'
import { judgeMeasured, USUAL } from '../shared/judge-measured.ts'
import type { PairOptions } from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { Checked } from './options.ts'

/** Both sides, each a capture: its names, and where the files of what was sent are. */
export interface Pair {
  readonly sent: CapturePaths
  readonly received: CapturePaths
  readonly sentPaths: readonly string[]
}

/** What was measured, or why nothing could be. */
export type Found =
  | { readonly judged: Judged; readonly problem: null }
  | { readonly judged: null; readonly problem: string }

/** Throws UserError where a side isn't one capture, or a file is on both. */
export async function pairOf(
  sides: NonNullable<Checked['sides']>,
  options: PairOptions,
  io: ProcessIo,
): Promise<Pair> {
  const { sent, received } = await sidesOf(sides, options, io)
  return { sent, received, sentPaths: resolved(filesOf('--sent', sent).map((file) => file.path)) }
}

/** Throws UserError for a capture that can't be read. */
export async function measurePair({ sent, received }: Pair, match: MatchOptions): Promise<Found> {
  let measured: Measured
  try {
    measured = await matchCaptures(sent, received, match)
  } catch (error) {
    if (error instanceof NothingMatchesError) return { judged: null, problem: error.message }
    throw error
  }
  return { judged: judgeMeasured(measured, USUAL, { worstFlows: 1 }), problem: null }
}

/** Are these files what was sent? */
export function isSent({ sentPaths }: Pair, paths: readonly string[]): boolean {
  return resolved(paths).join('\n') === sentPaths.join('\n')
}

function resolved(paths: readonly string[]): string[] {
  return paths.map((one) => path.resolve(one))
}
