/** Which flows share a lane, from packets whose lanes were chosen by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { asPinned, pinnedLanes } from './pinned-lanes.ts'
import { type Row, runOf } from './runs.testing.ts'

/**
 * Flows 0 and 1 on a lane that takes 1000 ns a packet, 2 and 3 on one that takes 100 ns. Each round has a
 * packet of each, 50 ns apart, in an order that turns from round to round.
 */
function twoLanes(rounds: number): Row[] {
  const rows: Row[] = []
  for (let round = 0; round < rounds; round++) {
    const freeNs = [0, 0]
    for (let k = 0; k < 4; k++) {
      const flow = (k + round) % 4
      const lane = flow < 2 ? 0 : 1
      const sentNs = 10_000 * round + 50 * k
      freeNs[lane] = Math.max(freeNs[lane]!, sentNs) + (lane === 0 ? 1000 : 100)
      rows.push([sentNs, freeNs[lane]!, flow])
    }
  }
  return rows
}

test('flows that never overtake each other share a lane, those that do have their own', () => {
  const seen = pinnedLanes(runOf(twoLanes(100)))
  assert.equal(seen?.lanes, 2)
  assert.deepEqual([...seen.laneOf], [0, 0, 1, 1])
})

test('one packet in a hundred that is late on its way parts no flows', () => {
  const rows = twoLanes(400)
  // The last packet of the slow lane's pair comes first, once.
  const at = rows.findIndex(([, , flow], i) => flow === 1 && rows[i - 1]?.[2] === 0)
  rows[at] = [rows[at]![0], rows[at - 1]![1] - 1, 1]
  assert.deepEqual([...pinnedLanes(runOf(rows))!.laneOf], [0, 0, 1, 1])
})

test('nothing is told of one flow, of flows that are reordered, of few packets, or where nobody overtakes', () => {
  const rows = twoLanes(100)
  assert.equal(pinnedLanes(runOf(rows.map(([sent, received]): Row => [sent, received]))), undefined)
  const reordered = rows.map(([sent, received, flow]): Row => [sent, received, flow === 2 ? 0 : flow!])
  assert.equal(pinnedLanes(runOf(reordered)), undefined)
  assert.equal(pinnedLanes(runOf(twoLanes(5))), undefined)
  assert.equal(pinnedLanes(runOf(rows.map(([sent, , flow]): Row => [sent, sent + 500, flow!]))), undefined)
})

test('as seen: each flow goes to its lane, also where there are fewer', () => {
  const seen = { lanes: 3, laneOf: Int32Array.of(2, 0, 1) }
  const chosen = (lanes: number) => {
    const policy = asPinned(seen)({ count: lanes } as never, () => 0)
    return [0, 1, 2].map((index) => policy.choose({ flow: { index } } as never, { count: lanes } as never, 0))
  }
  assert.deepEqual(chosen(4), [2, 0, 1])
  assert.deepEqual(chosen(2), [0, 0, 1])
})

/** Packets 1 us apart, of the flows upwards, then downwards; every other flow waits for 2.5 us more. */
function manyFlows(flowCount: number): SentRun {
  const count = Math.max(2000, flowCount)
  const flow = Int32Array.from({ length: count }, (_, i) => {
    const at = i % (2 * flowCount)
    return Math.min(at, 2 * flowCount - 1 - at)
  })
  const sentNs = Float64Array.from(flow, (_, i) => 1000 * i)
  const receivedNs = sentNs.map((ns, i) => ns + 5000 + (flow[i]! % 2) * 2500)
  return {
    name: 'a run',
    count,
    flowCount,
    flow,
    sentNs,
    receivedNs,
    sizeBytes: new Int32Array(count),
  } as SentRun
}

test('flows of which some overtake others are on the lanes that this shows', () => {
  assert.deepEqual([...pinnedLanes(manyFlows(4))!.laneOf], [0, 1, 0, 1])
})

test('of 300,000 flows nothing is told, and no memory is taken for their pairs', () => {
  assert.equal(pinnedLanes(manyFlows(300_000)), undefined)
})
