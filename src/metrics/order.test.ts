import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readSharedJson, skipWithout } from '../shared.testing.ts'
import { judge, judgeLiterally, renoRetransmitted, type Verdict } from './order.testing.ts'
import { OrderTracker, Transport, WINDOW_NS, WINDOW_PACKETS } from './order.ts'

const late = (verdicts: readonly Verdict[]) => verdicts.filter((verdict) => verdict.reordered)
const numbers = (verdicts: readonly Verdict[]) => verdicts.map((verdict) => verdict.number)
const byNumber = (verdicts: readonly Verdict[], field: 'extent' | 'lateTimeNs' | 'nDegree') =>
  Object.fromEntries(late(verdicts).map((verdict) => [verdict.number, verdict[field]]))

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
    const verdicts = judge(table.arrivals, 1, table.times)
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
  assert.deepEqual(numbers(late(verdicts)), [2])
  assert.equal(verdicts[4]!.overtakers, 1)
  assert.equal(verdicts.filter((verdict) => verdict.duplicate).length, 3)
})

interface Vector {
  readonly id: string
  readonly kind: string
  readonly input: { arrivals: number[]; dstTime?: number[]; firstExpected?: number | null }
  readonly expected: Record<string, unknown>
}
const skip = skipWithout('metrics/vectors.json')
const vectors = skip ? [] : readSharedJson<{ vectors: Vector[] }>('metrics/vectors.json').vectors

test('all RFC 4737 vectors of ../shared hold', { skip }, () => {
  let checked = 0
  for (const { id, kind, input, expected } of vectors) {
    if (kind !== 'rfc4737' && kind !== 'rfc4737-full') continue
    // An undefined start value only changes discontinuity sizes; 1 is the lowest number sent.
    const verdicts = judge(input.arrivals, 1, input.dstTime)
    const expect = (name: string, actual: unknown) => {
      if (name in expected) assert.deepEqual(actual, expected[name], `${id} ${name}`)
    }
    expect('reordered', numbers(late(verdicts)))
    expect('extent', byNumber(verdicts, 'extent'))
    if (input.dstTime !== undefined) expect('lateTime', byNumber(verdicts, 'lateTimeNs'))
    if (kind === 'rfc4737') expect('maxN', byNumber(verdicts, 'nDegree'))
    expect('duplicates', verdicts.filter((verdict) => verdict.duplicate).length)
    expect(
      'inversionsLate',
      Object.fromEntries(late(verdicts).map((verdict) => [verdict.number, verdict.overtakers])),
    )
    const deduplicated = (expected.nReorderingDedup as { perArrival?: number[] } | undefined)?.perArrival
    if (deduplicated !== undefined) {
      const firstCopies = verdicts.filter((verdict) => !verdict.duplicate)
      assert.deepEqual(
        firstCopies.map((verdict) => verdict.nDegree),
        deduplicated,
        `${id} nReorderingDedup`,
      )
    }
    checked++
  }
  assert.equal(checked, 32)
})

test('all transport vectors of ../shared hold', { skip }, () => {
  let checked = 0
  for (const { id, kind, input, expected } of vectors) {
    if (kind !== 'transport-count') continue
    const verdicts = judge(input.arrivals)
    const sorted = (list: readonly number[]) => list.toSorted((a, b) => a - b)
    const those = (has: (verdict: Verdict) => boolean) => sorted(numbers(verdicts.filter(has)))
    assert.deepEqual(
      those((verdict) => verdict.reordered),
      expected.reordered,
      id,
    )
    assert.deepEqual(
      those((verdict) => verdict.nDegree >= 3),
      expected.n_reordered_ge,
      id,
    )
    assert.deepEqual(
      those((verdict) => verdict.sackLost),
      expected.rfc6675_islost,
      id,
    )
    assert.deepEqual(
      those((verdict) => verdict.quicLost),
      expected.quic_pkt_threshold,
      id,
    )
    assert.deepEqual(sorted([...renoRetransmitted(input.arrivals)]), expected.reno_dupack_fr, id)
    checked++
  }
  assert.equal(checked, 8)
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

test('one pass gives what the definitions say, word by word, with losses and duplicates', () => {
  fc.assert(
    fc.property(arrivalLists, (arrivals) => {
      const times = arrivals.map((_, i) => i * i)
      assert.deepEqual(judge(arrivals, 1, times), judgeLiterally(arrivals, times))
    }),
    { seed: 4737, numRuns: 3000 },
  )
})

test('Reno fast retransmit implies 3-reordered implies SACK loss implies QUIC loss implies reordered', () => {
  let strict = 0
  fc.assert(
    fc.property(arrivalLists, (arrivals) => {
      const firstCopies = arrivals.filter((number, i) => arrivals.indexOf(number) === i)
      const reno = renoRetransmitted(firstCopies)
      for (const verdict of judge(firstCopies)) {
        if (reno.has(verdict.number)) assert.ok(verdict.nDegree >= 3)
        if (verdict.nDegree >= 3) assert.ok(verdict.sackLost)
        if (verdict.sackLost) assert.ok(verdict.quicLost)
        if (verdict.quicLost) assert.ok(verdict.reordered)
        if (verdict.quicLost && !verdict.sackLost) strict++
      }
    }),
    { seed: 9002, numRuns: 3000 },
  )
  assert.ok(strict > 100, 'the chain was tested where it is strict')
})

test('streams are judged apart, and the worst one is found', () => {
  const tracker = new OrderTracker(1)
  const arrivals: Array<[stream: number, number: number]> = [
    [0, 0],
    [5, 1],
    [0, 1],
    [5, 0],
    [2000, 0],
  ]
  const reordered = arrivals.map(([stream, number]) =>
    tracker.record(stream, number, 0, true, Transport.none),
  )
  assert.deepEqual(reordered, [false, false, false, true, false])
  assert.deepEqual(tracker.countStreams(), { streams: 3, reordered: 1, worstRatio: 0.5 })
})

test('a segment without payload is no overtaker for SACK, and is not judged', () => {
  const tracker = new OrderTracker(1)
  for (const number of [1, 2, 3]) tracker.record(0, number, 0, false, Transport.none)
  tracker.record(0, 0, 0, true, Transport.tcp)
  assert.equal(tracker.late.overtakers, 3)
  assert.equal(tracker.late.dataOvertakers, 0)
  assert.deepEqual([tracker.sackLost, tracker.sackJudged], [0, 1])
})

test('a missing number is given up after the window, by packets and by time', () => {
  const byPackets = new OrderTracker(1)
  for (let number = 1; number <= WINDOW_PACKETS + 1; number++) byPackets.record(0, number, 0, true, 0)
  assert.equal(byPackets.record(0, 0, 0, true, 0), false)
  assert.equal(byPackets.repeated, 1)

  const byTime = new OrderTracker(1)
  byTime.record(0, 1, 0, true, 0)
  assert.equal(byTime.record(0, 0, WINDOW_NS + 1, true, 0), false)
  assert.equal(byTime.repeated, 1)

  const inTime = new OrderTracker(1)
  inTime.record(0, 1, 0, true, 0)
  assert.equal(inTime.record(0, 0, WINDOW_NS, true, 0), true)
})

test('a million losses and late packets keep the list of missing numbers short', () => {
  const tracker = new OrderTracker(1)
  // Of every 10 numbers the 1st is lost and the 2nd comes last.
  for (let base = 0; base < 1e6; base += 10) {
    for (let i = 2; i < 10; i++) tracker.record(0, base + i, base * 1e6, true, 0)
    tracker.record(0, base + 1, base * 1e6, true, 0)
  }
  assert.equal(tracker.reordered, 1e5)
  assert.equal(tracker.extent.mean, 8)
  assert.equal(tracker.nReordered[8], 1e5)
})
