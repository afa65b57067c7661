import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type BufferDensityVariant, ReorderBufferDensity } from './buffer-density.ts'
import { occupancies, streams } from './rfc5236.testing.ts'
import { nonZero, skipWithoutVectors, vectorsOf } from './vectors.testing.ts'

/** Occupancy after each arrival, null where it was dropped. */
function fill(arrivals: readonly number[], bt: number, variant: BufferDensityVariant) {
  const density = new ReorderBufferDensity(bt, { variant, next: 1 })
  const occupancy = arrivals.map((number) => {
    const { repeated } = density
    density.record(number)
    return density.repeated > repeated ? null : density.occupancy
  })
  return { density, occupancy }
}

interface RbdInput {
  arrivals: number[]
  BT: number
}

test('all buffer density vectors of ../shared hold, in both variants', { skip: skipWithoutVectors }, () => {
  const plain = vectorsOf<RbdInput, Record<string, unknown>>('rbd')
  for (const { id, input, expected } of plain) {
    for (const variant of ['fixed', 'literal'] as const) {
      const { density, occupancy } = fill(input.arrivals, input.BT, variant)
      const total = density.counts.reduce((all, count) => all + count, 0)
      const actual: Record<string, unknown> = {
        B: occupancy,
        FB: nonZero(density.counts),
        RBD: nonZero(density.counts.map((count) => count / total)),
      }
      for (const [field, value] of Object.entries(expected)) assert.deepEqual(actual[field], value, id)
    }
  }
  const both = vectorsOf<RbdInput, Record<string, unknown>>('rbd-both')
  for (const { id, input, expected } of both) {
    const literal = fill(input.arrivals, input.BT, 'literal')
    const fixed = fill(input.arrivals, input.BT, 'fixed')
    const actual = {
      literalFB: nonZero(literal.density.counts),
      literalB: literal.occupancy,
      fixedFB: nonZero(fixed.density.counts),
      fixedB: fixed.occupancy,
    }
    assert.deepEqual(actual, expected, id)
  }
  assert.deepEqual([plain.length, both.length], [4, 2])
})

for (const variant of ['fixed', 'literal'] as const) {
  test(`the heap gives what the pseudo-code with a set gives, ${variant}`, () => {
    let full = 0
    fc.assert(
      fc.property(streams, fc.integer({ min: 0, max: 9 }), (arrivals, bt) => {
        const { density, occupancy } = fill(arrivals, bt, variant)
        assert.deepEqual(occupancy, occupancies(arrivals, bt, variant === 'fixed'))
        const counts = new Float64Array(bt + 1)
        for (const stored of occupancy) if (stored !== null) counts[stored]!++
        assert.deepEqual(density.counts, counts)
        if (bt > 0) full += counts[bt]!
      }),
      { seed: 5236, numRuns: 4000 },
    )
    assert.ok(full > 1000, `the buffer was full ${full} times`)
  })
}

test('a jump of 2^31 and one of 2^52 end when the buffer is full, and the stream goes on', () => {
  const density = new ReorderBufferDensity(2)
  const base = 2 ** 31
  for (const number of [0, base, base + 1, base + 3, base + 2, 2 ** 52, 2 ** 52 + 2, 2 ** 52 + 4])
    density.record(number)
  assert.equal(density.next, 2 ** 52 + 1)
  // 0: 0, two wait, base+3 finds it full and stays alone, base+2 frees it, then 1, 2, full again.
  assert.deepEqual(nonZero(density.counts), { 0: 2, 1: 3, 2: 3 })
})

test('the heap never grows', () => {
  const density = new ReorderBufferDensity(64)
  const inside = density as unknown as { heap: Float64Array; stored: Set<number> }
  const { heap } = inside
  for (let i = 0; i < 200_000; i++) {
    density.record(i % 7 === 0 ? i * 3 : i ^ 31)
    assert.equal(inside.stored.size, density.occupancy)
  }
  assert.equal(inside.heap, heap)
  assert.ok(density.counts[64]! > 0)
})
