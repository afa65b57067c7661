import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, packetBetween } from './policies.testing.ts'

const packets = Array.from({ length: 20_000 }, (_, i) =>
  packetBetween(0x0a000000 + i, 0xc6120001, 17, i, 443),
)
const lanesOf = (lanes: number, weights?: readonly number[]) => {
  const policy = ask('rendezvous', { weights }, lanes)
  return packets.map((packet) => policy.lane(packet, 0))
}

test('without its last lane, or with any lane at weight 0, only the flows of that lane move', () => {
  const five = lanesOf(5)
  const four = lanesOf(4)
  for (const [i, lane] of five.entries()) if (lane !== 4) assert.equal(four[i], lane)
  for (const removed of [0, 2]) {
    const without = lanesOf(5, [1, 1, 1, 1, 1].with(removed, 0))
    for (const [i, lane] of five.entries()) {
      if (lane !== removed) assert.equal(without[i], lane)
      else assert.notEqual(without[i], removed)
    }
  }
})

test('flows spread by the weights, within 4 standard errors', () => {
  const check = (lanes: readonly number[], shares: readonly number[]) => {
    for (const [lane, share] of shares.entries()) {
      const count = lanes.filter((one) => one === lane).length
      const error = Math.sqrt(packets.length * share * (1 - share))
      assert.ok(Math.abs(count - packets.length * share) < 4 * error, `lane ${lane}: ${count}`)
    }
  }
  check(lanesOf(4), [0.25, 0.25, 0.25, 0.25])
  check(lanesOf(3, [3, 1, 1]), [0.6, 0.2, 0.2])
})

test('equal weights are no weights', () => {
  assert.deepEqual(lanesOf(3, [2, 2, 2]), lanesOf(3))
})
