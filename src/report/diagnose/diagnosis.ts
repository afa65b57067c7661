/**
 * A diagnosis as plain data and in sentences: what the traffic is, whom which policy would hurt, what to
 * choose. Every sentence is made of the data.
 */
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { formatDurationNs, grouped, significant } from '../../units.ts'
import type { PolicyRecord, ReportVerdict } from '../comparison/report.ts'
import { verdictTexts } from '../comparison/verdict-text.ts'

export interface Diagnosis {
  readonly kind: 'lanewise diagnosis'
  readonly schemaVersion: 1
  /** The capture, as named. */
  readonly capture: string
  readonly traffic: {
    readonly packets: number
    readonly flows: number
    readonly spanNs: number
    readonly packetsPerSecond: number | null
    /** Share of packets by protocol, 0..1. */
    readonly tcpRatio: number
    readonly udpRatio: number
    /** Offered load on the lanes assumed or calibrated: mean, and in the busiest 10 ms. */
    readonly load: number | null
    readonly loadPeak10ms: number | null
    /**
     * Share of packets that arrive while an earlier one would still be served, were there a lane for each.
     */
    readonly overlappingRatio: number | null
    /** The largest flow, and its share of the packets. */
    readonly largestFlow: string | null
    readonly largestFlowRatio: number | null
    /** Silences within flows: median, 99th percentile, and the share of 1 s or longer. */
    readonly flowGapNsP50: number | null
    readonly flowGapNsP99: number | null
    readonly gapsFrom1sRatio: number | null
  }
  /** Policies that would reorder, most hurtful first. */
  readonly hurt: ReadonlyArray<{
    readonly policy: string
    readonly reorderedRatio: number
    /** Flows with a reordered packet. */
    readonly flows: number
    /** The worst of them, at most three: flow, and packets reordered of those it sent, mean over runs. */
    readonly who: ReadonlyArray<{ readonly flow: string; readonly reordered: number; readonly sent: number }>
  }>
  readonly verdict: ReportVerdict
  readonly restsOn: ReportVerdict['restsOn']
  /** What to set, where a flow table is recommended and its TTL was looked for. */
  readonly ttl: {
    readonly parameter: string
    readonly value: string | null
    readonly basis: string
  } | null
  readonly records: ReadonlyArray<{
    readonly policy: string
    readonly metrics: Readonly<Record<string, MetricSummary>>
    readonly error: string | null
  }>
  readonly next: ReportVerdict['next']
}

/** A policy of which so many packets are reordered hurts. */
const HURT_SHOWN_MAX = 4

/** At most 25 lines, each a sentence or two. */
export function diagnosisTexts(diagnosis: Diagnosis): string[] {
  return [...trafficTexts(diagnosis), ...hurtTexts(diagnosis), ...choiceTexts(diagnosis)]
}

function trafficTexts({ capture, traffic }: Diagnosis): string[] {
  const { packets, flows, spanNs, packetsPerSecond, tcpRatio, udpRatio } = traffic
  const rate =
    packetsPerSecond === null ? '' : `, ${grouped(Math.round(packetsPerSecond))} packets/s on average`
  const lines = [
    `${capture}: ${grouped(packets)} packets of ${grouped(flows)} flows in ${formatDurationNs(spanNs)}${rate}; ${percent(tcpRatio)} TCP, ${percent(udpRatio)} UDP.`,
  ]
  const { load, loadPeak10ms, overlappingRatio } = traffic
  if (load !== null && loadPeak10ms !== null && overlappingRatio !== null) {
    const bursts =
      overlappingRatio === 0
        ? 'no two packets overlap'
        : `${percent(overlappingRatio)} of packets overlap another`
    lines.push(
      `It asks ${percent(load)} of the lanes on average, ${percent(loadPeak10ms)} in its busiest 10 ms: ${bursts}.`,
    )
  }
  if (traffic.largestFlowRatio !== null && traffic.largestFlow !== null) {
    const isElephant = traffic.largestFlowRatio > 0.2
    lines.push(
      `The largest flow, ${traffic.largestFlow}, has ${percent(traffic.largestFlowRatio)} of the packets${isElephant ? ': an elephant, which one lane serves alone under any policy that keeps order' : ''}.`,
    )
  }
  if (traffic.flowGapNsP99 !== null && traffic.gapsFrom1sRatio !== null) {
    lines.push(
      `Silences within a flow: half are shorter than ${formatDurationNs(traffic.flowGapNsP50!)}, 1 % longer than ${formatDurationNs(traffic.flowGapNsP99)}; a table with a TTL of 1 s forgets a flow at ${percent(traffic.gapsFrom1sRatio)} of them.`,
    )
  }
  return lines
}

function hurtTexts({ hurt }: Diagnosis): string[] {
  if (hurt.length === 0) return ['No policy reorders this traffic.']
  return hurt.slice(0, HURT_SHOWN_MAX).map(({ policy, reorderedRatio, flows, who }) => {
    const [worst] = who
    const named =
      worst === undefined
        ? ''
        : `, worst ${worst.flow} (${significant((100 * worst.reordered) / Math.max(1, worst.sent))}% of its packets)`
    return `${policy} would reorder ${percent(reorderedRatio)} of the packets, of ${grouped(flows)} ${flows === 1 ? 'flow' : 'flows'}${named}.`
  })
}

function choiceTexts({ verdict, records, ttl, next }: Diagnosis): string[] {
  const labels = records.map(({ policy }) => policy)
  const judged = { verdict: { ...verdict, next }, records: records as readonly PolicyRecord[], labels }
  const texts = verdictTexts(judged)
  if (ttl === null) return texts
  const said =
    ttl.value === null
      ? `No ${ttl.parameter} that was tried is enough: let entries never expire.`
      : `Set ${ttl.parameter}=${ttl.value} (${ttl.basis === 'proven' ? 'no packet can stay longer' : 'twice what was enough for these packets'}).`
  return [...texts.slice(0, -1), said, ...texts.slice(-1)]
}

function percent(ratio: number): string {
  return `${significant(ratio * 100)}%`
}
