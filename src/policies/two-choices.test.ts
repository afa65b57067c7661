import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Asked, ask, packetBetween } from './policies.testing.ts'

const packet = packetBetween(1, 2)
const LANES = 1000

/** Puts as many packets as lanes into the queues and returns how many lanes got 0, 1, 2 ... packets. */
function fill(policy: Asked): number[] {
  for (let i = 0; i < LANES; i++) policy.queuedPackets[policy.lane(packet, i)]!++
  const lengths: number[] = []
  for (const packets of policy.queuedPackets) lengths[packets] = (lengths[packets] ?? 0) + 1
  return Array.from(lengths, (lanes) => lanes ?? 0)
}

test('with two choices the longest of a thousand queues is much shorter than at random', () => {
  const one = fill(ask('random', {}, LANES))
  const alsoOne = fill(ask('two-choices', { choices: 1 }, LANES))
  const two = fill(ask('two-choices', {}, LANES))
  const all = fill(ask('two-choices', { choices: LANES }, LANES))
  // Poisson(1): 368 empty, longest about ln n / ln ln n + 2 = 5 to 6; two choices: about ln ln n / ln 2 + 1 =
  // 3.
  assert.ok(Math.abs(one[0]! - 368) < 50 && one.length - 1 >= 5, one.join())
  assert.ok(Math.abs(alsoOne[0]! - 368) < 50 && alsoOne.length - 1 >= 5, alsoOne.join())
  assert.equal(two.length - 1, 3)
  assert.deepEqual(all, [0, LANES])
})

test('the two are different lanes, so of two lanes the shorter always gets the packet', () => {
  const policy = ask('two-choices', {}, 2)
  policy.queuedPackets = [5, 4]
  for (let i = 0; i < 100; i++) assert.equal(policy.lane(packet, i), 1)
})

test('a tie goes to the lane drawn first, which is any of them', () => {
  const policy = ask('two-choices', {}, 4)
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < 4000; i++) counts[policy.lane(packet, i)]!++
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 4 * Math.sqrt(750), counts.join())
})

test('the longest of three queues is never chosen', () => {
  const policy = ask('two-choices', {}, 3)
  policy.queuedPackets = [2, 9, 5]
  const counts = [0, 0, 0]
  for (let i = 0; i < 3000; i++) counts[policy.lane(packet, i)]!++
  // The shortest is among the two in two cases of three.
  assert.equal(counts[1], 0)
  assert.ok(Math.abs(counts[0]! - 2000) < 4 * Math.sqrt((3000 * 2) / 9), counts.join())
})
