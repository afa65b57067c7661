/** Parts of a run, by time of sending. */
import type { SentRun } from '../traffic/arrivals/sent-run.ts'

/** The packets that entered from `fromNs` on and before `toNs`, with their times as they were. */
export function partOf(run: SentRun, fromNs: number, toNs: number): SentRun {
  const from = firstAtOrAfter(run.sentNs, fromNs)
  const to = firstAtOrAfter(run.sentNs, toNs)
  return {
    ...run,
    count: to - from,
    sentNs: run.sentNs.slice(from, to),
    receivedNs: run.receivedNs.slice(from, to),
    sizeBytes: run.sizeBytes.slice(from, to),
    flow: run.flow.slice(from, to),
  }
}

/** Index of the first of ascending values that is at least `value`; their number if none is. */
export function firstAtOrAfter(values: Float64Array, value: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (values[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
