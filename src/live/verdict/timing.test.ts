import assert from 'node:assert/strict'
import { test } from 'node:test'
import { achievedOf, latenessOf } from './timing.ts'

test('lateness is sent minus planned, over the packets that were sent', () => {
  const plannedNs = Float64Array.from({ length: 101 }, (_, i) => 1000 * i)
  const sentNs = plannedNs.map((ns, i) => (i === 100 ? Number.NaN : ns + i))
  assert.deepEqual(latenessOf({ plannedNs, sentNs }, true), { p50Ns: 50, p99Ns: 99, maxNs: 99 })
  assert.deepEqual(latenessOf({ plannedNs, sentNs }, false), {
    p50Ns: Number.NaN,
    p99Ns: Number.NaN,
    maxNs: Number.NaN,
  })
})

test('the achieved rate counts a gap per packet, unsent ones not at all', () => {
  // 3 packets in 2 gaps of a second: 1 packet a second.
  const sentNs = Float64Array.of(1e9, 2e9, Number.NaN, 3e9)
  const sizeBytes = Int32Array.of(125_000, 125_000, 9, 125_000)
  assert.deepEqual(achievedOf({ sentNs, sizeBytes }), {
    packets: 3,
    bytes: 375_000,
    seconds: 2,
    pps: 1,
    mbps: 1,
  })
})
