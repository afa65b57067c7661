import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Histogram } from './histogram.ts'

const filled = (values: readonly number[]) => {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

test('an empty histogram knows nothing', () => {
  const empty = new Histogram()
  assert.equal(empty.mean, null)
  assert.equal(empty.quantile(0.5), null)
  assert.deepEqual(empty.table(16), [])
})

test('whole numbers below 1024 are exact', () => {
  const histogram = filled(Array.from({ length: 1000 }, (_, i) => i + 1))
  assert.deepEqual(
    [0.001, 0.5, 0.99, 0.999, 1].map((share) => histogram.quantile(share)),
    [1, 500, 990, 999, 1000],
  )
  assert.equal(histogram.mean, 500.5)
  assert.equal(histogram.max, 1000)
})

test('zero, one and 2^53 - 1 have their buckets', () => {
  const histogram = filled([0, 0, 1, 2 ** 53 - 1])
  assert.equal(histogram.quantile(0.5), 0)
  assert.equal(histogram.quantile(0.75), 1)
  assert.ok(histogram.quantile(1)! > (2 ** 53 - 1) * 0.999)
})

test('any quantile is the nearest-rank one, rounded down by at most 0.1 %', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e15, noNaN: true }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
      const sorted = list.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(share * list.length)) - 1]!
      const found = filled(list).quantile(share)!
      assert.ok(found <= exact && (found >= exact * 0.999 || exact < 1), `${found} for ${exact}`)
    }),
    { seed: 2, numRuns: 500 },
  )
})

test('the table has every value once, in buckets of the asked width', () => {
  const histogram = filled([0, 0.5, 1, 1.4, 1.6, 3, 1000, 1023])
  assert.deepEqual(histogram.table(2), [
    [0, 1, 2],
    [1, 1.5, 2],
    [1.5, 2, 1],
    [3, 4, 1],
    [768, 1024, 2],
  ])
})

test('differences counted at once, in any pieces, give what they give one by one', () => {
  const value = fc.tuple(fc.nat(1e6), fc.double({ min: 0, max: 2 ** 50, noNaN: true }))
  fc.assert(
    fc.property(fc.array(value), fc.nat(50), (pairs, cut) => {
      const earlier = Float64Array.from(pairs, ([from]) => from)
      const later = Float64Array.from(pairs, ([from, difference]) => from + difference)
      const first = Math.min(cut, pairs.length)
      const histogram = new Histogram()
      histogram.recordDifferences(earlier, later, first)
      histogram.recordDifferences(earlier.subarray(first), later.subarray(first), pairs.length - first)
      assert.deepEqual(histogram, filled(pairs.map((_, i) => later[i]! - earlier[i]!)))
    }),
    { seed: 1 },
  )
})
