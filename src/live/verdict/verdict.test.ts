import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Metrics } from '../../metrics/metric.ts'
import { estimate } from '../../metrics/statistics/statistics.ts'
import { DEFAULT_BOUNDS, invalidities } from './validity.ts'
import { judge, judgeRanks } from './verdict.ts'

const ratios = (...counts: number[]): Metrics[] =>
  counts.map((count) => ({ reorderedRatio: { count, of: 1000 } }))
const times = (...values: (number | null)[]): Metrics[] => values.map((value) => ({ latencyNsMean: value }))

// Predicted 98, 100, 102: mean 100, s = 2, t(0.95, 2) = 4.30265, so 100 ± 4.30265 x 2 x sqrt(4/3) = 100 ±
// 9.936.
const cases: ReadonlyArray<readonly [string, Metrics[], Metrics[], boolean, boolean]> = [
  ['in the middle', times(98, 100, 102), times(99, 101), true, true],
  ['within the interval', times(98, 100, 102), times(109.9), true, true],
  ['in the tolerance only', times(98, 100, 102), times(109.95), false, true],
  ['in neither', times(98, 100, 102), times(110.1), false, false],
  ['below both', times(98, 100, 102), times(89.9), false, false],
  ['a ratio within 0.3 points', ratios(10, 10, 10), ratios(13), false, true],
  ['a ratio beyond 0.3 points', ratios(10, 10, 10), ratios(14), false, false],
  ['a time gets no points', times(0.01, 0.01, 0.01), times(0.012), false, false],
  ['known to neither', times(null, null), times(null), true, true],
  ['known to one only', times(null, null), times(5), false, false],
  ['constant and met', times(7, 7), times(7), true, true],
]

for (const [what, predicted, measured, isInInterval, isRight] of cases) {
  test(`a measured mean is judged by interval and tolerance: ${what}`, () => {
    const { metrics } = judge(predicted, measured)
    assert.deepEqual([metrics[0]!.isInInterval, metrics[0]!.isRight], [isInInterval, isRight])
  })
}

test('a verdict is no where one metric is, yes where all are, and else can not be told', () => {
  const predicted = [98, 100, 102].flatMap((ns) => [{ latencyNsMean: ns, latencyNsP50: ns }])
  const of = (...measured: Array<[number, number]>) =>
    judge(
      predicted,
      measured.map(([latencyNsMean, latencyNsP50]) => ({ latencyNsMean, latencyNsP50 })),
    )
  const each = (verdict: ReturnType<typeof judge>) => verdict.metrics.map((metric) => metric.verdict)
  const cases = [
    { verdict: of([99, 99], [100, 100], [101, 101]), metrics: ['yes', 'yes'], all: 'yes' },
    { verdict: of([99, 20], [100, 100], [101, 180]), metrics: ['yes', 'cannot-tell'], all: 'cannot-tell' },
    { verdict: of([99, 199], [100, 200], [101, 201]), metrics: ['yes', 'no'], all: 'no' },
    { verdict: of([199, 20], [200, 100], [201, 180]), metrics: ['no', 'cannot-tell'], all: 'no' },
    { verdict: of([100, 100]), metrics: ['cannot-tell', 'cannot-tell'], all: 'cannot-tell' },
    { verdict: judge([], []), metrics: [], all: 'cannot-tell' },
  ]
  for (const { verdict, metrics, all } of cases)
    assert.deepEqual([each(verdict), verdict.verdict], [metrics, all])
})

test('a verdict holds what it is made of, over the judged metrics and lane shares only', () => {
  const predicted = [98, 102].map((ns) => ({
    latencyNsMean: ns,
    packets: 1,
    'laneShare[0]': { count: 1, of: 4 },
    laneShareMax: { count: 3, of: 4 },
  }))
  const laneShares = { 'laneShare[0]': { count: 1, of: 4 }, laneShareMax: { count: 3, of: 4 } }
  const measured = [{ latencyNsMean: 150, packets: 9, ...laneShares }]
  const { metrics, isRight } = judge(predicted, measured)
  assert.deepEqual(
    metrics.map(({ metric, deviation, isRight }) => [metric, deviation, isRight]),
    [
      ['latencyNsMean', 0.5, false],
      ['laneShare[0]', 0, true],
      ['laneShareMax', 0, true],
    ],
  )
  assert.equal(isRight, false)
  assert.equal(judge([], []).isRight, false, 'nothing judged is not right')
})

test('ranks are judged among policies that measurement tells apart', () => {
  const measured = (...values: number[]) => estimate(values)
  const policies = [
    { label: 'hash', predicted: 0, measured: measured(0, 0, 0) },
    { label: 'spray', predicted: 0.2, measured: measured(0.3, 0.31, 0.29) },
    { label: 'pinned', predicted: 0.25, measured: measured(0.1, 0.11, 0.09) },
    { label: 'noisy', predicted: 9, measured: measured(0, 0.6) },
    { label: 'once', predicted: 9, measured: measured(0.5) },
  ]
  assert.deepEqual(judgeRanks(policies), { pairs: 3, wrong: [['pinned', 'spray']] })
})

test('a disturbed replay is invalid, with a line per reason', () => {
  const machineUse = { othersBusyNs: 1e9, runQueueWaitRatio: 0.19 }
  const calm = { stealNs: 0.1e9, wallSeconds: 10, lateness: { p99Ns: 2e6 }, machineUse }
  assert.deepEqual(invalidities(calm), [])
  assert.deepEqual(invalidities({ ...calm, stealNs: 1.06e9 }), [
    'the host took 11 % of a core away, more than 2 % - repeat it when the host is quiet',
  ])
  assert.deepEqual(invalidities({ ...calm, lateness: { p99Ns: 38e6 } }), [
    '1 % of the packets were sent more than 38 ms late, bound 5 ms - repeat it, or replay slower',
  ])
  const unknown = { ...calm, stealNs: Number.NaN, lateness: { p99Ns: Number.NaN } }
  assert.equal(
    invalidities(unknown).length,
    1,
    'steal must be known, lateness is not where nothing was planned',
  )
  assert.deepEqual(invalidities({ ...calm, stealNs: 1e9 }, { ...DEFAULT_BOUNDS, stealShareMax: 0.2 }), [])
})

// Bounds: 20 % of the time without a core, and more than 0.2 cores used by others, over 10 s.
const waits: ReadonlyArray<readonly [string, number | null, number | null, string]> = [
  ['both within', 0.2, 2e9, ''],
  [
    'waiting for others',
    0.38,
    21e9,
    '38 % of the time that they wanted one while other programs used 2.1 cores,',
  ],
  ['waiting for each other', 0.6, 1.9e9, ''],
  ['not waiting beside others', 0.1, 15e9, ''],
  ['others unknown', 0.3, null, '30 % of the time that they wanted one'],
  ['waits unknown', null, 15e9, ''],
]
for (const [what, runQueueWaitRatio, othersBusyNs, reason] of waits) {
  test(`a replay is disturbed where its threads wait for cores that others use: ${what}`, () => {
    const machineUse = { othersBusyNs, runQueueWaitRatio }
    const reasons = invalidities({ stealNs: 0, wallSeconds: 10, lateness: { p99Ns: 0 }, machineUse })
    const expected = `its threads had no core ${reason} bound 20 % - repeat it when the machine is idle`
    assert.deepEqual(reasons, reason === '' ? [] : [expected])
  })
}
