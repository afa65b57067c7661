import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, packetBetween } from './policies.testing.ts'

const flow = (i: number, port = 443) => packetBetween(0x0a000001 + i, 0xc6120001, 6, 1000, port)

test('a flow stays while any packet of it is in flight, and moves as soon as none is', () => {
  const policy = ask('drained', {}, 3)
  assert.equal(policy.lane(flow(0), 0), 0)
  policy.queuedPackets = [4, 2, 0]
  assert.equal(policy.lane(flow(0), 1), 0)
  policy.depart(flow(0), 0, 2)
  assert.equal(policy.lane(flow(0), 2), 0, 'the second packet is still there')
  policy.depart(flow(0), 0, 3)
  policy.depart(flow(0), 0, 4)
  assert.equal(policy.lane(flow(0), 4), 2)
  policy.queuedPackets = [0, 2, 3]
  assert.equal(policy.lane(flow(0), 5), 2)
})

test('flows are counted apart, and however many there are', () => {
  const policy = ask('drained', {}, 2)
  for (let i = 0; i < 3000; i++) assert.equal(policy.lane(flow(i), 0), 0)
  policy.queuedPackets = [1, 0]
  policy.depart(flow(2999), 0, 1)
  assert.equal(policy.lane(flow(2999), 1), 1)
  assert.equal(policy.lane(flow(2998), 1), 0)
})

test('key=address-pair keeps all that two hosts say together', () => {
  const policy = ask('drained', { key: 'address-pair' }, 2)
  const back = packetBetween(0xc6120001, 0x0a000001, 6, 443, 1000)
  assert.equal(policy.lane(flow(0), 0), 0)
  policy.queuedPackets = [1, 0]
  assert.equal(policy.lane(flow(0, 80), 0), 0)
  assert.equal(policy.lane(back, 0), 0)
  assert.equal(policy.lane(flow(1), 0), 1)
  for (const packet of [flow(0), flow(0, 80), back]) policy.depart(packet, 0, 1)
  assert.equal(policy.lane(back, 1), 1)
})
