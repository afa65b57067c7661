import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, packetBetween } from './policies.testing.ts'

const flow = (i: number) => packetBetween(0x0a000001 + i, 0xc6120001, 6, 1000, 443)
const US = 1000

test('a gap of just the threshold stays, one nanosecond more moves, and every packet starts the clock anew', () => {
  const policy = ask('flowlet', { assign: 'round-robin' }, 4)
  assert.equal(policy.lane(flow(0), 0), 0)
  assert.equal(policy.lane(flow(0), 500 * US), 0)
  assert.equal(policy.lane(flow(0), 1000 * US), 0)
  assert.equal(policy.lane(flow(0), 1500 * US + 1), 1)
  assert.equal(policy.lane(flow(1), 1500 * US + 1), 2, 'a new flow is placed in turn')
  assert.equal(policy.lane(flow(0), 2000 * US + 1), 1)
  assert.equal(policy.lane(flow(1), 2000 * US + 2), 3)
})

test('gap=0s moves between instants only', () => {
  const policy = ask('flowlet', { gap: '0s', assign: 'round-robin' }, 4)
  assert.deepEqual(
    [7, 7, 8, 8, 9].map((nowNs) => policy.lane(flow(0), nowNs)),
    [0, 0, 1, 1, 2],
  )
})

test('assign=least-loaded looks at the lanes when the flowlet begins', () => {
  const policy = ask('flowlet', { gap: '1us', assign: 'least-loaded' }, 3)
  policy.queuedPackets = [2, 1, 1]
  assert.equal(policy.lane(flow(0), 0), 1)
  policy.queuedPackets = [0, 9, 9]
  assert.equal(policy.lane(flow(0), US), 1)
  assert.equal(policy.lane(flow(0), 2 * US + 1), 0)
})

test('by default the next lane is drawn at random, the old one included', () => {
  const policy = ask('flowlet', {}, 4)
  const lanes = Array.from({ length: 4000 }, (_, i) => policy.lane(flow(0), i * 501 * US))
  for (let lane = 0; lane < 4; lane++) {
    const count = lanes.filter((one) => one === lane).length
    assert.ok(Math.abs(count - 1000) < 4 * Math.sqrt(750), `lane ${lane}: ${count}`)
  }
  const stays = lanes.filter((lane, i) => lane === lanes[i - 1]).length
  assert.ok(Math.abs(stays - 1000) < 4 * Math.sqrt(750), `${stays} stays`)
})

test('thousands of flows each have their own clock', () => {
  const policy = ask('flowlet', { assign: 'round-robin' }, 7)
  for (let i = 0; i < 5000; i++) assert.equal(policy.lane(flow(i), i), i % 7)
  for (let i = 0; i < 5000; i++) assert.equal(policy.lane(flow(i), 5000 + i), i % 7)
})

test('gap=never keeps a flow on the lane that it was given first', () => {
  const policy = ask('flowlet', { gap: 'never', assign: 'round-robin' }, 4)
  assert.deepEqual(
    [0, 1, 1e9, 1e15].map((nowNs) => [policy.lane(flow(0), nowNs), policy.lane(flow(1), nowNs)]),
    new Array(4).fill([0, 1]),
  )
})
