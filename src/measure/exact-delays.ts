/**
 * Exact statistics of delays: everything is in memory, so percentiles are the nearest rank of the sorted
 * values. Delay variation is the delay above the smallest of the same flow (RFC 5481 section 4.2).
 */
import { Histogram } from '../metrics/delay/histogram.ts'
import type { DistributionTable, Metrics } from '../metrics/metric.ts'
import type { JudgedColumns } from './judged-columns.ts'

export class ExactDelays {
  /** Of packets that aren't copies, in the order of `rows`. */
  private readonly delayNs: Float64Array
  private readonly variationNs: Float64Array

  /** @param rows the rows to judge @param flowCount more than the largest flow number in them */
  constructor(
    { flow, arrivalNs, departureNs, isCopy }: JudgedColumns,
    rows: ArrayLike<number>,
    flowCount: number,
  ) {
    const smallestNs = new Float64Array(flowCount).fill(Number.POSITIVE_INFINITY)
    let count = 0
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!
      if (isCopy[row] === 1) continue
      count++
      smallestNs[flow[row]!] = Math.min(smallestNs[flow[row]!]!, departureNs[row]! - arrivalNs[row]!)
    }
    this.delayNs = new Float64Array(count)
    this.variationNs = new Float64Array(count)
    let at = 0
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!
      if (isCopy[row] === 1) continue
      const delayNs = departureNs[row]! - arrivalNs[row]!
      this.delayNs[at] = delayNs
      this.variationNs[at++] = delayNs - smallestNs[flow[row]!]!
    }
    this.delayNs.sort()
    this.variationNs.sort()
  }

  /** The smallest delay, ns; 0 without packets. */
  get smallestNs(): number {
    return this.delayNs[0] ?? 0
  }

  /**
   * @param isOneClock whether delays mean something themselves @param areKnown whether they are known at all
   */
  metrics(isOneClock: boolean, areKnown: boolean): Metrics {
    const delayNs = isOneClock && areKnown ? this.delayNs : this.delayNs.subarray(0, 0)
    const variationNs = areKnown ? this.variationNs : this.variationNs.subarray(0, 0)
    return {
      pdvNsP50: nearestRank(variationNs, 0.5),
      pdvNsP99: nearestRank(variationNs, 0.99),
      pdvNsP999: nearestRank(variationNs, 0.999),
      latencyNsMean: delayNs.length === 0 ? null : delayNs.reduce((sum, ns) => sum + ns, 0) / delayNs.length,
      latencyNsP50: nearestRank(delayNs, 0.5),
      latencyNsP99: nearestRank(delayNs, 0.99),
      latencyNsP999: nearestRank(delayNs, 0.999),
      latencyNsMax: nearestRank(delayNs, 1),
    }
  }

  distributions(isOneClock: boolean): DistributionTable[] {
    const variation = { metric: 'pdvNs', rows: tableOf(this.variationNs) }
    return isOneClock ? [{ metric: 'latencyNs', rows: tableOf(this.delayNs) }, variation] : [variation]
  }
}

/** The smallest value that at least `share` of the sorted values don't exceed; null without values. */
function nearestRank(sorted: Float64Array, share: number): number | null {
  if (sorted.length === 0) return null
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!
}

function tableOf(values: Float64Array) {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram.table()
}
