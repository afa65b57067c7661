/**
 * Packets that certainly waited, and what came between the departure that let them start and their own: that
 * is work, whatever the way takes. With n lanes that take packets as they get free, packet i starts no sooner
 * than all but n - 1 of those before it are done; a packet of a flow that is pinned no sooner than the one of
 * its flow before. Either was waited for where it was seen to leave later after the packet's sending than any
 * packet takes that waits for nobody. As numbers about a run they mean something for any policy.
 */

import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { quantile } from './quantile.ts'

const QUANTILES = [0.25, 0.5, 0.75] as const
/** Fewer gaps say nothing. */
const GAPS_MIN = 30

export const WAITING_NUMBERS = 2 * (1 + QUANTILES.length)

/**
 * For n lanes, then within flows: the share of packets that waited, and quantiles of their gaps, NaN of few.
 * @param leastNs what the quickest packets take
 */
export function waitingNumbers(
  run: SentRun,
  receivedNs: Float64Array,
  lanes: number,
  leastNs: number,
): number[] {
  return [
    ...numbersOf(
      gapsBehind(run, receivedNs, () => 0, 1, lanes, leastNs),
      run.count,
    ),
    ...numbersOf(
      gapsBehind(run, receivedNs, (row) => run.flow[row]!, run.flowCount, 1, leastNs),
      run.count,
    ),
  ]
}

function numbersOf(gaps: Float64Array, packets: number): number[] {
  const share = gaps.length / Math.max(1, packets)
  return [share, ...QUANTILES.map((q) => (gaps.length < GAPS_MIN ? Number.NaN : quantile(gaps, q)))]
}

/** Ascending. @param groupOf a packet, whose packets are served by `servers` threads */
function gapsBehind(
  { sentNs, count }: SentRun,
  receivedNs: Float64Array,
  groupOf: (row: number) => number,
  groups: number,
  servers: number,
  leastNs: number,
): Float64Array {
  // Per group the latest departures, as many as it has servers: the earliest of them lets the next one start.
  const latest = new Float64Array(groups * servers).fill(Number.NEGATIVE_INFINITY)
  const gaps: number[] = []
  for (let row = 0; row < count; row++) {
    const outNs = receivedNs[row]!
    if (Number.isNaN(outNs)) continue
    const first = groupOf(row) * servers
    let at = first
    for (let k = first + 1; k < first + servers; k++) if (latest[k]! < latest[at]!) at = k
    const freeNs = latest[at]!
    if (freeNs - sentNs[row]! > leastNs && outNs > freeNs) gaps.push(outNs - freeNs)
    if (outNs > freeNs) latest[at] = outNs
  }
  return Float64Array.from(gaps).sort()
}
