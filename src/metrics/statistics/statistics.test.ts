import assert from 'node:assert/strict'
import { test } from 'node:test'
import jstat from 'jstat'
import {
  estimate,
  pairedDifference,
  predictionInterval,
  studentCentral,
  studentQuantile,
} from './statistics.ts'

const close = (actual: number | null, expected: number, tolerance = 1e-9) =>
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= tolerance * Math.abs(expected),
    `${actual} for ${expected}`,
  )

test('t quantiles are those of the printed tables', () => {
  const table: Array<[df: number, t: number]> = [
    [1, 12.7062],
    [2, 4.30265],
    [4, 2.77645],
    [9, 2.26216],
    [29, 2.04523],
    [1000, 1.96234],
  ]
  for (const [df, t] of table) close(studentQuantile(0.95, df), t, 3e-6)
})

test('t quantiles agree with an independent implementation', () => {
  for (const df of [1, 2, 3, 5, 8, 50, 333]) {
    close(studentQuantile(0.95, df), jstat.jStat.studentt.inv(0.975, df), 1e-7)
    close(studentCentral(1.5, df), 2 * jstat.jStat.studentt.cdf(1.5, df) - 1, 1e-8)
  }
})

test('an estimate is what one computes by hand', () => {
  // Mean 4, variance 4, standard error 2/sqrt(3), t(2) = 4.302653.
  const { mean, low95, high95, runs } = estimate([2, 4, 6])
  assert.equal(mean, 4)
  assert.equal(runs, 3)
  close(low95, 4 - (4.302652729911275 * 2) / Math.sqrt(3))
  close(high95, 4 + (4.302652729911275 * 2) / Math.sqrt(3))
})

test('equal values have an interval of no width', () => {
  assert.deepEqual(estimate([7, 7, 7]), { mean: 7, low95: 7, high95: 7, runs: 3 })
})

test('one value has no interval, none no mean, and undefined ones are left out', () => {
  assert.deepEqual(estimate([5]), { mean: 5, low95: null, high95: null, runs: 1 })
  assert.deepEqual(estimate([]), { mean: null, low95: null, high95: null, runs: 0 })
  assert.deepEqual(estimate([null, 3, null]), { mean: 3, low95: null, high95: null, runs: 1 })
})

test('paired differences take out what the runs have in common', () => {
  const difference = pairedDifference([101, 202, 303], [100, 200, 300])
  assert.deepEqual([difference.mean, difference.runs], [2, 3])
  close(difference.high95, 2 + 4.302652729911275 / Math.sqrt(3))
  assert.equal(pairedDifference([1, null, 3], [1, 1, null]).runs, 1)
})

test('a further run lies within t s sqrt(1 + 1/n)', () => {
  // Mean 4, s = 2, n = 3: t(2) 2 sqrt(4/3) = 9.936550847 by scipy 1.17.1.
  const { mean, low95, high95, runs } = predictionInterval([2, null, 4, 6])
  assert.deepEqual([mean, runs], [4, 3])
  close(low95, 4 - 9.936550847, 1e-9)
  close(high95, 4 + 9.936550847, 1e-9)
  assert.deepEqual(predictionInterval([7, 7]), { mean: 7, low95: 7, high95: 7, runs: 2 })
  assert.deepEqual(predictionInterval([7]), { mean: 7, low95: null, high95: null, runs: 1 })
})
