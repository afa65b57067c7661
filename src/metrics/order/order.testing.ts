/**
 * Test support: judges a whole list of arrivals with an OrderTracker, and definition-literal rules beside it.
 */
import { recordOne } from '../arrivals.testing.ts'
import type { RoundTrip } from './loss-rules.ts'
import { type OrderSettings, OrderTracker } from './order.ts'

export interface Verdict {
  readonly number: number
  readonly reordered: boolean
  readonly duplicate: boolean
  readonly extent: number
  readonly lateTimeNs: number
  readonly byteOffsetBytes: number
  readonly overtakers: number
  readonly nDegree: number
  readonly renoLost: boolean
  readonly sackEntered: boolean
  readonly sackLost: boolean
  readonly rackLost: boolean
  readonly quicLost: boolean
  readonly quicTimeLost: boolean
}

/** What is counted over the whole list. */
export interface Sums {
  readonly gaps: readonly [count: number, packets: number, ns: number]
  readonly runs: { readonly x: number; readonly a: number; readonly q: number }
  readonly ipdvNs: readonly [count: number, sum: number, max: number]
  /** The last three are of late packets only. */
  readonly linuxReordering: number
}

export interface Arrivals {
  readonly numbers: readonly number[]
  /** Number of the first packet sent; 1 in the RFCs. */
  readonly first?: number
  /** Sending and arrival time of each arrival; without them arrival i comes at i, sent at its number. */
  readonly sentNs?: readonly number[]
  readonly timesNs?: readonly number[]
  readonly sizeBytes?: (number: number) => number
}

const NOTHING = {
  extent: 0,
  lateTimeNs: 0,
  byteOffsetBytes: 0,
  overtakers: 0,
  nDegree: 0,
  renoLost: false,
  sackEntered: false,
  sackLost: false,
  rackLost: false,
  quicLost: false,
  quicTimeLost: false,
}

/** One verdict per arrival, by the product, and its sums. */
export function judge(
  { numbers, first = 1, sentNs, timesNs, sizeBytes = () => 100 }: Arrivals,
  settings: OrderSettings = {},
): { verdicts: Verdict[]; sums: Sums; tracker: OrderTracker } {
  const tracker = new OrderTracker(1, settings)
  const { lossRules } = tracker
  const verdicts = numbers.map((number, i) => {
    const before = { ...lossRules, duplicates: tracker.duplicates }
    const sumsBefore = lateSums(tracker)
    const sent = sentNs?.[i] ?? number
    const reordered = recordOne(tracker, 0, number - first, sent, timesNs?.[i] ?? i, sizeBytes(number))
    const base = { number, reordered, duplicate: tracker.duplicates > before.duplicates, ...NOTHING }
    if (!reordered) return base
    const late = lateSums(tracker)
    return {
      ...base,
      extent: late.extent - sumsBefore.extent,
      lateTimeNs: late.lateTimeNs - sumsBefore.lateTimeNs,
      byteOffsetBytes: late.byteOffsetBytes - sumsBefore.byteOffsetBytes,
      overtakers: late.overtakers - sumsBefore.overtakers,
      nDegree: late.nDegree - sumsBefore.nDegree,
      renoLost: lossRules.renoLost > before.renoLost,
      sackEntered: lossRules.sackEntered > before.sackEntered,
      sackLost: lossRules.sackLost > before.sackLost,
      rackLost: lossRules.rackLost > before.rackLost,
      quicLost: lossRules.quicLost > before.quicLost,
      quicTimeLost: lossRules.quicTimeLost > before.quicTimeLost,
    }
  })
  tracker.finish()
  const { gaps, freeRuns, ipdvNs } = tracker
  const sums: Sums = {
    gaps: [gaps.count, gaps.packets, gaps.ns],
    runs: { x: freeRuns.x, a: freeRuns.a, q: Number(freeRuns.q) },
    ipdvNs: [ipdvNs.count, ipdvNs.sum, ipdvNs.max],
    linuxReordering: lossRules.linuxReordering,
  }
  return { verdicts, sums, tracker }
}

/** What the late packets so far add up to. */
function lateSums({ extent, lateTimeNs, byteOffsetBytesSum, overtakers, degrees }: OrderTracker) {
  const nDegree = degrees.reduce((sum, packets, degree) => sum + packets * degree, 0)
  return {
    extent: extent.sum,
    lateTimeNs: lateTimeNs.sum,
    byteOffsetBytes: byteOffsetBytesSum,
    overtakers,
    nDegree,
  }
}

/** The definitions word by word, over first copies; quadratic or worse. */
export function judgeLiterally(
  arrivals: Arrivals,
  roundTrip: RoundTrip,
): { verdicts: Verdict[]; sums: Sums } {
  const { numbers, sentNs, timesNs, sizeBytes = () => 100 } = arrivals
  const copies: Array<{ number: number; sentNs: number; ns: number }> = []
  const verdicts = numbers.map((number, position): Verdict => {
    if (copies.some((copy) => copy.number === number))
      return { number, reordered: false, duplicate: true, ...NOTHING }
    const ns = timesNs?.[position] ?? position
    const sent = sentNs?.[position] ?? number
    const before = copies.map((copy) => copy.number)
    const firstGreater = before.findIndex((other) => other > number)
    const greater = before.filter((other) => other > number)
    copies.push({ number, sentNs: sent, ns })
    if (firstGreater < 0) return { number, reordered: false, duplicate: false, ...NOTHING }
    let nDegree = 0
    while (nDegree < before.length && before[before.length - 1 - nDegree]! > number) nDegree++
    const asked = renoAsks(before, number, arrivals.first ?? 1)
    return {
      number,
      reordered: true,
      duplicate: false,
      extent: before.length - firstGreater,
      lateTimeNs: ns - copies[firstGreater]!.ns,
      byteOffsetBytes: greater.reduce((sum, other) => sum + sizeBytes(other), 0),
      overtakers: greater.length,
      nDegree,
      renoLost: asked >= 3,
      sackEntered: asked >= 3 || (asked >= 1 && greater.length >= 3),
      sackLost: greater.length >= 3,
      rackLost: rackMarksAt(copies, arrivals.first ?? 1, roundTrip) !== null,
      quicLost: Math.max(...before) - number >= 3,
      quicTimeLost: quicTimeMarksAt(copies, roundTrip) !== null,
    }
  })
  return { verdicts, sums: sumsLiterally(copies, arrivals.first ?? 1) }
}

/** RFC 5681 3.2: arrivals above `number` while everything below it had arrived and it hadn't. */
function renoAsks(before: readonly number[], number: number, first: number): number {
  let asks = 0
  const received = new Set<number>()
  for (const other of before) {
    received.add(other)
    let isLowest = true
    for (let lower = first; lower < number; lower++) if (!received.has(lower)) isLowest = false
    const becameLowest = other < number
    if (isLowest && !becameLowest) asks++
  }
  return asks
}

interface Copy {
  readonly number: number
  readonly sentNs: number
  readonly ns: number
}

/**
 * RFC 8985 6.2: when the sender marks the last of `copies` lost before its acknowledgement comes, in the time
 * of the sender; null when it doesn't. reo_wnd is 0 while no packet was reordered and three segments are
 * SACKed.
 */
export function rackMarksAt(copies: readonly Copy[], first: number, roundTrip: RoundTrip): number | null {
  const late = copies.at(-1)!
  const numbers = copies.map((copy) => copy.number)
  for (let k = numbers.findIndex((number) => number > late.number); k < copies.length - 1; k++) {
    const known = copies.slice(0, k + 1)
    const highest = known.reduce((most, copy) => (copy.number > most.number ? copy : most))
    const received = new Set(known.map((copy) => copy.number))
    let lowest = first
    while (received.has(lowest)) lowest++
    const sacked = known.filter((copy) => copy.number > lowest).length
    const hasReordered = known.some((copy, i) =>
      known.slice(0, i).some((other) => other.number > copy.number),
    )
    const reorderWindowNs = sacked >= 3 && !hasReordered ? 0 : roundTrip.rttNs / 4
    const deadlineNs = late.sentNs + (highest.ns - highest.sentNs) + reorderWindowNs
    const marksNs = Math.max(copies[k]!.ns, Math.ceil(deadlineNs))
    if (marksNs < copies[k + 1]!.ns || (marksNs === copies[k]!.ns && deadlineNs <= marksNs))
      return marksNs + roundTrip.reverseDelayNs
  }
  return null
}

/** RFC 9002 6.1.2, as above. */
export function quicTimeMarksAt(
  copies: readonly Copy[],
  { rttNs, reverseDelayNs }: RoundTrip,
): number | null {
  const late = copies.at(-1)!
  const numbers = copies.map((copy) => copy.number)
  for (let k = numbers.findIndex((number) => number > late.number); k < copies.length - 1; k++) {
    const highest = copies.slice(0, k + 1).reduce((most, copy) => (copy.number > most.number ? copy : most))
    const latestRttNs = highest.ns - highest.sentNs + reverseDelayNs
    const deadlineNs = late.sentNs + Math.max((9 / 8) * Math.max(rttNs, latestRttNs), 1e6) - reverseDelayNs
    const marksNs = Math.max(copies[k]!.ns, Math.ceil(deadlineNs))
    if (marksNs < copies[k + 1]!.ns || (marksNs === copies[k]!.ns && deadlineNs <= marksNs))
      return marksNs + reverseDelayNs
  }
  return null
}

function sumsLiterally(copies: readonly Copy[], first: number): Sums {
  // RFC 4737 4.5: a discontinuity is an arrival above the next expected; a reordering one has a later arrival
  // below.
  const jumps: Array<{ index: number; ns: number }> = []
  const runs = { x: 0, a: 0, q: 0 }
  let run = 0
  let next = first
  let linuxReordering = 3
  for (const [index, { number, ns }] of copies.entries()) {
    if (number >= next) {
      const isFilled = copies.slice(index + 1).some((later) => later.number >= next && later.number < number)
      if (number > next && isFilled) jumps.push({ index, ns })
      next = number + 1
      run++
      runs.a++
    } else {
      runs.x++
      runs.q += run * run
      run = 0
      linuxReordering = Math.min(300, Math.max(linuxReordering, next - number))
    }
  }
  const gaps = [0, 0, 0] as [number, number, number]
  for (const [i, jump] of jumps.entries()) {
    if (i === 0) continue
    gaps[0]++
    gaps[1] += jump.index - jumps[i - 1]!.index
    gaps[2] += jump.ns - jumps[i - 1]!.ns
  }
  const delayOf = new Map(copies.map((copy) => [copy.number, copy.ns - copy.sentNs]))
  const variations = copies
    .filter((copy) => delayOf.has(copy.number - 1))
    .map((copy) => Math.abs(delayOf.get(copy.number)! - delayOf.get(copy.number - 1)!))
  const sum = variations.reduce((total, value) => total + value, 0)
  return { gaps, runs, ipdvNs: [variations.length, sum, Math.max(0, ...variations)], linuxReordering }
}
