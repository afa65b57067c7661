/**
 * Packets sorted by how much was sent right before them: what tells work, which packets wait for each other
 * to get, from delay on the way, which they don't. Bins hang on the times of sending alone, so that a run and
 * its simulations have the same ones.
 */
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { firstAtOrAfter } from './run-parts.ts'

/** Packets in a window up to which a bin goes, the last one without end. */
const UPPER_COUNTS = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55] as const
/** A bin needs so many packets to say something. */
const BIN_PACKETS_MIN = 60
/** Windows hold so many packets on average. */
const MEAN_COUNT_MIN = 0.15
const MEAN_COUNT_MAX = 12
const WINDOWS_MAX = 5

/** A set of packets of a run, by row. */
export interface Bin {
  readonly label: string
  readonly rows: Int32Array
}

/** Bins of packets with so many of all packets, or of their flow, in windows before them. */
export function loadBins(run: SentRun): Bin[] {
  const windows = windowsNs(run)
  const bins = windows.flatMap((windowNs) => binsOf(`all ${windowNs}`, countsBefore(run, windowNs, false)))
  if (run.flowCount === 1) return bins
  const own = windows.flatMap((windowNs) => binsOf(`flow ${windowNs}`, countsBefore(run, windowNs, true)))
  return [...bins, ...own]
}

/** Rows of packets before which nothing was sent for the longest, a share of all, in order of sending. */
export function loneliest(run: SentRun, share: number): Int32Array {
  const { sentNs, count } = run
  const gaps = Float64Array.from({ length: count }, (_, i) =>
    i === 0 ? Number.POSITIVE_INFINITY : sentNs[i]! - sentNs[i - 1]!,
  )
  const threshold = gaps.toSorted()[Math.floor((1 - share) * (count - 1))] ?? 0
  return Int32Array.from([...gaps.keys()].filter((i) => gaps[i]! >= threshold))
}

/** From a microsecond on, in steps of about three, those that are neither empty nor full of packets. */
function windowsNs({ sentNs, count }: SentRun): number[] {
  const spanNs = Math.max(1, sentNs[count - 1]! - sentNs[0]!)
  const all: number[] = []
  for (let windowNs = 1000; windowNs < spanNs; windowNs *= all.length % 2 === 0 ? 3 : 10 / 3) {
    all.push(Math.round(windowNs))
  }
  const fitting = all.filter((windowNs) => {
    const mean = (count * windowNs) / spanNs
    return mean >= MEAN_COUNT_MIN && mean <= MEAN_COUNT_MAX
  })
  return fitting.slice(0, WINDOWS_MAX)
}

function countsBefore({ sentNs, flow, count, flowCount }: SentRun, windowNs: number, own: boolean) {
  const counts = new Int32Array(count)
  if (!own) {
    for (let i = 0; i < count; i++) {
      counts[i] = i - Math.min(i, firstAtOrAfter(sentNs, sentNs[i]! - windowNs))
    }
    return counts
  }
  const times: number[][] = Array.from({ length: flowCount }, () => [])
  const first = new Int32Array(flowCount)
  for (let i = 0; i < count; i++) {
    const mine = times[flow[i]!]!
    let from = first[flow[i]!]!
    while (from < mine.length && mine[from]! < sentNs[i]! - windowNs) from++
    first[flow[i]!] = from
    counts[i] = mine.length - from
    mine.push(sentNs[i]!)
  }
  return counts
}

function binsOf(label: string, counts: Int32Array): Bin[] {
  const rows: number[][] = [...UPPER_COUNTS, Number.POSITIVE_INFINITY].map(() => [])
  for (let i = 0; i < counts.length; i++) {
    const at = UPPER_COUNTS.findIndex((upper) => counts[i]! <= upper)
    rows[at === -1 ? UPPER_COUNTS.length : at]!.push(i)
  }
  return rows.flatMap((list, i) =>
    list.length < BIN_PACKETS_MIN ? [] : [{ label: `${label} ${i}`, rows: Int32Array.from(list) }],
  )
}
