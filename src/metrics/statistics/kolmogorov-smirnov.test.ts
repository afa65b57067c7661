import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kolmogorovSmirnov, kolmogorovTail } from './kolmogorov-smirnov.ts'

const close = (actual: number | undefined, expected: number, tolerance = 1e-12) =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= tolerance, `${actual} for ${expected}`)

test('without ties distance and probability are those of scipy 1.17.1, ks_2samp(method="exact")', () => {
  const few = [
    0.61, 0.29, 0.06, 0.59, -1.73, -0.74, 0.51, -0.56, 0.39, 1.64, 0.05, -0.06, 0.64, -0.82, 0.37, 1.77, 1.09,
    -1.28, 2.36, 1.31, 1.05, -0.32,
  ]
  const fewer = [1.2, 0.4, 2.2, -0.1, 0.9, 3.1, 1.75, 0.02]
  const a = Array.from({ length: 40 }, (_, i) => ((i * i) % 101) / 101 + i / 1e4)
  const b = Array.from({ length: 60 }, (_, i) => (((i * 37) % 89) / 89) * 1.3 + i / 1e5 + 1e-6)
  const cases: [number[], number[], distance: number, pValue: number][] = [
    [few, fewer, 0.3522727272727273, 0.3732465391236005],
    [a, b, 0.25, 0.08833076749129548],
    [[1, 2, 3, 4, 5], [6, 7, 8, 9], 1, 2 / 126],
  ]
  for (const [one, other, distance, pValue] of cases) {
    const found = kolmogorovSmirnov(one, other)!
    close(found.distance, distance)
    close(found.pValue, pValue)
    assert.equal(found.isExact, true)
    assert.deepEqual(kolmogorovSmirnov(other, one)!.distance, found.distance)
    close(kolmogorovSmirnov(other, one)!.pValue, pValue)
  }
})

test('with ties the probability is the share of all ways to split the pooled sample', () => {
  // Splits with a distance at least as large, and all splits: enumerated in Python (itertools.combinations,
  // fractions).
  const cases: [number[], number[], distance: number, count: number, of: number][] = [
    [[1, 2, 2, 3, 4], [2, 3, 3, 5, 5, 6], 1 / 2, 102, 462],
    [[0, 0, 0, 1], [0, 1, 1, 1, 2], 11 / 20, 26, 126],
    [[0, 0, 0, 0, 1, 1], [0, 1, 1, 2, 2, 2, 2], 4 / 7, 146, 1716],
  ]
  for (const [one, other, distance, count, of] of cases) {
    const found = kolmogorovSmirnov(one, other)!
    close(found.distance, distance)
    close(found.pValue, count / of)
  }
})

test('constant samples: equal ones are at no distance, different ones at 1', () => {
  assert.deepEqual(kolmogorovSmirnov([5, 5, 5], [5, 5]), { distance: 0, pValue: 1, isExact: true })
  // All of the 6 + 6 values tie within their sample: 2 of the 924 splits keep them apart.
  const apart = kolmogorovSmirnov(Array(6).fill(1), Array(6).fill(2))!
  assert.equal(apart.distance, 1)
  close(apart.pValue, 2 / 924)
  assert.equal(kolmogorovSmirnov([], [1]), null)
})

test("large samples use Kolmogorov's limit, near the exact probability", () => {
  const a = Array.from({ length: 1500 }, (_, i) => (i * 0.6180339887) % 1)
  const b = Array.from({ length: 1200 }, (_, i) => Math.exp(1.1 * Math.log((i * 0.7548776662) % 1 || 1e-300)))
  const { distance, pValue, isExact } = kolmogorovSmirnov(a, b)!
  assert.equal(isExact, false)
  close(distance, 0.039)
  // scipy.special.kolmogorov(0.039 sqrt(1500 1200 / 2700)); its exact test gives 0.2561.
  close(pValue, 0.2625970968767311, 1e-9)
})

test("the limit's tail is that of scipy.special.kolmogorov", () => {
  const cases: [lambda: number, tail: number][] = [
    [0.2, 0.999999999999495],
    [0.5, 0.9639452436648751],
    [1, 0.26999967167735456],
    [1.3581, 0.0499996304316674],
    [2, 0.0006709252557796953],
  ]
  for (const [lambda, tail] of cases) close(kolmogorovTail(lambda), tail)
  assert.equal(kolmogorovTail(0), 1)
})
