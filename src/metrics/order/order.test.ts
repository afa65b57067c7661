import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { recordOne } from '../arrivals.testing.ts'
import { ReorderBufferDensity } from './buffer-density.ts'
import { WINDOW_NS, WINDOW_PACKETS } from './disorder.ts'
import { ReorderDensity } from './displacement.ts'
import type { RoundTrip } from './loss-rules.ts'
import { type Arrivals, judge as judgeAll, judgeLiterally, type Verdict } from './order.testing.ts'
import { OrderTracker } from './order.ts'

const late = (verdicts: readonly Verdict[]) => verdicts.filter((verdict) => verdict.reordered)
const numbersOf = (verdicts: readonly Verdict[]) => verdicts.map((verdict) => verdict.number)
const byNumber = (
  verdicts: readonly Verdict[],
  field: 'extent' | 'lateTimeNs' | 'nDegree' | 'overtakers' | 'byteOffsetBytes',
) => Object.fromEntries(late(verdicts).map((verdict) => [verdict.number, verdict[field]]))
const judge = (numbers: readonly number[], timesNs?: readonly number[]) =>
  judgeAll({ numbers, ...(timesNs && { timesNs }) }).verdicts

// RFC 4737 section 7: arrivals, arrival times in ms; late packets with their extent, late time and degree.
const tables = [
  {
    name: 'table 1',
    arrivals: [1, 2, 3, 5, 6, 7, 8, 4, 9, 10],
    times: [68, 88, 108, 148, 168, 188, 208, 210, 228, 248],
    extent: { 4: 4 },
    lateTimeNs: { 4: 62 },
    nDegree: { 4: 4 },
  },
  {
    name: 'table 2',
    arrivals: [1, 2, 3, 4, 7, 5, 6, 8, 9, 10],
    times: [68, 88, 108, 128, 188, 189, 190, 208, 228, 248],
    extent: { 5: 1, 6: 2 },
    lateTimeNs: { 5: 1, 6: 2 },
    nDegree: { 5: 1, 6: 0 },
  },
  {
    name: 'table 3',
    arrivals: [1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11],
    times: [68, 88, 108, 188, 208, 228, 248, 250, 252, 256, 268],
    extent: { 4: 4, 5: 5, 6: 6 },
    lateTimeNs: { 4: 62, 5: 64, 6: 68 },
    nDegree: { 4: 4, 5: 0, 6: 0 },
  },
  {
    name: 'table 4 (times are not printed)',
    arrivals: [1, 2, 3, 6, 7, 4, 5, 8, 9, 10, 12, 13, 11, 14, 15, 16],
    times: undefined,
    extent: { 4: 2, 5: 3, 11: 2 },
    lateTimeNs: { 4: 2, 5: 3, 11: 2 },
    nDegree: { 4: 2, 5: 0, 11: 2 },
  },
]

for (const table of tables) {
  test(`RFC 4737 ${table.name} is reproduced`, () => {
    const verdicts = judge(table.arrivals, table.times)
    assert.deepEqual(byNumber(verdicts, 'extent'), table.extent)
    assert.deepEqual(byNumber(verdicts, 'lateTimeNs'), table.lateTimeNs)
    assert.deepEqual(byNumber(verdicts, 'nDegree'), table.nDegree)
  })
}

test('losses alone reorder nothing (RFC 4737 section 6)', () => {
  assert.deepEqual(late(judge([1, 3, 4, 7, 8])), [])
})

test('a duplicate is neither reordered nor counted as an overtaker', () => {
  const verdicts = judge([1, 3, 3, 3, 2, 2])
  assert.deepEqual(numbersOf(late(verdicts)), [2])
  assert.equal(verdicts[4]!.overtakers, 1)
  assert.equal(verdicts.filter((verdict) => verdict.duplicate).length, 3)
})

/** Numbers 1..n, some lost, some twice, shuffled by random displacements. */
const arrivalLists = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 19 })), { maxLength: 60 })
  .map((packets) =>
    packets
      .flatMap(([delay, fate], i) => {
        const copy = { number: i + 1, at: i + delay }
        return fate === 0 ? [] : fate === 1 ? [copy, { number: i + 1, at: i + delay + 5 }] : [copy]
      })
      .toSorted((a, b) => a.at - b.at)
      .map((copy) => copy.number),
  )

const MS = 1e6
const roundTrip: RoundTrip = { rttNs: 64 * MS, reverseDelayNs: 40 * MS }

test('one pass gives what the definitions say, word by word, with losses and duplicates', () => {
  const strict = { rackLost: 0, quicTimeLost: 0, sackEntered: 0, gaps: 0 }
  fc.assert(
    fc.property(arrivalLists, fc.integer({ min: 1, max: 9 }), (numbers, spacing) => {
      const timesNs = numbers.map((_, i) => (40 + Math.floor((i * i) / 7) + i) * MS)
      const sentNs = numbers.map((number) => (number * spacing - 300) * MS)
      const arrivals: Arrivals = { numbers, timesNs, sentNs, sizeBytes: (number) => 100 + (number % 7) }
      const mine = judgeAll(arrivals, { roundTrip })
      const literal = judgeLiterally(arrivals, roundTrip)
      assert.deepEqual(mine.verdicts, literal.verdicts)
      assert.deepEqual(mine.sums, literal.sums)
      for (const verdict of mine.verdicts) {
        if (verdict.rackLost) strict.rackLost++
        if (verdict.quicTimeLost) strict.quicTimeLost++
        if (verdict.sackEntered && !verdict.renoLost) strict.sackEntered++
      }
      strict.gaps += mine.sums.gaps[0]
    }),
    { seed: 4737, numRuns: 10_000 },
  )
  for (const [name, count] of Object.entries(strict))
    assert.ok(count > 100, `${name} happened ${count} times`)
})

test('Reno fast retransmit implies 3-reordered implies SACK loss implies QUIC loss implies reordered', () => {
  let strict = 0
  fc.assert(
    fc.property(arrivalLists, (arrivals) => {
      for (const verdict of judge(arrivals)) {
        if (verdict.renoLost) assert.ok(verdict.nDegree >= 3 && verdict.sackEntered)
        if (verdict.nDegree >= 3 || verdict.sackEntered) assert.ok(verdict.sackLost)
        if (verdict.sackLost) assert.ok(verdict.quicLost)
        if (verdict.quicLost) assert.ok(verdict.reordered)
        if (verdict.quicLost && !verdict.sackLost) strict++
      }
    }),
    { seed: 9002, numRuns: 3000 },
  )
  assert.ok(strict > 100, 'the chain was tested where it is strict')
})

/** Records a packet of 100 bytes that arrives when it is sent. */
const arrive = (tracker: OrderTracker, stream: number, number: number, nowNs = 0) =>
  recordOne(tracker, stream, number, nowNs, nowNs, 100)

test('streams are judged apart, and the worst one is found', () => {
  const tracker = new OrderTracker(1)
  const arrivals = [
    [0, 0],
    [5, 1],
    [0, 1],
    [5, 0],
    [2000, 0],
  ] as const
  const reordered = arrivals.map(([stream, number]) => arrive(tracker, stream, number))
  assert.deepEqual(reordered, [false, false, false, true, false])
  assert.deepEqual(tracker.countStreams(), { streams: 3, reordered: 1, worstRatio: 0.5 })
})

test('a missing number is given up after the window, by packets and by time', () => {
  const byPackets = new OrderTracker(1)
  for (let number = 1; number <= WINDOW_PACKETS + 1; number++) arrive(byPackets, 0, number)
  assert.equal(arrive(byPackets, 0, 0), false)
  assert.deepEqual([byPackets.lateBeyondWindow, byPackets.duplicates], [1, 0])
  assert.equal(arrive(byPackets, 0, 5), false)
  assert.deepEqual([byPackets.lateBeyondWindow, byPackets.duplicates], [1, 1])

  const byTime = new OrderTracker(1)
  arrive(byTime, 0, 1)
  assert.equal(arrive(byTime, 0, 0, WINDOW_NS + 1), false)
  assert.equal(byTime.lateBeyondWindow, 1)

  const inTime = new OrderTracker(1)
  arrive(inTime, 0, 1)
  assert.equal(arrive(inTime, 0, 0, WINDOW_NS), true)
})

test('the packet after one that came beyond the window decides the displacements that waited', () => {
  const tracker = new OrderTracker(1)
  for (const number of [0, 1, 3, 4]) arrive(tracker, 0, number)
  assert.equal(arrive(tracker, 0, 2, WINDOW_NS + 1), false)
  arrive(tracker, 0, 5, WINDOW_NS + 2)
  tracker.settle()
  const decided = tracker.densities.displacements.reduce((sum, packets) => sum + packets, 0)
  assert.deepEqual([tracker.lateBeyondWindow, tracker.received, decided], [1, 5, 5])
})

test('a million losses and late packets keep the list of missing numbers short', () => {
  const tracker = new OrderTracker(1)
  // Of every 10 numbers the 1st is lost and the 2nd comes last.
  for (let base = 0; base < 1e6; base += 10) {
    for (let i = 2; i < 10; i++) arrive(tracker, 0, base + i, base * 1e6)
    arrive(tracker, 0, base + 1, base * 1e6)
  }
  tracker.finish()
  assert.equal(tracker.reordered, 1e5)
  assert.equal(tracker.extent.mean, 8)
  assert.equal(tracker.nReordered(8), 1e5)
  assert.deepEqual([tracker.gaps.count, tracker.gaps.packets], [1e5 - 1, (1e5 - 1) * 9])
})

test('pooled densities of many streams are those of each stream alone, with both variants', () => {
  for (const variant of ['corrected', 'literal'] as const) {
    fc.assert(
      fc.property(fc.array(arrivalLists, { minLength: 1, maxLength: 3 }), (lists) => {
        const densities = { thresholdPackets: 4, variant }
        const pooled = new OrderTracker(1, { densities })
        for (let i = 0; lists.some((list) => i < list.length); i++)
          for (const [stream, list] of lists.entries())
            if (i < list.length) arrive(pooled, stream, list[i]! - 1)
        pooled.finish()
        const displacements = new Float64Array(9)
        const buffered = new Float64Array(5)
        for (const list of lists) {
          const rd = new ReorderDensity(4, {
            counts: displacements,
            variant: variant === 'literal' ? 'literal' : 'resync',
          })
          const rbd = new ReorderBufferDensity(4, {
            counts: buffered,
            variant: variant === 'literal' ? 'literal' : 'fixed',
          })
          for (const number of new Set(list)) {
            rd.record(number - 1)
            rbd.record(number - 1)
          }
          rd.finish()
        }
        assert.deepEqual([...pooled.densities.displacements], [...displacements])
        assert.deepEqual([...pooled.densities.buffered], [...buffered])
      }),
      { seed: 5236, numRuns: 3000 },
    )
  }
})

test('in-order deliveries have displacement 0, whatever is lost and however long the pauses', () => {
  const gaps = fc.record({
    lost: fc.constantFrom(0, 0, 0, 1, 2, 50),
    pauseNs: fc.constantFrom(0, 0, 1e6, 20e9),
  })
  let givenUp = 0
  fc.assert(
    fc.property(
      fc.array(gaps, { minLength: 2, maxLength: 40 }),
      fc.constantFrom(0, 1, 4, 64),
      (steps, dt) => {
        const tracker = new OrderTracker(1, { densities: { thresholdPackets: dt, variant: 'corrected' } })
        let number = 0
        let nowNs = 0
        for (const { lost, pauseNs } of steps) {
          number += lost
          nowNs += pauseNs
          arrive(tracker, 0, number++, nowNs)
        }
        tracker.finish()
        const inOrder = new Float64Array(2 * dt + 1)
        inOrder[dt] = steps.length
        assert.deepEqual(tracker.densities.displacements, inOrder)
        if (steps.some(({ lost }) => lost > 0) && steps.some(({ pauseNs }) => pauseNs > WINDOW_NS)) givenUp++
      },
    ),
    { seed: 36, numRuns: 3000 },
  )
  assert.ok(givenUp > 1000, `${givenUp} streams had a loss and a silence`)
})

test('a silence before packets that are late by few changes no displacement', () => {
  // 2 is lost and given up during the silence; 4 and 5 change places.
  for (const pauseNs of [0, 2 * WINDOW_NS]) {
    const tracker = new OrderTracker(1, { densities: { thresholdPackets: 4, variant: 'corrected' } })
    for (const number of [0, 1, 3]) arrive(tracker, 0, number)
    for (const number of [5, 4, 6, 7]) arrive(tracker, 0, number, pauseNs)
    tracker.finish()
    assert.deepEqual([...tracker.densities.displacements], [0, 0, 0, 1, 5, 1, 0, 0, 0])
  }
})
