/** When a prediction is agreed with, contradicted, or can't be told: runs and measurements made by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Judged } from '../../measure/measurement.ts'
import type { Metrics } from '../../metrics/metric.ts'
import type { RunResult } from '../../metrics/result.ts'
import { compareRuns } from '../../metrics/statistics/comparison.ts'
import { verdictOf } from '../../metrics/statistics/verdict.ts'
import type { Diagnosis } from '../../report/diagnose/diagnosis.ts'
import { besidePrediction } from './contradictions.ts'

const PACKETS = 1000
const PAIR = { sent: 'a.pcap', received: 'b.pcap', sentPaths: ['/a.pcap'] }

interface Policy {
  readonly label: string
  /** Packets reordered in each of the runs, and dropped at a queue or lost on links in every one. */
  readonly reordered: readonly number[]
  readonly dropped?: number
  readonly lost?: number
}

function found(
  policies: readonly Policy[],
  reordered: { count: number; of: number; low95?: number; high95?: number },
  lost = 0,
) {
  const ratio = (count: number) => ({ count, of: PACKETS })
  const runs = policies[0]!.reordered.map((_, run) => ({
    policies: policies.map(({ label, reordered: counts, dropped = 0, lost: onLinks = 0 }) => ({
      label,
      error: null,
      metrics: {
        reorderedRatio: ratio(counts[run]!),
        tunQueueDropRatio: ratio(dropped),
        laneDropRatio: ratio(0),
        linkLossRatio: ratio(onLinks),
        latencyNsP99: 1,
      } satisfies Metrics,
    })),
  })) as unknown as RunResult[]
  const { count, of, low95 = null, high95 = null } = reordered
  const judged = {
    counts: { sent: of + lost, matched: of, lost, lostAtEdges: 0, lostWholeFlows: 0 },
    metrics: { reorderedRatio: { mean: count / of, low95, high95, runs: 1, count, of } },
    notes: [],
    worstFlows: [],
  } as unknown as Judged
  const records = compareRuns(runs, policies[0]!.label).map(({ label, metrics, error }) => ({
    policy: label,
    metrics,
    error,
  }))
  const verdict = verdictOf(runs) as Diagnosis['verdict']
  return besidePrediction(PAIR, { judged, problem: null }, true, runs, { verdict, records })
}

/** 18, 20 and 22 of 1,000: where one more run lies is 2 % ± t(2) x 0.2 % x sqrt(4/3) = ± 0.9937 %. */
const SPRAY: Policy = { label: 'any-idle', reordered: [18, 20, 22] }
const KEEPS: Policy = { label: 'hash', reordered: [0, 0, 0] }

test('a prediction is where one more run would lie, and of none reordered less than 3/n', () => {
  const [spray, keeps] = found([SPRAY, KEEPS], { count: 0, of: PACKETS }).predictions
  const { mean, low95, high95 } = spray!.reorderedRatio
  assert.deepEqual(
    [mean, low95, high95].map((one) => one!.toFixed(6)),
    ['0.020000', '0.010063', '0.029937'],
  )
  assert.deepEqual(keeps!.reorderedRatio, { mean: 0, low95: 0, high95: 3 / (3 * PACKETS) })
})

const cases: ReadonlyArray<
  readonly [
    what: string,
    measured: { count: number; of: number; low95?: number; high95?: number },
    agrees: readonly [spray: string, keeps: string],
  ]
> = [
  ['within the predicted interval', { count: 29, of: 1000, low95: 0.02, high95: 0.04 }, ['yes', 'no']],
  [
    'outside, with an interval that reaches it',
    { count: 35, of: 1000, low95: 0.029, high95: 0.041 },
    ['cannot-tell', 'no'],
  ],
  ['outside, with an interval above it', { count: 35, of: 1000, low95: 0.0301, high95: 0.04 }, ['no', 'no']],
  ['outside, with an interval below it', { count: 5, of: 1000, low95: 0.001, high95: 0.01 }, ['no', 'no']],
  ['outside, without an interval', { count: 20, of: 60 }, ['cannot-tell', 'no']],
  ['none of 100, of which 3 could be', { count: 0, of: 100, low95: 0, high95: 0 }, ['cannot-tell', 'yes']],
  ['none of 1,000', { count: 0, of: 1000, low95: 0, high95: 0 }, ['no', 'yes']],
  // By Wilson the lower bounds are 0.055 % and 0.214 %, and the prediction's upper one is 0.1 %.
  [
    'two of 1,000 in one burst',
    { count: 2, of: 1000, low95: 0, high95: 0.011 },
    ['cannot-tell', 'cannot-tell'],
  ],
  ['five of 1,000 in one burst', { count: 5, of: 1000, low95: 0, high95: 0.02 }, ['cannot-tell', 'no']],
]
for (const [what, measured, agrees] of cases) {
  test(`agreement: ${what}`, () => {
    const { predictions } = found([SPRAY, KEEPS], measured)
    assert.deepEqual(
      predictions.map((one) => one.agrees),
      agrees,
    )
  })
}

test('loss is compared with the drops and link losses of those that the order fits', () => {
  const dropping: Policy = { ...SPRAY, dropped: 40, lost: 10 }
  const inOrder = { count: 0, of: 950, low95: 0, high95: 0 }
  const orderly = found([dropping, KEEPS], inOrder, 50)
  assert.deepEqual(orderly.dropsMost, { policy: 'hash', dropRatio: 0, high95: 3 / (3 * PACKETS) })
  assert.deepEqual([orderly.lostInside, orderly.contradictions], [50, ['loses']])
  const spraying = found([dropping, KEEPS], { count: 20, of: 950, low95: 0.015, high95: 0.03 }, 50)
  const { policy, dropRatio, high95 } = spraying.dropsMost!
  assert.deepEqual(
    [policy, dropRatio.toFixed(9), high95.toFixed(9)],
    ['any-idle', '0.050000000', '0.050000000'],
  )
  assert.deepEqual(spraying.contradictions, ['reorders'])
})

test('a yardstick is no system that could be measured', () => {
  const { predictions } = found([{ ...KEEPS, label: 'drained' }, SPRAY], { count: 0, of: PACKETS })
  assert.deepEqual(
    predictions.map(({ policy }) => policy),
    ['any-idle'],
  )
})
