/** From what trackers have counted to the named metrics of a report. */
import { type DistributionTable, type Metrics, ratio } from '../metric.ts'
import type { OrderTracker } from './order.ts'

/**
 * Degrees, displacements and occupancies that are metrics of their own; all of them stand in
 * distributions.csv.
 */
const N_DEGREES = 8
const DISPLACEMENTS = 4
const OCCUPANCIES = 4

export function orderMetrics(tracker: OrderTracker): Metrics {
  const { extent, lateTimeNs, received, reordered, gaps, freeRuns, densities } = tracker
  const some = reordered > 0
  const metrics: Metrics = {
    extentMean: extent.mean,
    extentP99: extent.quantile(0.99),
    extentMax: some ? extent.max : null,
    lateTimeNsP50: lateTimeNs.quantile(0.5),
    lateTimeNsP99: lateTimeNs.quantile(0.99),
    lateTimeNsMax: some ? lateTimeNs.max : null,
    byteOffsetMean: some ? tracker.byteOffsetBytesSum / reordered : null,
    byteOffsetMax: some ? tracker.byteOffsetBytesMax : null,
    overtakersMean: received === 0 ? null : tracker.overtakers / received,
    gapMean: gaps.count === 0 ? null : gaps.packets / gaps.count,
    gapDetectedMean: gaps.detected === 0 ? null : gaps.detectedPackets / gaps.detected,
    gapNsMean: gaps.count === 0 ? null : gaps.ns / gaps.count,
    reorderingFreeRunMean: freeRuns.mean,
    reorderingFreeRunSeenMean: freeRuns.meanSeen,
  }
  for (let n = 1; n <= N_DEGREES; n++) metrics[`nReordering[${n}]`] = ratio(tracker.nReordered(n), received)
  const { displacements, buffered, thresholdPackets } = densities
  const displaced = sumOf(displacements)
  for (let d = -DISPLACEMENTS; d <= DISPLACEMENTS; d++)
    metrics[`reorderDensity[${d}]`] = ratio(displacements[d + thresholdPackets] ?? 0, displaced)
  const arrivals = sumOf(buffered)
  for (let b = 0; b <= OCCUPANCIES; b++)
    metrics[`reorderBufferDensity[${b}]`] = ratio(buffered[b] ?? 0, arrivals)
  metrics.lateBeyondWindow = tracker.lateBeyondWindow
  return metrics
}

/** @param segments judges TCP segments; @param datagrams judges UDP datagrams */
export function impactMetrics(segments: OrderTracker, datagrams: OrderTracker): Metrics {
  const { tcpJudged, lossRules: tcp } = segments
  const { quicJudged, lossRules: quic } = datagrams
  return {
    renoRetransmitRatio: ratio(tcp.renoLost, tcpJudged),
    sackRecoveryRatio: ratio(tcp.sackEntered, tcpJudged),
    sackLostRatio: ratio(tcp.sackLost, tcpJudged),
    rackLostRatio: ratio(tcp.rackLost, tcpJudged),
    linuxReorderingMax: tcpJudged === 0 ? null : tcp.linuxReordering,
    linuxSackReorders: tcpJudged === 0 ? null : tcp.linuxReorderEvents,
    quicLostRatio: ratio(quic.quicLost, quicJudged),
    quicTimeLostRatio: ratio(quic.quicTimeLost, quicJudged),
  }
}

export function orderDistributions(tracker: OrderTracker, prefix: string): DistributionTable[] {
  const { displacements, buffered, thresholdPackets } = tracker.densities
  return [
    { metric: `${prefix}extent`, rows: tracker.extent.table() },
    { metric: `${prefix}lateTimeNs`, rows: tracker.lateTimeNs.table() },
    { metric: `${prefix}ipdvNs`, rows: tracker.ipdvNs.table() },
    { metric: `${prefix}nReordering`, rows: countRows(tracker.degrees, 0) },
    { metric: `${prefix}reorderDensity`, rows: countRows(displacements, -thresholdPackets) },
    { metric: `${prefix}reorderBufferDensity`, rows: countRows(buffered, 0) },
  ]
}

function countRows(counts: Float64Array, first: number): Array<readonly [number, number, number]> {
  const rows: Array<readonly [number, number, number]> = []
  for (const [i, count] of counts.entries()) if (count > 0) rows.push([first + i, first + i + 1, count])
  return rows
}

function sumOf(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
