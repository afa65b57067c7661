/** Decisions worked out by hand from fanout_demux_rollover. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LaneView } from '../model/policy.ts'
import { policies } from './index.ts'
import { ask, packetBetween } from './policies.testing.ts'

// The lanes of these tests have 1000 slots: room is normal while more than 250 are free.
const packet = packetBetween(1, 2)
const laneOf = (count: number) => Math.floor((packet.flow.hashSymmetric * count) / 2 ** 32)

test('a lane gets everything until a quarter of its slots is left, then the next one that has room', () => {
  const policy = ask('rollover', {}, 4)
  assert.deepEqual([policy.lane(packet, 0), policy.lane(packet, 1)], [0, 0])
  policy.queuedPackets = [749, 0, 0, 0]
  assert.equal(policy.lane(packet, 2), 0)
  policy.queuedPackets = [750, 750, 0, 0]
  assert.equal(policy.lane(packet, 3), 2)
  // It stays there, although the first ones have room again, and goes round.
  policy.queuedPackets = [0, 0, 749, 0]
  assert.equal(policy.lane(packet, 4), 2)
  policy.queuedPackets = [0, 0, 750, 900]
  assert.equal(policy.lane(packet, 5), 0)
})

test('where no lane has room lane 0 gets the packet, and the turn does not move', () => {
  const policy = ask('rollover', {}, 3)
  policy.queuedPackets = [800, 0, 0]
  assert.equal(policy.lane(packet, 0), 1)
  policy.queuedPackets = [800, 800, 1000]
  assert.equal(policy.lane(packet, 1), 0)
  policy.queuedPackets = [0, 0, 0]
  assert.equal(policy.lane(packet, 2), 1)
})

test('with a hash a flow leaves its lane when that is full, and comes back', () => {
  const own = laneOf(4)
  const policy = ask('rollover', { rule: 'hash' }, 4)
  assert.equal(policy.lane(packet, 0), own)
  const full = [0, 0, 0, 0]
  full[own] = 1000
  policy.queuedPackets = full
  const other = policy.lane(packet, 1)
  assert.equal(other, own === 0 ? 1 : 0)
  policy.queuedPackets = [0, 0, 0, 0]
  assert.equal(policy.lane(packet, 2), own)
})

test('a short lane keeps small flows and sends a huge one away', () => {
  const own = laneOf(4)
  const policy = ask('rollover', { rule: 'hash' }, 4)
  policy.queuedPackets = [0, 0, 0, 0].map((_, lane) => (lane === own ? 800 : 0))
  const lanes = Array.from({ length: 60 }, (_, i) => policy.lane(packet, i))
  const first = lanes.findIndex((lane) => lane !== own)
  // At least 9 of its packets must have been seen, each at a place of 16 that is drawn.
  assert.ok(first >= 9 && first < 40, `huge from packet ${first}`)
  assert.ok(lanes.slice(first).every((lane) => lane !== own))
})

test('a queue without a limit never rolls over, and that is said', () => {
  const plugin = policies.get('rollover')!
  const view = { freeSlots: () => Number.POSITIVE_INFINITY, count: 2 } as unknown as LaneView
  const unlimited = plugin.create({ rule: 'fill' }, view, () => 0)
  assert.deepEqual([unlimited.choose(packet, view, 0), unlimited.choose(packet, view, 1)], [0, 0])
  assert.deepEqual(unlimited.remarks!(), [
    'rollover: queues without a limit are never short of room - set one: lanes.queue.capacityPackets',
  ])
  assert.deepEqual(ask('rollover', {}, 2).policy.remarks!(), [])
})
