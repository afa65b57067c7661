/**
 * Predicted and measured latencies as whole distributions: the Kolmogorov-Smirnov distance, and whether the
 * predicted median and 99th percentile lie in bootstrap intervals of the measured ones. Latencies of
 * neighbouring packets depend on each other, so both take samples that are thin and even over the replay
 * (record-metrics.ts); what is left of the dependence makes p-values too small and intervals too narrow. The
 * distance is the thing to look at.
 */
import { type BootstrapInterval, bootstrap } from '../../metrics/statistics/bootstrap.ts'
import { type KolmogorovSmirnov, kolmogorovSmirnov } from '../../metrics/statistics/kolmogorov-smirnov.ts'
import type { Random } from '../../sim/random.ts'

export interface LatencyVerdict {
  /** null without packets on one side. */
  readonly distribution: KolmogorovSmirnov | null
  readonly medianNs: QuantileVerdict
  readonly p99Ns: QuantileVerdict
}

interface QuantileVerdict {
  readonly measured: BootstrapInterval
  readonly predicted: number | null
  /** null where the interval or the prediction isn't known. */
  readonly isInInterval: boolean | null
}

/** @param random draws the bootstrap's samples */
export function judgeLatency(
  predictedNs: readonly number[],
  measuredNs: readonly number[],
  random: Random,
): LatencyVerdict {
  const judged = (share: number): QuantileVerdict => {
    // The simple interval: quantiles don't meet what BCa asks of a statistic.
    const measured = bootstrap(measuredNs, (sample) => quantile(sample, share), {
      random,
      method: 'percentile',
    })
    const predicted = predictedNs.length === 0 ? null : quantile(predictedNs, share)
    const { low95, high95 } = measured
    const isKnown = predicted !== null && low95 !== null && high95 !== null
    return { measured, predicted, isInInterval: isKnown ? predicted >= low95 && predicted <= high95 : null }
  }
  return {
    distribution: kolmogorovSmirnov(predictedNs, measuredNs),
    medianNs: judged(0.5),
    p99Ns: judged(0.99),
  }
}

/** Nearest rank. */
function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
}
