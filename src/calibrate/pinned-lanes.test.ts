/** Lanes of pinned flows: told of a few flows, and not of so many that counts per pair wouldn't fit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { pinnedLanes } from './pinned-lanes.ts'

/** Packets 1 us apart, of the flows upwards, then downwards; every other flow waits for 2.5 us more. */
function runOf(flowCount: number): SentRun {
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
  assert.deepEqual([...pinnedLanes(runOf(4))!.laneOf], [0, 1, 0, 1])
})

test('of 300,000 flows nothing is told, and no memory is taken for their pairs', () => {
  assert.equal(pinnedLanes(runOf(300_000)), undefined)
})
