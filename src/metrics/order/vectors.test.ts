/**
 * Worked vectors of the RFCs and of sources (../shared/metrics/vectors.json): every field of every kind that
 * OrderTracker and Delays answer.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSharedJson, skipWithout } from '../../shared.testing.ts'
import { recordDelay } from '../arrivals.testing.ts'
import { OwpingCounter } from '../counters/owping.ts'
import { Delays } from '../delay/delays.ts'
import { judge, quicTimeMarksAt, rackMarksAt, type Verdict } from './order.testing.ts'

interface Vector {
  readonly id: string
  readonly kind: string
  readonly input: {
    readonly arrivals: number[]
    readonly srcTime?: number[]
    readonly dstTime?: number[]
    readonly payload?: number | number[]
    readonly firstExpected?: number | null
    readonly reverseDelay?: number
    readonly srtt?: number
    readonly smoothedRtt?: number
    readonly X?: number
    readonly delaySourceOrder?: Array<number | null>
    readonly dupThresh?: number
  }
  readonly expected: Record<string, unknown>
}

const MS = 1e6
const skip = skipWithout('metrics/vectors.json')
const vectors = skip ? [] : readSharedJson<{ vectors: Vector[] }>('metrics/vectors.json').vectors
const ofKinds = (...kinds: string[]) => vectors.filter(({ kind }) => kinds.includes(kind))
const inMs = (times: readonly number[] | undefined) => times && { timesNs: times.map((ms) => ms * MS) }

/** Compares the named fields of a vector, and fails for one that isn't among the answers. */
function check({ id, expected }: Vector, answers: Record<string, () => unknown>): void {
  for (const [name, value] of Object.entries(expected)) {
    assert.ok(name in answers, `${id}: nothing answers ${name}`)
    assert.deepEqual(answers[name]!(), value, `${id} ${name}`)
  }
}

function answersOf({ input }: Vector): Record<string, () => unknown> {
  const { arrivals, srcTime, dstTime, payload = 100 } = input
  const first = 1
  const numbers = arrivals
  const sent = srcTime && { sentNs: srcTime.map((ms) => ms * MS) }
  const given = {
    numbers,
    first,
    sizeBytes: (number: number) =>
      typeof payload === 'number' ? payload : payload[numbers.indexOf(number)]!,
    ...sent,
    ...inMs(dstTime),
  }
  const { verdicts, sums, tracker } = judge(given)
  const copies = verdicts.filter(({ duplicate }) => !duplicate)
  const late = copies.filter(({ reordered }) => reordered)
  const map = (value: (verdict: Verdict) => number) =>
    Object.fromEntries(late.map((verdict) => [verdict.number, value(verdict)]))
  // RFC 4737 3.3: with no start value given, the first arrival opens no discontinuity.
  const start = input.firstExpected === undefined ? first : input.firstExpected
  const expectedBefore: Array<number | null> = []
  const sizes: Record<string, number> = {}
  let next: number | null = start
  for (const { number } of copies) {
    expectedBefore.push(next)
    if (next !== null && number > next) sizes[number] = number - next
    next = Math.max(next ?? 0, number + 1)
  }
  const jumpOf = (verdict: Verdict) => copies[copies.indexOf(verdict) - verdict.extent]!
  const jumps = [...new Set(late.map(jumpOf))].toSorted((a, b) => copies.indexOf(a) - copies.indexOf(b))
  const timeOf = (verdict: Verdict) => dstTime![verdicts.indexOf(verdict)]!
  const gaps = (value: (jump: Verdict, before: Verdict) => number) =>
    Object.fromEntries(jumps.slice(1).map((jump, i) => [jump.number, value(jump, jumps[i]!)]))
  const lengths: number[] = []
  const runAfter: number[] = []
  let run = 0
  for (const { reordered } of copies) {
    if (reordered) lengths.push(run)
    run = reordered ? 0 : run + 1
    runAfter.push(run)
  }
  const { x, a, q } = sums.runs
  const gapAt = gaps((jump, before) => copies.indexOf(jump) - copies.indexOf(before))
  const gapSum = Object.values(gapAt).reduce((sum, gap) => sum + gap, 0)
  assert.deepEqual([Object.keys(gapAt).length, gapSum], sums.gaps.slice(0, 2), 'gaps one by one, and summed')
  assert.equal(next, tracker.nextExpected(0) + first, 'NextExp at the end')
  const owping = new OwpingCounter()
  for (const number of arrivals) owping.record(number)
  const degrees = Array.from({ length: 256 }, (_, n) => tracker.nReordered(n + 1))
  return {
    nextExpBefore: () => expectedBefore,
    delay: () => arrivals.map((_, i) => dstTime![i]! - srcTime![i]!),
    ipdvArrivalRow: () => ipdvInArrivalOrder(arrivals, srcTime!, dstTime!),
    reordered: () => late.map(({ number }) => number),
    reorderedCount: () => tracker.reordered,
    receivedUnique: () => tracker.received,
    duplicates: () => tracker.duplicates,
    ratio: () => ratioOf(tracker.reordered, tracker.received),
    discontinuitySizes: () => sizes,
    extent: () => map(({ extent }) => extent),
    extentHistogram: () => {
      const counts: Record<string, number> = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0 }
      for (const [low, , count] of tracker.extent.table(1024)) counts[low] = count
      return counts
    },
    byteOffset: () => map(({ byteOffsetBytes }) => byteOffsetBytes),
    lateTime: () => map(({ lateTimeNs }) => lateTimeNs / MS),
    maxN: () => map(({ nDegree }) => nDegree),
    inversionsLate: () => map(({ overtakers }) => overtakers),
    reorderingDiscontinuities: () => jumps.map(({ number }) => number),
    gap: () => gapAt,
    gapTime: () => gaps((jump, before) => timeOf(jump) - timeOf(before)),
    gapOnline: () => {
      const { detected, detectedPackets } = tracker.gaps
      const online = detectedOnline(copies, jumpOf)
      const packets = Object.values(online).reduce((sum, gap) => sum + gap, 0)
      assert.deepEqual([Object.keys(online).length, packets], [detected, detectedPackets])
      return online
    },
    runs: () => ({ x, a, p: tracker.received, q }),
    runCounterAfter: () => runAfter,
    runLengths: () => lengths,
    runTrailing: () => a - lengths.reduce((sum, length) => sum + length, 0),
    nReorderingRaw: () => ({ l: arrivals.length, m: untilZero([...owping.counts.slice(1)]) }),
    nReorderingDedup: () => ({
      l: tracker.received,
      m: untilZero(degrees),
      perArrival: copies.map(({ nDegree }) => nDegree),
    }),
  }
}

const untilZero = (counts: number[]) =>
  counts.slice(0, counts.indexOf(0) < 0 ? counts.length : counts.indexOf(0))

function ratioOf(count: number, of: number): unknown {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  const common = divisor(count, of) || 1
  return { num: count / common, den: of / common || 1, value: of === 0 ? 0 : count / of }
}

/**
 * Each packet's delay minus that of the packet sent before it, told by one-packet-at-a-time sums of the
 * tracker.
 */
function ipdvInArrivalOrder(arrivals: number[], srcTime: number[], dstTime: number[]): Array<number | null> {
  const delay = new Map(arrivals.map((number, i) => [number, dstTime[i]! - srcTime[i]!]))
  const signed = arrivals.map((number) =>
    delay.has(number - 1) ? delay.get(number)! - delay.get(number - 1)! : null,
  )
  const { tracker } = judge({
    numbers: arrivals,
    sentNs: srcTime.map((ms) => ms * MS),
    timesNs: dstTime.map((ms) => ms * MS),
  })
  const known = signed.filter((value) => value !== null)
  assert.equal(tracker.ipdvNs.count, known.length)
  assert.equal(
    tracker.ipdvNs.sum,
    known.reduce((sum, value) => sum + Math.abs(value) * MS, 0),
  )
  return signed
}

/** RFC 4737 4.5.4 to the letter: a gap counts where the discontinuity before was recognised before. */
function detectedOnline(
  copies: readonly Verdict[],
  jumpOf: (late: Verdict) => Verdict,
): Record<string, number> {
  const detected: Verdict[] = []
  for (const verdict of copies) {
    const jump = verdict.reordered ? jumpOf(verdict) : undefined
    if (jump !== undefined && !detected.includes(jump)) detected.push(jump)
  }
  const inOrder = detected.toSorted((a, b) => copies.indexOf(a) - copies.indexOf(b))
  const gaps: Record<string, number> = {}
  for (const [i, jump] of inOrder.slice(1).entries()) {
    const before = inOrder[i]!
    if (detected.indexOf(before) < detected.indexOf(jump))
      gaps[jump.number] = copies.indexOf(jump) - copies.indexOf(before)
  }
  return gaps
}

test('all RFC 4737 vectors hold, every field', { skip }, () => {
  const cases = ofKinds('rfc4737', 'rfc4737-full')
  for (const vector of cases) check(vector, answersOf(vector))
  assert.equal(cases.length, 32)
})

test('all run vectors hold (RFC 4737 4.6.4)', { skip }, () => {
  const cases = ofKinds('runs')
  for (const vector of cases) {
    const { tracker } = judge({ numbers: vector.input.arrivals })
    const { x, a, q, mean, meanSeen } = tracker.freeRuns
    check(vector, {
      p: () => tracker.received,
      x: () => x,
      a: () => a,
      q: () => Number(q),
      avg: () => mean,
      q_over_a: () => Number(meanSeen!.toFixed(2)),
      ratio: () => Number((meanSeen! / mean!).toFixed(2)),
    })
  }
  assert.equal(cases.length, 2)
})

test('all transport vectors hold, every rule', { skip }, () => {
  const cases = ofKinds('transport-count')
  for (const vector of cases) {
    const { verdicts } = judge({ numbers: vector.input.arrivals })
    const those = (has: (verdict: Verdict) => boolean) => () =>
      verdicts
        .filter(has)
        .map(({ number }) => number)
        .toSorted((a, b) => a - b)
    check(vector, {
      reordered: those(({ reordered }) => reordered),
      n_reordered_ge: those(({ nDegree }) => nDegree >= vector.input.dupThresh!),
      reno_dupack_fr: those(({ renoLost }) => renoLost),
      rfc6675_trigger: those(({ sackEntered }) => sackEntered),
      rfc6675_islost: those(({ sackLost }) => sackLost),
      quic_pkt_threshold: those(({ quicLost }) => quicLost),
    })
  }
  assert.equal(cases.length, 8)
})

test('RACK and the QUIC time threshold declare lost what the vectors say, at those times', { skip }, () => {
  const cases = ofKinds('rack', 'quic')
  for (const { id, kind, input, expected } of cases) {
    const { arrivals, srcTime, dstTime, reverseDelay, srtt, smoothedRtt } = input
    const roundTrip = { rttNs: (srtt ?? smoothedRtt)! * MS, reverseDelayNs: reverseDelay! * MS }
    const sentNs = srcTime!.map((ms) => ms * MS)
    const timesNs = dstTime!.map((ms) => ms * MS)
    const { verdicts } = judge({ numbers: arrivals, sentNs, timesNs }, { roundTrip })
    const copies = arrivals.map((number, i) => ({ number, sentNs: sentNs[i]!, ns: timesNs[i]! }))
    const marked: Record<string, unknown> = {}
    for (const [i, { number, reordered, rackLost, quicTimeLost, quicLost }] of verdicts.entries()) {
      if (!(reordered && (kind === 'rack' ? rackLost : quicTimeLost || quicLost))) continue
      const known = copies.slice(0, i + 1)
      const atMs =
        (kind === 'rack' ? rackMarksAt(known, 1, roundTrip) : quicTimeMarksAt(known, roundTrip))! / MS
      marked[number] = kind === 'rack' ? atMs : [atMs, 'time']
    }
    assert.deepEqual(marked, expected.markedLostAt, id)
  }
  assert.equal(cases.length, 4)
})

test('all play-out vectors hold, by delay variation and by late time', { skip }, () => {
  const cases = ofKinds('playout')
  for (const vector of cases) {
    const { arrivals, srcTime, dstTime, X } = vector.input
    const depthNs = X! * MS
    const delays = new Delays(1, [depthNs])
    const delayNs = arrivals.map((_, i) => (dstTime![i]! - srcTime![i]!) * MS)
    for (const ns of delayNs) recordDelay(delays, ns, true)
    const { verdicts } = judge({ numbers: arrivals, ...inMs(dstTime) })
    check(vector, {
      dropPdv: () => {
        const late = arrivals.filter((_, i) => delayNs[i]! - delays.smallestNs(0) > depthNs)
        assert.deepEqual(delays.playoutLate(), [late.length])
        return late
      },
      dropLateTime: () =>
        verdicts.filter(({ lateTimeNs }) => lateTimeNs > depthNs).map(({ number }) => number),
    })
  }
  assert.equal(cases.length, 24)
})

test('all delay variation vectors hold (RFC 3393, RFC 5481)', { skip }, () => {
  const cases = ofKinds('delay-variation')
  for (const vector of cases) {
    const given = vector.input.delaySourceOrder!
    const numbers = given.flatMap((ms, i) => (ms === null ? [] : [i]))
    const delays = new Delays(1, [])
    const ipdv: Array<number | null> = given.map(() => null)
    let sum = 0
    for (const [i, number] of numbers.entries()) {
      recordDelay(delays, given[number]! * MS, true)
      const soFar = numbers.slice(0, i + 1)
      const sentNs = soFar.map((packet) => packet * 1000 * MS)
      const timesNs = soFar.map((packet) => (packet * 1000 + given[packet]!) * MS)
      const { ipdvNs } = judge({ numbers: soFar, first: 0, sentNs, timesNs }).tracker
      if (ipdvNs.count > ipdv.filter((value) => value !== null).length)
        ipdv[number] = ((ipdvNs.sum - sum) / MS) * Math.sign(given[number]! - given[number - 1]! || 1)
      sum = ipdvNs.sum
    }
    check(vector, {
      ipdv: () => ipdv,
      pdv: () => given.map((ms) => (ms === null ? null : ms - delays.smallestNs(0) / MS)),
    })
    const largest = Math.max(...given.map((ms) => (ms === null ? 0 : ms - delays.smallestNs(0) / MS)))
    assert.equal(delays.variationNs().max, largest * MS)
  }
  assert.equal(cases.length, 7)
})
