import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OfferedLoad } from '../cost/offered-load.ts'
import type { MetricValue } from '../metric.ts'
import type { RunResult } from '../result.ts'
import type { BatchTable } from './batches.ts'
import { winnerOf } from './winner.ts'

/** Per policy its values, run by run. */
function made(
  values: Record<string, MetricValue[]>,
  error?: string,
  batches: Record<string, BatchTable> = {},
): RunResult[] {
  const runs = Object.values(values)[0]!.length
  return Array.from({ length: runs }, (_, run) => ({
    run,
    load: {} as OfferedLoad,
    warnings: [],
    policies: Object.entries(values).map(([label, own]) => ({
      label,
      metrics: { reorderedRatio: own[run]!, latencyNsMean: own[run]! },
      distributions: [],
      flows: [],
      error: label === error ? `policy ${label}: broke` : null,
      ...(batches[label] && { batches: { reorderedRatio: batches[label] } }),
    })),
  }))
}
const verdict = (runs: RunResult[], metric?: string) => {
  const winner = winnerOf(runs, metric)
  return winner && [winner.verdict, ...winner.policies]
}

test('a policy below every other in paired runs wins, however much the runs differ', () => {
  // The runs spread over 0.3, the differences over 0.004: unpaired intervals would overlap.
  const runs = made({ a: [0.11, 0.212, 0.41], b: [0.1, 0.2, 0.4], c: [0.5, 0.6, 0.9] })
  assert.deepEqual(winnerOf(runs), {
    metric: 'reorderedRatio',
    verdict: 'clear',
    policies: ['b'],
    mean: (0.1 + 0.2 + 0.4) / 3,
  })
  assert.deepEqual(verdict(runs, 'latencyNsMean'), ['clear', 'b'])
})

test('policies whose difference to the lowest may be 0 are named without a winner', () => {
  assert.deepEqual(verdict(made({ a: [3, 1, 2], b: [1, 3, 2.3], c: [90, 91, 92] })), ['unclear', 'a', 'b'])
})

test('policies that are equal in every run win together', () => {
  const zero = { count: 0, of: 9 }
  const some = { count: 3, of: 9 }
  const runs = made({ a: [some, some], b: [zero, zero], c: [zero, zero] })
  assert.deepEqual(winnerOf(runs), {
    metric: 'reorderedRatio',
    verdict: 'equal',
    policies: ['b', 'c'],
    mean: 0,
  })
  const almost = made({ a: [0, 0, 0], b: [0, 0, 0.1], c: [5, 6, 7] })
  assert.deepEqual(verdict(almost), ['unclear', 'a', 'b'], 'not equal, and not different beyond chance')
})

test('one run names its lowest without calling it a winner', () => {
  assert.deepEqual(verdict(made({ a: [3], b: [1], c: [1] })), ['no-interval', 'b', 'c'])
})

test('one run with batches has a winner where batch by batch it is below', () => {
  const table = (...counts: number[]) => ({
    sizePackets: 64,
    batches: counts.map((count) => ({ count, of: 64 })),
  })
  const values = { a: [{ count: 12, of: 256 }], b: [{ count: 100, of: 256 }] }
  const steady = { a: table(2, 3, 4, 3), b: table(24, 25, 26, 25) }
  assert.deepEqual(verdict(made(values, undefined, steady)), ['clear', 'a'])
  const wild = { a: table(12, 0, 0, 0), b: table(0, 0, 0, 100) }
  assert.deepEqual(verdict(made(values, undefined, wild)), ['unclear', 'a', 'b'])
})

test('failed policies and undefined metrics do not compete; alone nobody wins', () => {
  const values = { a: [1, 1], b: [2, 2], c: [3, 3], d: [null, null] }
  assert.deepEqual(verdict(made(values, 'a')), ['clear', 'b'])
  assert.equal(winnerOf(made({ a: [1, 2] })), null)
  assert.equal(winnerOf(made({ a: [1, 2], b: [2, 2] }, 'a')), null)
  assert.equal(winnerOf([]), null)
})
