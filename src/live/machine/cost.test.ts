import assert from 'node:assert/strict'
import { test } from 'node:test'
import { costOf, lineThrough } from './cost.ts'
import { quantileOf, reduced } from './quantiles.ts'

test('the line is that of least squares, worked out by hand', () => {
  // Means 2 and 7; sum of (x - 2)(y - 7) is 4, of (x - 2)^2 2: slope 2, through 7 - 2 * 2.
  assert.deepEqual(
    lineThrough([
      [1, 5],
      [2, 7],
      [3, 9],
    ]),
    { fixedNs: 3, perByteNs: 2 },
  )
})

test('neither part of it is negative: a fall is a constant, a line from below 0 goes through 0', () => {
  assert.deepEqual(
    lineThrough([
      [1, 9],
      [3, 5],
    ]),
    { fixedNs: 7, perByteNs: 0 },
  )
  // Sum of x * y is 70, of x * x 20.
  assert.deepEqual(
    lineThrough([
      [2, 5],
      [4, 15],
    ]),
    { fixedNs: 0, perByteNs: 3.5 },
  )
  assert.deepEqual(lineThrough([[64, 7]]), { fixedNs: 7, perByteNs: 0 })
})

test('a cost has median and tail per size, and what each time was beyond the line', () => {
  const cost = costOf([
    { sizeBytes: 100, timesNs: Float64Array.of(200, 210, 900) },
    { sizeBytes: 300, timesNs: Float64Array.of(410, 390, 410) },
  ])
  assert.deepEqual(cost.sizes, [
    { sizeBytes: 100, count: 3, nsP50: 210, nsP99: 900 },
    { sizeBytes: 300, count: 3, nsP50: 410, nsP99: 410 },
  ])
  assert.deepEqual([cost.fixedNs, cost.perByteNs], [110, 1])
  assert.deepEqual([...cost.beyondLineNs], [-10, 0, 690, 0, -20, 0])
})

test('a quantile is a value that occurred, and constant times have it everywhere', () => {
  const values = [1, 2, 3, 4]
  const at = [0, 0.25, 0.26, 0.5, 0.75, 0.99, 1].map((q) => quantileOf(values, q))
  assert.deepEqual(at, [1, 1, 2, 2, 3, 4, 4])
  assert.deepEqual(
    [0, 0.5, 1].map((q) => quantileOf([7, 7, 7], q)),
    [7, 7, 7],
  )
})

test('few values that stand for many are ascending means of equal shares, and keep the mean', () => {
  assert.deepEqual(reduced([6, 1, 2, 3, 4, 8], 3), [2, 4, 7])
  assert.deepEqual(reduced([30, 10, 20], 9), [10, 20, 30])
})
