/**
 * Times a step on packets of several sizes in turn, so that whatever the machine does meanwhile meets all
 * sizes alike. What reading the clock takes is taken off. The first times, before the code is compiled and
 * caches are warm, don't count. Lets signals in between.
 */
import { setImmediate } from 'node:timers/promises'
import { type RunClock, runClock } from '../threads/pause.ts'
import type { SizedTimes } from './cost.ts'
import { quantileOf } from './quantiles.ts'

/** IP packets: acknowledgements, voice, what lies between, a full tunnel. */
export const SIZES_BYTES = [64, 128, 256, 512, 1024, 1500] as const
/** Of the time, for warming up. */
const WARM_UP_SHARE = 0.2
const PIECE_NS = 5e6
/** More say nothing more. */
const TIMES_MAX = 20_000
const CLOCK_READINGS = 1000

/**
 * @param step does it to a packet of that size
 * @param lengthNs how long it may take; every size has a time at least
 * @throws the signal's reason
 */
export async function timed(
  step: (sizeBytes: number) => void,
  lengthNs: number,
  clock: RunClock,
  signal: AbortSignal,
): Promise<SizedTimes[]> {
  const now = runClock(clock)
  const clockNs = clockCostNs(now)
  const times = SIZES_BYTES.map(() => new Float64Array(TIMES_MAX))
  const begunNs = now()
  const [warmNs, endNs] = [begunNs + WARM_UP_SHARE * lengthNs, begunNs + lengthNs]
  let count = 0
  let pieceEndNs = begunNs + PIECE_NS
  while (count < TIMES_MAX) {
    for (const [i, sizeBytes] of SIZES_BYTES.entries()) {
      const beforeNs = now()
      step(sizeBytes)
      times[i]![count] = Math.max(0, now() - beforeNs - clockNs)
    }
    const nowNs = now()
    if (nowNs >= warmNs) count++
    if (nowNs >= endNs && count > 0) break
    if (nowNs < pieceEndNs) continue
    await setImmediate()
    signal.throwIfAborted()
    pieceEndNs = now() + PIECE_NS
  }
  return SIZES_BYTES.map((sizeBytes, i) => ({ sizeBytes, timesNs: times[i]!.slice(0, count) }))
}

function clockCostNs(now: () => number): number {
  const costs = Float64Array.from({ length: CLOCK_READINGS }, () => {
    const beforeNs = now()
    return now() - beforeNs
  })
  return quantileOf(costs.sort(), 0.5)
}
