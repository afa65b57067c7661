import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from '../sim/random.ts'
import { fillTable, maglev } from './maglev.ts'
import { ask, packetBetween } from './policies.testing.ts'

const SIZE = 65_537
const packets = Array.from({ length: 20_000 }, (_, i) =>
  packetBetween(0x0a000000 + i, 0xc6120001, 17, i, 443),
)

test("the paper's table of seven, and what is left of it without its second lane", () => {
  const [b0, b1, b2] = [
    { offset: 3, skip: 4 },
    { offset: 0, skip: 2 },
    { offset: 3, skip: 1 },
  ]
  assert.deepEqual([...fillTable(7, [b0, b1, b2], [1, 1, 1])], [1, 0, 1, 0, 2, 2, 0])
  assert.deepEqual([...fillTable(7, [b0, b1, b2], [1, 0, 1])], [0, 0, 0, 0, 2, 2, 2])
  assert.deepEqual([...fillTable(7, [b0, b2], [1, 1])], [0, 0, 0, 0, 1, 1, 1])
})

test('equal lanes own equal numbers of entries, to within one; weights share in proportion', () => {
  const uniform = randomStream(1, 0, 'walks')
  for (const lanes of [1, 2, 3, 10, 100]) {
    const walks = Array.from({ length: lanes }, () => ({
      offset: Math.floor(uniform() * SIZE),
      skip: 1 + Math.floor(uniform() * (SIZE - 1)),
    }))
    const owned = new Array<number>(lanes).fill(0)
    const equal = new Array<number>(lanes).fill(1)
    for (const lane of fillTable(SIZE, walks, equal)) owned[lane]!++
    assert.ok(Math.max(...owned) - Math.min(...owned) <= 1)
  }
  const walks = [3, 5, 7].map((skip) => ({ offset: skip * 1000, skip }))
  const ownedBy = (weights: readonly number[]) => {
    const owned = [0, 0, 0]
    for (const lane of fillTable(10_007, walks, weights)) owned[lane]!++
    return owned
  }
  // 10007 x 3/4.5, 1/4.5, 0.5/4.5; then 10007 x 5/10, 3/10, 2/10.
  assert.deepEqual(ownedBy([3, 1, 0.5]), [6672, 2224, 1111])
  assert.deepEqual(ownedBy([5, 3, 2]), [5004, 3002, 2001])
})

/** Packets that go elsewhere with `weights` than with ten equal lanes, and weren't on a removed lane. */
function disturbed(weights: readonly number[]): { moved: number; kept: number } {
  const before = ask('maglev', {}, weights.length)
  const after = ask('maglev', { weights }, weights.length)
  let moved = 0
  let kept = 0
  for (const packet of packets) {
    const lane = before.lane(packet, 0)
    if (weights[lane] === 0) continue
    kept++
    if (after.lane(packet, 0) !== lane) moved++
  }
  return { moved, kept }
}

test('a removed lane takes its own flows along and disturbs few others', () => {
  const weights = new Array<number>(10).fill(1)
  for (const removed of [0, 4, 9]) {
    const { moved, kept } = disturbed(weights.with(removed, 0))
    assert.ok(kept > 17_500 && kept < 18_500, `${kept}`)
    // 0.3 %; a modulo would move 90 % of them.
    assert.ok(moved / kept < 0.01, `${moved} of ${kept}`)
    assert.ok(moved > 0, 'it disturbs, unlike rendezvous hashing')
  }
})

test('a lane of weight 0 gets nothing, and weights must fit the lanes', () => {
  const policy = ask('maglev', { weights: '0:1:1' }, 3)
  assert.ok(packets.every((packet) => policy.lane(packet, 0) !== 0))
  assert.throws(() => ask('maglev', { weights: '3:1' }, 3), /2 weights for 3 lanes/)
})

test('a size that is no prime is refused with one that is', () => {
  const { error } = maglev.parameters.safeParse({ tableSize: 65_536 })
  assert.match(error!.issues[0]!.message, /give 65537/)
})
