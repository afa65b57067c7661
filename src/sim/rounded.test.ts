/** Rounding beside Math.round. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rounded } from './rounded.ts'

test('numbers are rounded as Math.round does it, halves up', () => {
  const halves = fc.integer().map((whole) => whole + 0.5)
  const any = fc.oneof(
    fc.double(),
    fc.double({ min: 0, max: 1e6 }),
    halves,
    fc.constantFrom(0.49999999999999994, 2 ** 52 + 1),
  )
  // `+ 0`: Math.round has a negative zero, which counts as zero wherever times are compared.
  fc.assert(
    fc.property(any, (value) => assert.equal(rounded(value) || 0, Math.round(value) || 0)),
    { seed: 1, numRuns: 10_000, examples: [[0.49999999999999994], [-2.5], [2.5]] },
  )
})
