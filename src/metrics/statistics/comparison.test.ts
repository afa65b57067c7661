import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OfferedLoad } from '../cost/offered-load.ts'
import type { Metrics } from '../metric.ts'
import type { RunResult } from '../result.ts'
import { compareRuns } from './comparison.ts'

const run = (
  number: number,
  metrics: Record<string, Metrics>,
  errors: Record<string, string> = {},
): RunResult => ({
  run: number,
  load: {} as OfferedLoad,
  warnings: [],
  policies: Object.entries(metrics).map(([label, values]) => ({
    label,
    metrics: values,
    distributions: [],
    flows: [],
    error: errors[label] ?? null,
  })),
})

test('ratios are averaged over runs, their counts summed; differences are paired', () => {
  const [a, b] = compareRuns(
    [
      run(0, { a: { r: { count: 1, of: 10 }, n: 5 }, b: { r: { count: 3, of: 10 }, n: null } }),
      run(1, { a: { r: { count: 3, of: 10 }, n: 7 }, b: { r: { count: 5, of: 10 }, n: 8 } }),
    ],
    'a',
  )
  assert.equal(a!.difference, null)
  assert.deepEqual([a!.metrics.r!.mean, a!.metrics.r!.count, a!.metrics.r!.of], [0.2, 4, 20])
  assert.deepEqual([a!.metrics.n!.mean, 'count' in a!.metrics.n!], [6, false])
  const { mean, low95, high95 } = b!.difference!.r!
  assert.ok(Math.abs(mean! - 0.2) < 1e-12 && high95! - low95! < 1e-9, 'the runs differ by the same amount')
  assert.deepEqual(b!.difference!.n, { mean: 1, low95: null, high95: null, runs: 1 })
  assert.equal(a!.ratioToReference, null)
  assert.equal(b!.ratioToReference!.r!.mean!.toFixed(9), '2.000000000', '0.4 over 0.2')
  assert.deepEqual(b!.ratioToReference!.n, { mean: 8 / 7, low95: null, high95: null, runs: 1 })
})

test('the interval of a ratio stays within 0 and 1, and that of other numbers does not', () => {
  const runs = [0, 1].map((n) => run(n, { a: { r: { count: n, of: 10 }, s: { count: 10 - n, of: 10 }, n } }))
  const { r, s, n } = compareRuns(runs, 'a')[0]!.metrics
  // Mean 0.05, t(1) = 12.7062, half 12.7062 * 0.1 / 2 = 0.635.
  assert.deepEqual([r!.low95, s!.high95], [0, 1])
  assert.ok(Math.abs(r!.high95! - 0.68531) < 1e-5 && Math.abs(s!.low95! - 0.31469) < 1e-5)
  assert.ok(Math.abs(n!.low95! + 5.8531) < 1e-4)
  assert.equal(compareRuns(runs.slice(0, 1), 'a')[0]!.metrics.r!.low95, null)
})

test('a policy that failed has its error and no numbers, and the others keep theirs', () => {
  const summaries = compareRuns([run(0, { a: { n: 1 }, b: {} }, { b: 'policy b: broke' })], 'a')
  assert.deepEqual(summaries[1], {
    label: 'b',
    metrics: {},
    difference: {},
    ratioToReference: {},
    error: 'policy b: broke',
  })
  assert.equal(summaries[0]!.metrics.n!.mean, 1)
})

test('one run alone has the intervals of its batches, several runs do not use them', () => {
  const withBatches = (number: number): RunResult => {
    const made = run(number, { a: { r: { count: 12, of: 400 } }, b: { r: { count: 52, of: 400 } } })
    const table = (...counts: number[]) => ({
      sizePackets: 100,
      batches: counts.map((count) => ({ count, of: 100 })),
    })
    const tables = [table(2, 3, 4, 3), table(12, 13, 14, 13)]
    return {
      ...made,
      policies: made.policies.map((policy, i) => ({ ...policy, batches: { r: tables[i]! } })),
    }
  }
  const [a, b] = compareRuns([withBatches(0)], 'a')
  // Means 0.02, 0.03, 0.04, 0.03: standard error sqrt(2/3 / 4) / 100, t(3) = 3.182446.
  const half = (3.1824463052837078 * Math.sqrt(2 / 3 / 4)) / 100
  const { mean, low95, high95, runs, batches, count } = a!.metrics.r!
  assert.deepEqual([mean, runs, batches, count], [0.03, 1, 4, 12])
  assert.ok(Math.abs(low95! - (0.03 - half)) < 1e-9 && Math.abs(high95! - (0.03 + half)) < 1e-9)
  const { r } = b!.difference!
  assert.ok(
    Math.abs(r!.low95! - 0.1) < 1e-9 && Math.abs(r!.high95! - 0.1) < 1e-9,
    'every batch differs by 10 of 100',
  )
  assert.deepEqual([r!.runs, r!.batches], [1, 4])
  assert.equal(compareRuns([withBatches(0), withBatches(1)], 'a')[0]!.metrics.r!.batches, undefined)
})
