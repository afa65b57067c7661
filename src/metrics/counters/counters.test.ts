import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { streams } from '../order/rfc5236.testing.ts'
import { skipWithoutVectors, vectorsOf } from '../order/vectors.testing.ts'
import { Iperf3Counter } from './iperf3.ts'
import { LinuxCounter } from './linux.ts'
import { OwpingCounter } from './owping.ts'
import { PschedulerCounter } from './pscheduler.ts'
import { TcptraceCounter } from './tcptrace.ts'

interface Counter {
  record(number: number): void
}

/** Arrivals are numbered from 1, as in the RFCs. */
function feed<C extends Counter>(counter: C, arrivals: readonly number[]): C {
  for (const number of arrivals) counter.record(number - 1)
  return counter
}
const firstCopies = (arrivals: readonly number[]) =>
  arrivals.filter((number, i) => arrivals.indexOf(number) === i)
/** First copies that a greater number overtook (RFC 4737 3.3). */
const overtaken = (arrivals: readonly number[]) =>
  firstCopies(arrivals).filter((number, i, all) => number < Math.max(0, ...all.slice(0, i)))

test('all vectors of the named programs hold', { skip: skipWithoutVectors }, () => {
  const programs: Record<string, (arrivals: number[], input: Record<string, number>) => unknown> = {
    iperf3: (arrivals) => {
      const { packetCount, lost, outOfOrder } = feed(new Iperf3Counter(), arrivals)
      return { packet_count: packetCount, lost, out_of_order: outOfOrder }
    },
    owping: (arrivals) => {
      const counter = feed(new OwpingCounter(), arrivals)
      const counts = [...counter.counts.subarray(1, counter.counts.indexOf(0, 1))]
      assert.deepEqual(
        counter.ratios,
        counts.map((count) => count / counter.arrivals),
      )
      return { counts, l: counter.arrivals }
    },
    pscheduler: (arrivals) => {
      const { reordered, duplicated } = feed(new PschedulerCounter(), arrivals)
      return { packets_reordered: reordered, packets_duplicated: duplicated }
    },
    tcptrace: (arrivals) => {
      const { outOfOrder, retransmitted } = feed(new TcptraceCounter(), arrivals)
      return { outOfOrder, rexmtPkts: retransmitted }
    },
    linux: (arrivals, { initial, max }) => {
      const options = { initialSegments: initial!, maxSegments: max! }
      const { reorderingSegments, sackReorder } = feed(new LinuxCounter(options), arrivals)
      return { reordering: reorderingSegments, TCPSACKReorder: sackReorder }
    },
  }
  const checked = Object.entries(programs).map(([kind, count]) => {
    const all = vectorsOf<{ arrivals: number[] }>(kind)
    for (const { id, input, expected } of all) {
      assert.deepEqual(count(input.arrivals, input as unknown as Record<string, number>), expected, id)
    }
    return [kind, all.length]
  })
  assert.deepEqual(Object.fromEntries(checked), {
    iperf3: 14,
    owping: 12,
    pscheduler: 12,
    tcptrace: 9,
    linux: 10,
  })
})

/** RFC 4737 appendix A, example 1, line by line: m and l. */
function appendixA(arrivals: readonly number[]) {
  const MAXN = 100
  const m = new Array<number>(MAXN).fill(0)
  const ring = new Array<number>(MAXN).fill(0)
  const loop = (x: number) => (x >= 0 ? x : x + MAXN)
  let r = 0
  let l = 0
  for (const s of arrivals) {
    for (let j = 0; j < Math.min(l, MAXN) && s < ring[loop(r - j - 1)]!; j++) m[j]!++
    ring[r] = s
    l++
    r = (r + 1) % MAXN
  }
  return { m, l }
}

test('the ring of RFC 4737 appendix A prints m/(l-n), from the same counts as owping', {
  skip: skipWithoutVectors,
}, () => {
  const all = vectorsOf('appendixA')
  for (const { id, input, expected } of all) {
    const { m, l } = appendixA(input.arrivals)
    const counter = feed(new OwpingCounter(), input.arrivals)
    for (const [counts, arrivals] of [
      [m, l],
      [[...counter.counts.subarray(1)], counter.arrivals],
    ] as const) {
      const degrees = counts.slice(0, counts.indexOf(0))
      const denominators = degrees.map((_, j) => arrivals - j - 1)
      const percent = degrees.map((count, j) => ((100 * count) / denominators[j]!).toFixed(6))
      assert.deepEqual({ percent, denominators }, expected, id)
    }
  }
  assert.equal(all.length, 1)
})

test('example 2 of appendix A counts singletons and 1-reordering only', { skip: skipWithoutVectors }, () => {
  const all = vectorsOf('jpboth')
  for (const { id, input, expected } of all) {
    let nextExpected = 1
    let previous = 0
    const counts = { received: 0, singletonReordered: 0, nReordered: 0 }
    for (const number of input.arrivals) {
      counts.received++
      if (number >= nextExpected) nextExpected = number + 1
      else counts.singletonReordered++
      if (number < previous) counts.nReordered++
      previous = number
    }
    assert.deepEqual(counts, expected, id)
    const owping = feed(new OwpingCounter(), input.arrivals)
    const tcptrace = feed(new TcptraceCounter(), input.arrivals)
    const ours = {
      received: owping.arrivals,
      singletonReordered: tcptrace.outOfOrder,
      nReordered: owping.counts[1],
    }
    assert.deepEqual(ours, expected, id)
  }
  assert.equal(all.length, 1)
})

test('iperf3 counts what its definition says: every arrival below the greatest, one loss taken back for each', () => {
  fc.assert(
    fc.property(streams, (arrivals) => {
      const greatest = (end: number) => Math.max(0, ...arrivals.slice(0, end))
      const late = arrivals.filter((number, i) => number <= greatest(i))
      let lost = 0
      for (const [i, number] of arrivals.entries()) {
        const before = greatest(i)
        lost = number > before ? lost + number - before - 1 : Math.max(0, lost - 1)
      }
      const counter = feed(new Iperf3Counter(), arrivals)
      assert.deepEqual(
        { ...counter },
        { packetCount: greatest(arrivals.length), lost, outOfOrder: late.length },
      )
    }),
    { seed: 3, numRuns: 1000 },
  )
})

test('owping counts appendix A, also where the ring is shorter than the disorder', () => {
  fc.assert(
    fc.property(streams, fc.integer({ min: 1, max: 6 }), (arrivals, ringPackets) => {
      const { m, l } = appendixA(arrivals)
      const counter = feed(new OwpingCounter(ringPackets), arrivals)
      assert.equal(counter.arrivals, l)
      assert.deepEqual([...counter.counts], [0, ...m.slice(0, ringPackets)])
      const end = m.slice(0, ringPackets).indexOf(0)
      const printed = m.slice(0, end < 0 ? ringPackets : end)
      assert.deepEqual(
        counter.ratios,
        printed.map((count) => count / l),
      )
    }),
    { seed: 100, numRuns: 1000 },
  )
})

test('pScheduler, tcptrace and Linux count what their definitions say, with losses and duplicates', () => {
  fc.assert(
    fc.property(streams, (arrivals) => {
      const unique = firstCopies(arrivals)
      const late = overtaken(arrivals)
      const duplicates = arrivals.length - unique.length
      const pscheduler = feed(new PschedulerCounter(), arrivals)
      assert.equal(
        pscheduler.reordered,
        unique.filter((number, i) => i > 0 && number < unique[i - 1]!).length,
      )
      assert.equal(pscheduler.duplicated, duplicates)

      const tcptrace = feed(new TcptraceCounter(), arrivals)
      assert.equal(tcptrace.outOfOrder, late.length)
      assert.equal(tcptrace.retransmitted, duplicates)

      const linux = feed(new LinuxCounter({ maxSegments: 30 }), arrivals)
      const metrics = late.map((number) => Math.max(...unique.slice(0, unique.indexOf(number))) + 1 - number)
      assert.equal(linux.sackReorder, late.length)
      assert.equal(linux.reorderingSegments, Math.min(30, Math.max(3, ...metrics)))
    }),
    { seed: 6, numRuns: 1000 },
  )
})

test('the estimate of Linux starts at 3 and ends at 300', () => {
  const arrivals = Array.from({ length: 500 }, (_, i) => i + 2)
  assert.equal(feed(new LinuxCounter(), arrivals).reorderingSegments, 3)
  assert.equal(feed(new LinuxCounter(), [...arrivals, 1]).reorderingSegments, 300)
})

test('what is older than the window counts as a first copy', () => {
  const arrivals = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]
  assert.deepEqual(
    [
      feed(new PschedulerCounter(8), arrivals).reordered,
      feed(new TcptraceCounter(8), arrivals).outOfOrder,
      feed(new LinuxCounter({ windowPackets: 8 }), arrivals).sackReorder,
    ],
    [1, 1, 1],
  )
  assert.equal(feed(new TcptraceCounter(9), arrivals).retransmitted, 1)
})
