/**
 * What was measured beside what is predicted: which policies' predictions it agrees with, and where it
 * contradicts them all. A prediction is the interval in which one further run would lie, since the measured
 * system is one run; the measured share has an interval of its own, by parts of the arrivals, and of too few
 * packets for parts it can't tell.
 */

import { isYardstick } from '../../metrics/catalogue/recommendable.ts'
import { type MetricValue, numberOf } from '../../metrics/metric.ts'
import type { RunResult } from '../../metrics/result.ts'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { shareInterval } from '../../metrics/statistics/proportion.ts'
import { predictionInterval } from '../../metrics/statistics/statistics.ts'
import { valuesOf } from '../../metrics/statistics/verdict.ts'

import type { Diagnosis } from '../../report/diagnose/diagnosis.ts'
import type { Contradiction, MeasuredPair, Predicted } from '../../report/diagnose/measured-text.ts'
import type { Found, Pair } from './pair.ts'

/** A share with its bounds; unknown ones are null. */
type Bounds = Predicted['reorderedRatio']

const NOTHING: Omit<MeasuredPair, 'sent' | 'received' | 'isSameTraffic' | 'problem'> = {
  counts: null,
  metrics: {},
  worstFlow: null,
  lostInside: null,
  predictions: [],
  dropsMost: null,
  contradictions: [],
  notes: [],
}

/** @param isSameTraffic is what was sent the traffic that was simulated? */
export function besidePrediction(
  { sent, received }: Pair,
  { judged, problem }: Found,
  isSameTraffic: boolean,
  results: readonly RunResult[],
  { verdict, records }: Pick<Diagnosis, 'verdict' | 'records'>,
): MeasuredPair {
  const about = { sent, received, isSameTraffic, problem }
  if (judged === null) return { ...about, ...NOTHING }
  const { counts, metrics, notes, worstFlows } = judged
  const share = metrics.reorderedRatio
  const predictions = records.flatMap(({ policy, metrics: summaries, error }, index) => {
    if (error !== null || isYardstick(policy)) return []
    const reorderedRatio = predictedShare(results, index, summaries.reorderedRatio)
    return [{ policy, reorderedRatio, agrees: agreement(share, reorderedRatio) }]
  })
  const lostInside = lostInsideOf(counts)
  const dropsMost = mostDropped(results, records, predictions)
  const contradictions: Contradiction[] = []
  if (predictions.length > 0 && predictions.every(({ agrees }) => agrees === 'no')) {
    contradictions.push('no-policy')
  }
  const recommended = predictions.find(({ policy }) => policy === verdict.policies[0])
  if (verdict.kind === 'order-kept' && recommended?.agrees === 'no') contradictions.push('reorders')
  if (dropsMost !== null && isAbove({ count: lostInside, of: counts.sent ?? 0 }, dropsMost.high95)) {
    contradictions.push('loses')
  }
  const [worst] = worstFlows
  return {
    ...about,
    counts,
    metrics,
    worstFlow:
      worst === undefined || worst.reordered === 0
        ? null
        : { flow: worst.flow, reordered: worst.reordered, arrived: worst.arrived },
    lostInside,
    predictions,
    dropsMost,
    contradictions,
    notes,
  }
}

/**
 * Of one policy, where one further run would lie; of a single run what its parts tell. None reordered is
 * bounded by the rule of three.
 */
function predictedShare(
  results: readonly RunResult[],
  index: number,
  summary: MetricSummary | undefined,
): Bounds {
  const values = results.map((run) => numberOf(metricOf(run, index, 'reorderedRatio')))
  const further = predictionInterval(values)
  const { mean, low95, high95 } = further.runs === 1 && summary !== undefined ? summary : further
  if (summary?.count === 0 && summary.of) return { mean, low95: 0, high95: Math.min(1, 3 / summary.of) }
  return {
    mean,
    low95: low95 === null ? null : Math.max(0, low95),
    high95: high95 === null ? null : Math.min(1, high95),
  }
}

/**
 * Yes: the measured share lies in the predicted interval. No: its own interval doesn't reach that either. A
 * policy that reordered nothing at all is contradicted by a few packets already, however they come.
 */
function agreement(
  measured: MetricSummary | undefined,
  { mean, low95, high95 }: Bounds,
): Predicted['agrees'] {
  const share = measured?.mean ?? null
  if (measured === undefined || share === null || mean === null || low95 === null || high95 === null) {
    return 'cannot-tell'
  }
  const { count = 0, of = 0 } = measured
  if (share >= low95 && share <= high95) return 'yes'
  if (mean === 0) return isAbove({ count, of }, high95) ? 'no' : 'cannot-tell'
  const own = count === 0 ? { low95: 0, high95: 3 / of } : measured
  if (own.low95 === null || own.high95 === null) return 'cannot-tell'
  return own.low95 > high95 || own.high95 < low95 ? 'no' : 'cannot-tell'
}

/** So many events are more than a share of `bound`, whatever chance does. */
function isAbove(ratio: { readonly count: number; readonly of: number }, bound: number): boolean {
  return shareInterval(ratio).low95 > bound
}

/**
 * Lost packets that can't be laid to the captures: of flows of which others arrive, and sent between the
 * first and the last that arrived. Some are both, so that it may be more.
 */
function lostInsideOf({ lost, lostAtEdges, lostWholeFlows }: NonNullable<Found['judged']>['counts']): number {
  return Math.max(0, (lost ?? 0) - (lostAtEdges ?? 0) - (lostWholeFlows ?? 0))
}

/** Who drops most, at queues and on links, of the policies that the measured order doesn't contradict. */
function mostDropped(
  results: readonly RunResult[],
  records: Diagnosis['records'],
  predictions: readonly Predicted[],
): MeasuredPair['dropsMost'] {
  const like = predictions.filter(({ agrees }) => agrees !== 'no')
  const considered = (like.length > 0 ? like : predictions).map(({ policy }) => policy)
  const dropping = records.flatMap(({ policy }, index) => {
    if (!considered.includes(policy)) return []
    const drops = valuesOf(results, index, 'dropRatio').map((ratio, run) => {
      const link = numberOf(metricOf(results[run]!, index, 'linkLossRatio')) ?? 0
      return ratio === null ? null : ratio + link
    })
    const { mean, high95 } = predictionInterval(drops)
    if (mean === null) return []
    const offered = results.reduce(
      (sum, run) => sum + chancesOf(metricOf(run, index, 'tunQueueDropRatio')),
      0,
    )
    return [{ policy, dropRatio: mean, high95: mean === 0 && offered > 0 ? 3 / offered : (high95 ?? mean) }]
  })
  return dropping.sort((a, b) => b.high95 - a.high95)[0] ?? null
}

function metricOf(run: RunResult, index: number, metric: string): MetricValue {
  return run.policies[index]!.metrics[metric] ?? null
}

function chancesOf(value: MetricValue): number {
  return typeof value === 'object' && value !== null ? value.of : 0
}
