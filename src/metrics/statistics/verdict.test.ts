import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ratio } from '../metric.ts'
import type { PolicyRun, RunResult } from '../result.ts'
import { differenceOf } from './comparison.ts'
import { dropsMore, type Verdict, verdictOf } from './verdict.ts'

/** [label, reordered, TUN drops, lane drops of 1000, p99 in us], one of each per run. */
type Row = readonly [label: string, reordered: number[], tun: number[], lane: number[], p99: number[]]

function runsOf(rows: readonly Row[]): RunResult[] {
  return rows[0]![1].map((_, run) => ({
    run,
    load: {} as RunResult['load'],
    warnings: [],
    policies: rows.map(
      ([label, reordered, tun, lane, p99]): PolicyRun => ({
        label,
        metrics: {
          reorderedRatio: ratio(reordered[run]!, 1000),
          tunQueueDropRatio: ratio(tun[run]!, 1000),
          laneDropRatio: ratio(lane[run]!, 1000),
          latencyNsP99: p99[run]! * 1000,
        },
        distributions: [],
        flows: [],
        error: null,
      }),
    ),
  }))
}
const none = [0, 0, 0]
const spray: Row = ['any-idle', [230, 228, 231], none, none, [3400, 3410, 3390]]
const hash: Row = ['hash', none, none, none, [4300, 4310, 4290]]

const cases: ReadonlyArray<
  readonly [title: string, rows: readonly Row[], kind: Verdict['kind'], policies: string[]]
> = [
  [
    'the quickest of those that keep order',
    [spray, hash, ['flow-pinned', none, none, none, [9000, 9001, 9002]]],
    'order-kept',
    ['hash', 'flow-pinned'],
  ],
  [
    'one that drops is no winner, also where it is the quickest',
    [spray, ['flow-pinned', none, none, [30, 31, 29], [100, 99, 98]], hash],
    'order-kept',
    ['hash'],
  ],
  [
    'all that keep order drop',
    [
      spray,
      ['hash', none, [470, 471, 469], none, [10, 10, 10]],
      ['flow-pinned', none, [540, 541, 542], none, [9, 9, 9]],
    ],
    'drops-first',
    [],
  ],
  [
    'drops at both places count together',
    [spray, ['hash', none, [1, 0, 1], [0, 1, 1], [9, 9, 9]]],
    'drops-first',
    [],
  ],
  ['a thousandth is allowed', [spray, ['hash', none, [1, 1, 1], none, [9, 9, 9]]], 'order-kept', ['hash']],
  [
    'nobody reorders',
    [['any-idle', none, none, none, [5, 5, 5]], hash],
    'nothing-reordered',
    ['any-idle', 'hash'],
  ],
  [
    'the yardstick is never recommended',
    [
      spray,
      ['drained', none, none, none, [1, 1, 1]],
      ['drained:key=address-pair', none, none, none, [1, 1, 1]],
    ],
    'cannot-tell',
    [],
  ],
  [
    'nobody keeps order, one is beyond chance',
    [spray, ['flowlet', [5, 6, 4], none, none, [9, 9, 9]]],
    'least-reordered',
    ['flowlet'],
  ],
  [
    'differences that may be chance',
    [spray, ['random', [228, 231, 230], none, none, [9, 9, 9]]],
    'cannot-tell',
    [],
  ],
  ['one policy alone that reorders', [spray], 'cannot-tell', []],
]
for (const [title, rows, kind, policies] of cases) {
  test(`verdict: ${title}`, () => {
    const verdict = verdictOf(runsOf(rows))
    assert.equal(verdict.kind, kind)
    assert.deepEqual(verdict.policies, policies)
  })
}

test('the price is the paired difference to the quickest of those that are not recommended', () => {
  const { price, drops } = verdictOf(
    runsOf([['random', [400, 401, 402], [2, 2, 2], none, [9000, 9000, 9000]], spray, hash]),
  )
  assert.equal(price!.than, 'any-idle')
  assert.ok(Math.abs(price!.differenceNs - 900_000) < 1)
  assert.ok(price!.low95! <= 900_000 && price!.high95! >= 900_000)
  assert.deepEqual(drops, { random: 0.002, 'any-idle': 0, hash: 0 })
})

test('policies that failed are left out; with none left, it failed', () => {
  const runs = runsOf([spray, hash])
  const broken = runs.map((run) => ({
    ...run,
    policies: run.policies.map((one) => ({ ...one, error: 'threw' })),
  }))
  assert.equal(verdictOf(broken).kind, 'failed')
  const half = runs.map((run) => ({
    ...run,
    policies: [run.policies[0]!, { ...run.policies[1]!, error: 'threw' }],
  }))
  assert.equal(verdictOf(half).kind, 'cannot-tell')
})

test('nobody is named who drops significantly more than another that reorders no more', () => {
  const counts = fc.oneof(fc.constant([0, 0, 0]), fc.array(fc.nat(300), { minLength: 3, maxLength: 3 }))
  const few = fc.oneof(fc.constant([0, 0, 0]), fc.array(fc.nat(6), { minLength: 3, maxLength: 3 }))
  const row = fc.tuple(
    counts,
    fc.oneof(few, counts),
    few,
    fc.array(fc.nat(9999), { minLength: 3, maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (rows) => {
      const runs = runsOf(rows.map(([...given], i) => [`policy-${i}`, ...given] as Row))
      const { policies } = verdictOf(runs)
      for (const label of policies) {
        const index = runs[0]!.policies.findIndex((one) => one.label === label)
        for (const other of runs[0]!.policies.keys()) {
          if (other === index || !dropsMore(runs, index, other)) continue
          const { low95 } = differenceOf(runs, other, index, 'reorderedRatio')
          assert.ok(low95! > 0, `${label} drops more than policy-${other}, which reorders no more`)
        }
      }
    }),
    { seed: 7, numRuns: 2000 },
  )
})
