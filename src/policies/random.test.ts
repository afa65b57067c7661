import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, packetBetween } from './policies.testing.ts'

const packet = packetBetween(1, 2)

test('lanes are drawn equally or by their weights, within 4 standard errors', () => {
  const check = (parameters: object, shares: readonly number[]) => {
    const policy = ask('random', parameters, shares.length)
    const counts = shares.map(() => 0)
    for (let i = 0; i < 8000; i++) counts[policy.lane(packet, i)]!++
    for (const [lane, share] of shares.entries()) {
      const error = Math.sqrt(8000 * share * (1 - share))
      assert.ok(Math.abs(counts[lane]! - 8000 * share) <= 4 * error, counts.join())
    }
  }
  check({}, [0.25, 0.25, 0.25, 0.25])
  check({ weights: '3:1' }, [0.75, 0.25])
  check({ weights: [0, 0.5, 1.5, 0] }, [0, 0.25, 0.75, 0])
})

test('order is kept only while one lane has all the weight', () => {
  const keeps = (weights: string, lanes: number) => ask('random', { weights }, lanes).policy.keepsFlowOrder
  assert.equal(keeps('1:0', 2), true)
  assert.equal(keeps('1:0:2', 3), false)
  assert.throws(
    () => ask('random', { weights: '3:1' }, 4),
    /2 weights for 4 lanes - give one weight per lane/,
  )
})
