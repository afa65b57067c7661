/**
 * Was a prediction right? A metric is right when the mean of the measured replays lies where one further
 * simulated run would lie with 95 % probability, or within 10 % (ratios also 0.3 percentage points) of the
 * predicted mean: replays differ by more than a simulation of one of them knows. The calibration's own chance
 * error is in neither, so the interval alone holds about 95 % of the time when the mean is of five replays or
 * more, less with fewer. Whether replays are enough to say so is {@link MetricVerdict.verdict}.
 */
import { type Metrics, type MetricValue, numberOf } from '../../metrics/metric.ts'
import { type Estimate, estimate, predictionInterval } from '../../metrics/statistics/statistics.ts'
import { type Decision, decide, decideUnknown, differenceOf, replaysToTell } from './difference.ts'
import { LANE_SHARE_MAX } from './record-metrics.ts'

/** What predictions are judged by, beside the share of each lane; docs/live.md lists them. */
const JUDGED = [
  'reorderedRatio',
  'extentMean',
  'lateTimeNsP50',
  'lateTimeNsP99',
  'latencyNsMean',
  'latencyNsP50',
  'latencyNsP99',
  LANE_SHARE_MAX,
]
const TOLERANCE = 0.1
const TOLERANCE_OF_RATIOS = 0.003

export interface MetricVerdict {
  readonly metric: string
  /** Over replays, the interval is that of the mean. */
  readonly measured: Estimate
  /** Over simulated runs, the interval is where one further run would lie. */
  readonly predicted: Estimate
  /** (measured - predicted) / predicted; null where that isn't defined. */
  readonly deviation: number | null
  readonly isInInterval: boolean
  readonly isInTolerance: boolean
  readonly isRight: boolean
  /** Measured minus predicted, with the 95 % interval of both spreads; runs are the replays. */
  readonly difference: Estimate
  /** Right or wrong as far as the spread of replays and of simulated runs lets it be told. */
  readonly verdict: Decision
  /** Where it can't be told: how many replays of this spread would tell; null where none would. */
  readonly replaysToTell: number | null
}

export interface Verdict {
  readonly metrics: readonly MetricVerdict[]
  /** All of them are right. */
  readonly isRight: boolean
  /** No where one of them is, yes where all are. */
  readonly verdict: Decision
}

/** @param predicted of simulated runs @param measured of replays that the prediction wasn't calibrated on */
export function judge(predicted: readonly Metrics[], measured: readonly Metrics[]): Verdict {
  const names = Object.keys(measured[0] ?? {}).filter(
    (name) => JUDGED.includes(name) || name.startsWith('laneShare['),
  )
  const metrics = names.map((name) =>
    judgeMetric(
      name,
      predicted.map((run) => run[name] ?? null),
      measured.map((run) => run[name] ?? null),
    ),
  )
  const has = (verdict: Decision) => metrics.some((metric) => metric.verdict === verdict)
  const isAllYes = has('yes') && !has('cannot-tell')
  return {
    metrics,
    isRight: metrics.length > 0 && metrics.every(({ isRight }) => isRight),
    verdict: has('no') ? 'no' : isAllYes ? 'yes' : 'cannot-tell',
  }
}

/**
 * A metric that neither side knows (extents of packets in order) is right, one that only one side knows is
 * wrong.
 */
function judgeMetric(
  metric: string,
  predictedValues: readonly MetricValue[],
  measuredValues: readonly MetricValue[],
): MetricVerdict {
  const measured = estimate(measuredValues.map(numberOf))
  const predicted = predictionInterval(predictedValues.map(numberOf))
  const common = { metric, measured, predicted, difference: differenceOf(measured, predicted) }
  if (measured.mean === null || predicted.mean === null) {
    const isRight = measured.mean === predicted.mean
    const asked = { measured: measuredValues.length, predicted: predictedValues.length }
    return {
      ...common,
      deviation: null,
      isInInterval: isRight,
      isInTolerance: isRight,
      isRight,
      verdict: decideUnknown(measured, predicted, asked),
      replaysToTell: null,
    }
  }
  const { mean, low95, high95 } = predicted
  const difference = measured.mean - mean
  const isRatio = [...predictedValues, ...measuredValues].some(
    (value) => typeof value === 'object' && value !== null,
  )
  const allowed = Math.max(TOLERANCE * Math.abs(mean), isRatio ? TOLERANCE_OF_RATIOS : 0)
  const isInInterval = low95 !== null && high95 !== null && measured.mean >= low95 && measured.mean <= high95
  const isInTolerance = Math.abs(difference) <= allowed
  const isRight = isInInterval || isInTolerance
  const verdict = decide(measured, predicted, allowed, isRight)
  return {
    ...common,
    deviation: mean === 0 ? null : difference / mean,
    isInInterval,
    isInTolerance,
    isRight,
    verdict,
    replaysToTell: verdict === 'cannot-tell' ? replaysToTell(measured, predicted, allowed, isRight) : null,
  }
}

/** One policy's metric, predicted and measured. */
export interface Ranked {
  readonly label: string
  /** Mean over simulated runs. */
  readonly predicted: number
  /** Over replays. */
  readonly measured: Estimate
}

export interface RankVerdict {
  /** Pairs of policies whose measured 95 % intervals don't overlap. */
  readonly pairs: number
  /** Those of them that are predicted the other way round, the lower one as measured first. */
  readonly wrong: ReadonlyArray<readonly [string, string]>
}

/**
 * Are policies in the predicted order, as far as measurement tells them apart? Without an interval a policy
 * takes no part.
 */
export function judgeRanks(policies: readonly Ranked[]): RankVerdict {
  const wrong: Array<readonly [string, string]> = []
  let pairs = 0
  for (const lower of policies) {
    for (const higher of policies) {
      const [{ high95 }, { low95 }] = [lower.measured, higher.measured]
      if (high95 === null || low95 === null || high95 >= low95) continue
      pairs++
      if (lower.predicted >= higher.predicted) wrong.push([lower.label, higher.label])
    }
  }
  return { pairs, wrong }
}
