import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, packetBetween } from './policies.testing.ts'

const packet = packetBetween(1, 2)

test('queue and service count, and the lowest lane wins a tie', () => {
  const policy = ask('least-loaded', {}, 4)
  assert.equal(policy.lane(packet, 0), 0)
  policy.idle = [false, false, false, false]
  policy.queuedPackets = [3, 1, 2, 1]
  assert.equal(policy.lane(packet, 0), 1)
  policy.queuedPackets = [1, 0, 0, 0]
  policy.idle = [false, false, false, true]
  assert.equal(policy.lane(packet, 0), 3)
})
