import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, packetBetween, packetOf } from './policies.testing.ts'

const { flow } = packetBetween(1, 2)
const packet = (index: number) => packetOf(flow, index)

test('each lane is tried, then the smallest latency wins', () => {
  const policy = ask('lowest-rtt', { window: 1 }, 3)
  assert.deepEqual(
    [0, 1, 2].map((i) => policy.lane(packet(i), 0)),
    [0, 1, 2],
  )
  policy.depart(packet(0), 0, 900)
  policy.depart(packet(2), 2, 300)
  policy.depart(packet(1), 1, 500)
  assert.equal(policy.lane(packet(3), 1000), 2)
  assert.equal(policy.lane(packet(4), 1000), 1)
  assert.equal(policy.lane(packet(5), 1000), 0)
  assert.equal(policy.lane(packet(6), 1000), -1)
})

test('latency is smoothed by an eighth: 800, then 1600 is 900', () => {
  const policy = ask('lowest-rtt', { window: 1 }, 2)
  assert.equal(policy.lane(packet(0), 0), 0)
  assert.equal(policy.lane(packet(1), 0), 1)
  policy.depart(packet(0), 0, 800)
  policy.depart(packet(1), 1, 899)
  assert.equal(policy.lane(packet(2), 1000), 0)
  policy.depart(packet(2), 0, 2600)
  // 800 + (1600 - 800) / 8 = 900, one more than lane 1 has.
  assert.equal(policy.lane(packet(3), 3000), 1)
  policy.depart(packet(3), 1, 3000 + 899 + 16)
  // 899 + 16 / 8 = 901, one more than lane 0 has.
  assert.equal(policy.lane(packet(4), 5000), 0)
})

test('a full window or a full queue is no room, and without any the packet waits', () => {
  const policy = ask('lowest-rtt', { window: 2 }, 2)
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((i) => policy.lane(packet(i), 0)),
    [0, 0, 1, 1, -1],
  )
  policy.depart(packet(1), 0, 10)
  assert.equal(policy.again(packet(4), 10), 0)
  const full = ask('lowest-rtt', { window: 'unlimited' }, 2)
  full.queuedPackets = [1000, 999]
  assert.equal(full.lane(packet(0), 0), 1)
  full.queuedPackets = [1000, 1000]
  assert.equal(full.lane(packet(1), 0), -1)
})
