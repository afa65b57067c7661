import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareRuns } from './comparison.ts'
import type { Metrics } from './metric.ts'
import type { OfferedLoad } from './offered-load.ts'
import type { RunResult } from './result.ts'

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
})

test('a policy that failed has its error and no numbers, and the others keep theirs', () => {
  const summaries = compareRuns([run(0, { a: { n: 1 }, b: {} }, { b: 'policy b: broke' })], 'a')
  assert.deepEqual(summaries[1], { label: 'b', metrics: {}, difference: {}, error: 'policy b: broke' })
  assert.equal(summaries[0]!.metrics.n!.mean, 1)
})
