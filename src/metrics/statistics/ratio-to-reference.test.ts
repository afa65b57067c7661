import assert from 'node:assert/strict'
import { test } from 'node:test'
import jstat from 'jstat'
import { ratioToReference } from './ratio-to-reference.ts'

const close = (actual: number | null, expected: number) =>
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-9, `${actual} for ${expected}`)

test('the bounds are the ratios at which the paired t interval of x - q y only just includes 0', () => {
  // The roots by scipy 1.17.1 (stats.t.ppf, optimize.brentq) of |mean(x - q y)| = t se(x - q y).
  const { mean, low95, high95, runs } = ratioToReference([3, 5, 4, 7], [10, 12, 9, 15])
  close(mean, 19 / 46)
  close(low95, 0.2600163827937076)
  close(high95, 0.5096780634574909)
  assert.equal(runs, 4)
})

test('with a constant denominator it is the t interval of the mean, scaled', () => {
  // Mean 4 and standard error 2/sqrt(3) of 2, 4, 6; halved.
  const { mean, low95, high95 } = ratioToReference([2, 4, 6], [2, 2, 2])
  const half = (jstat.jStat.studentt.inv(0.975, 2) * 2) / Math.sqrt(3) / 2
  close(mean, 2)
  close(low95, 2 - half)
  close(high95, 2 + half)
})

test('a constant ratio has an interval of no width, and so have constant inputs', () => {
  assert.deepEqual(ratioToReference([4, 6, 5], [2, 3, 2.5]), { mean: 2, low95: 2, high95: 2, runs: 3 })
  assert.deepEqual(ratioToReference([7, 7], [2, 2]), { mean: 3.5, low95: 3.5, high95: 3.5, runs: 2 })
  assert.deepEqual(ratioToReference([0, 0], [2, 2.2]), { mean: 0, low95: 0, high95: 0, runs: 2 })
})

test("the ratio has no bounds where the denominator's interval includes 0, and no value where its mean is 0", () => {
  // Mean 1.25; scipy's 95 % interval of it begins at -1.4675.
  const wide = ratioToReference([2, 1, 3, 2], [2, -1, 3, 1])
  assert.deepEqual(wide, { mean: 1.6, low95: null, high95: null, runs: 4 })
  assert.deepEqual(ratioToReference([1, 2], [0, 0]), { mean: null, low95: null, high95: null, runs: 2 })
})

test('one run has no bounds, none no ratio, and undefined ones are left out in pairs', () => {
  assert.deepEqual(ratioToReference([6], [4]), { mean: 1.5, low95: null, high95: null, runs: 1 })
  assert.deepEqual(ratioToReference([], []), { mean: null, low95: null, high95: null, runs: 0 })
  const { mean, runs } = ratioToReference([1, null, 3, 5], [1, 1, null, 2])
  assert.deepEqual([mean, runs], [2, 2])
})
