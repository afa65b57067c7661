/** Numbers that wrap are told from late packets among numbers that don't. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { certainWrap, likelyWidth, restart } from './wraps.ts'

function wrapOf(numbers: readonly number[]) {
  return certainWrap(Float64Array.from(numbers), Int32Array.from(numbers.keys()))
}
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

for (const bits of [8, 12, 16, 24, 32, 48]) {
  test(`${bits} bits: through losses and reordering at the wrap`, () => {
    const range = 2 ** bits
    const numbers = upTo(100, range - 50).map((number) => number % range)
    assert.deepEqual(wrapOf(numbers), { bits, from: range - 1, to: 0 })
    // The last number before the wrap comes two behind it; three around it are lost.
    const mixed = numbers.filter((number) => number !== 0 && number !== 3 && number !== range - 4)
    const at = mixed.indexOf(range - 1)
    mixed.splice(at + 2, 0, ...mixed.splice(at, 1))
    assert.deepEqual(wrapOf(mixed), { bits, from: range - 2, to: 1 })
  })
}

test('late packets of numbers that end at a power of two are no wrap', () => {
  for (const [from, to] of [
    [0, 255],
    [10, 254],
    [0, 250],
    [40, 255],
  ] as const) {
    const numbers = upTo(256).filter((number) => number !== from)
    numbers.splice(numbers.indexOf(to) + 1, 0, from)
    assert.equal(wrapOf(numbers), undefined, `${from} behind ${to}`)
  }
  // The last packet, among the first.
  assert.equal(wrapOf([...upTo(10), 255, ...upTo(245, 10)]), undefined)
  // Two packets of the beginning, at the very end.
  assert.equal(wrapOf([...upTo(254, 2), 0, 1]), undefined)
  // Two paths in turn: the slower one's packets come long after.
  const slow = upTo(65_536).filter((number) => number % 2 === 0)
  const fast = upTo(65_536).filter((number) => number % 2 === 1)
  const mixed = [
    ...fast.slice(0, 30_000),
    ...fast.slice(30_000).flatMap((one, i) => [one, slow[i]!]),
    ...slow.slice(2768),
  ]
  assert.equal(wrapOf(mixed), undefined)
})

test('packets that are late by up to any number of packets make no wrap of numbers that have none', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(256, 4096),
      fc.array(fc.record({ at: fc.nat(), late: fc.nat(4000) }), { maxLength: 8 }),
      (count, moves) => {
        const numbers = upTo(count)
        for (const { at, late } of moves) {
          const from = at % (count - 20)
          const [moved] = numbers.splice(from, 1)
          numbers.splice(Math.min(from + late, count - 20), 0, moved!)
        }
        assert.equal(wrapOf(numbers), undefined)
      },
    ),
    { seed: 5, numRuns: 300 },
  )
})

test('numbers nowhere near the end of a range do not wrap, and what may be a wrap is likely only', () => {
  assert.equal(wrapOf([...upTo(1000), ...upTo(1000)]), undefined)
  assert.equal(wrapOf([0]), undefined)
  assert.equal(wrapOf([]), undefined)
  const numbers = [60_000, 61_000, 62_000, 3000, 4000]
  assert.equal(wrapOf(numbers), undefined)
  assert.equal(likelyWidth(Float64Array.from(numbers), Int32Array.from(numbers.keys())), 16)
})

test('numbers that begin again without a wrap are told from late packets', () => {
  const restartOf = (numbers: readonly number[]) =>
    restart(Float64Array.from(numbers), Int32Array.from(numbers.keys()))
  assert.deepEqual(restartOf([...upTo(1000, 300), 1, 0, ...upTo(40, 2)]), { from: 1299, to: 1 })
  assert.equal(restartOf([...upTo(999, 1), 0, ...upTo(500, 1000)]), undefined)
  assert.equal(restartOf([...upTo(10), 900, ...upTo(300, 10)]), undefined)
  assert.equal(restartOf(upTo(1000)), undefined)
})
