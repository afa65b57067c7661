import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from '../../sim/random.ts'
import { BATCHES_MAX, Batches, coarsened } from './batches.ts'

/** One chance, with `count` events. */
function add(batches: Batches, index: number, count: number): void {
  const row = batches.rowOf(index)
  batches.sums[row]! += count
  batches.sums[row + 1]!++
}

test('a packet counts in the batch of its number, in whatever order packets come', () => {
  const batches = new Batches(2, 10)
  for (const [index, count] of [
    [25, 1],
    [3, 0],
    [9, 1],
    [20, 1],
    [0, 1],
  ] as const) {
    add(batches, index, count)
  }
  assert.deepEqual(batches.table(0, 1), {
    sizePackets: 10,
    batches: [
      { count: 2, of: 3 },
      { count: 0, of: 0 },
      { count: 2, of: 2 },
    ],
  })
})

test('a packet beyond the last batch merges neighbours, also when it comes early', () => {
  const batches = new Batches(2, 1)
  for (let index = 0; index < BATCHES_MAX; index++) add(batches, index, index)
  assert.equal(batches.table(0, 1).batches.length, 64)
  add(batches, 64, 100)
  const { sizePackets, batches: merged } = batches.table(0, 1)
  assert.equal(sizePackets, 2)
  assert.equal(merged.length, 33)
  assert.deepEqual(merged[0], { count: 0 + 1, of: 2 })
  assert.deepEqual(merged[31], { count: 62 + 63, of: 2 })
  assert.deepEqual(merged[32], { count: 100, of: 1 })

  const early = new Batches(2, 1)
  add(early, 1000, 1)
  add(early, 0, 5)
  assert.equal(early.sizePackets, 16, '1000 / 16 is below 64, 1000 / 8 is not')
  assert.deepEqual(early.table(0, 1).batches[0], { count: 5, of: 1 })
  assert.deepEqual(early.table(0, 1).batches[62], { count: 1, of: 1 })
})

test('order changes nothing, nothing is lost, and from 32 to 64 batches are left', () => {
  for (const packets of [2049, 4096, 4097, 10_000, 100_003]) {
    const inOrder = new Batches(2)
    const shuffled = new Batches(2)
    const random = randomStream(1, packets, 'order')
    const order = Array.from({ length: packets }, (_, index) => ({ index, key: random() }))
    for (const { index } of order) add(inOrder, index, index % 7)
    for (const { index } of order.sort((a, b) => a.key - b.key)) add(shuffled, index, index % 7)
    assert.deepEqual(shuffled.table(0, 1), inOrder.table(0, 1))
    const { batches, sizePackets } = inOrder.table(0, 1)
    assert.ok(batches.length > 32 && batches.length <= 64, `${batches.length} batches of ${packets}`)
    assert.equal(batches.length, Math.ceil(packets / sizePackets))
    assert.equal(
      batches.reduce((sum, { of }) => sum + of, 0),
      packets,
    )
  }
})

test('a table in larger batches is what larger batches would have collected', () => {
  const small = new Batches(2, 4)
  const large = new Batches(2, 16)
  for (let index = 0; index < 150; index++) {
    add(small, index, index)
    add(large, index, index)
  }
  assert.deepEqual(coarsened(small.table(0, 1), 16), large.table(0, 1))
})
