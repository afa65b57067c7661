import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SequenceUnwrapper } from './unwrap.ts'
import { skipWithoutVectors, vectorsOf } from './vectors.testing.ts'

const unwrapAll = (bits: number, numbers: readonly number[]) => {
  const unwrapper = new SequenceUnwrapper(bits)
  return numbers.map((number) => unwrapper.unwrap(number))
}

test('the roll-over vector of ../shared holds', { skip: skipWithoutVectors }, () => {
  const all = vectorsOf<{ bits: number; arrivals: number[] }>('rollover')
  for (const { id, input, expected } of all) {
    const unwrapped = unwrapAll(input.bits, input.arrivals)
    const reorderedUnwrapped = unwrapped.filter((number, i) => number < Math.max(...unwrapped.slice(0, i)))
    assert.deepEqual({ unwrapped, reorderedUnwrapped }, expected, id)
  }
  assert.equal(all.length, 1)
})

test('numbers of any width come back whole when none is further than half the range from the greatest', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 8, max: 48 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.boolean()), { maxLength: 60 }),
      (bits, start, steps) => {
        const range = 2 ** bits
        let highest = Math.floor(start * (range - 1))
        const numbers = [highest]
        for (const [share] of steps) {
          const number = Math.max(0, highest + Math.round((share * range) / 2))
          numbers.push(number)
          highest = Math.max(highest, number)
        }
        const wrapped = numbers.map((number) => number % range)
        // A step of exactly half the range isn't a roll-over, so it may stand for the other direction.
        fc.pre(
          !numbers.some(
            (number, i) => i > 0 && Math.abs(number - Math.max(...numbers.slice(0, i))) === range / 2,
          ),
        )
        assert.deepEqual(unwrapAll(bits, wrapped), numbers)
      },
    ),
    { seed: 4737, numRuns: 1000 },
  )
})

test('half the range is no roll-over, one more is', () => {
  assert.deepEqual(unwrapAll(8, [0, 128, 255]), [0, 128, 255])
  assert.deepEqual(unwrapAll(8, [0, 129]), [0, -127])
  assert.deepEqual(unwrapAll(8, [200, 72, 71]), [200, 72, 327])
})

test('a packet from before the first one gets a number below it', () => {
  assert.deepEqual(unwrapAll(16, [1, 65_535, 2]), [1, -1, 2])
})

test('53 bits are exact up to the end, and a roll-over past it is refused', () => {
  const top = Number.MAX_SAFE_INTEGER
  assert.deepEqual(unwrapAll(53, [top - 1, top]), [top - 1, top])
  assert.throws(() => unwrapAll(53, [top, 0]), /passes 2\^53/)
  assert.throws(() => new SequenceUnwrapper(7), /8 to 53/)
  assert.throws(() => new SequenceUnwrapper(54), /8 to 53/)
})
