/**
 * A diagnosis as plain data and in sentences: what the traffic is, whom which policy would hurt, what to
 * choose. Every sentence is made of the data.
 */
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { counted, formatDurationNs, grouped, significant } from '../../units.ts'
import { visibleIn } from '../../visible.ts'
import type { ReportVerdict } from '../comparison/report.ts'
import { verdictTexts } from '../comparison/verdict-text.ts'
import { captureName } from '../parts/capture-name.ts'
import { wrap } from '../parts/wrap.ts'
import { type MeasuredPair, measuredTexts } from './measured-text.ts'

export interface Diagnosis {
  readonly kind: 'lanewise diagnosis'
  readonly schemaVersion: 1
  /** The capture, as named; the names of its files where they are several. */
  readonly capture: string | readonly string[]
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
  /** What captures of both sides of a running system tell; null where there are none. */
  readonly measured: MeasuredPair | null
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

const LINES_MAX = 25
const WIDTH = 80

/** A sentence or two. */
interface Said {
  readonly text: string
  /** May be left out where there is no room, the highest first; without it never. */
  readonly spare?: number
}

/** At most 25 lines of 80 characters: what matters least is left out where there would be more. */
export function diagnosisTexts(made: Diagnosis): string[] {
  const diagnosis = visibleIn(made)
  const said = [...trafficTexts(diagnosis), ...hurtTexts(diagnosis), ...choiceTexts(diagnosis)]
  while (said.reduce((lines, { text }) => lines + wrap(text, WIDTH).length, 0) > LINES_MAX) {
    const spare = Math.max(...said.map((one) => one.spare ?? 0))
    if (spare === 0) break
    said.splice(
      said.findIndex((one) => one.spare === spare),
      1,
    )
  }
  return said.map(({ text }) => text)
}

function trafficTexts({ capture, traffic }: Diagnosis): Said[] {
  const { packets, flows, spanNs, packetsPerSecond, tcpRatio, udpRatio } = traffic
  const rate =
    packetsPerSecond === null ? '' : `, ${grouped(Math.round(packetsPerSecond))} packets/s on average`
  // Of an arrivals CSV without addresses they aren't known.
  const protocols = tcpRatio + udpRatio === 0 ? '' : `; ${percent(tcpRatio)} TCP, ${percent(udpRatio)} UDP`
  const lines: Said[] = [
    {
      text: `${captureName(capture)}: ${counted(packets, 'packet')} of ${counted(flows, 'flow')} in ${formatDurationNs(spanNs)}${rate}${protocols}.`,
    },
  ]
  const { load, loadPeak10ms, overlappingRatio } = traffic
  if (load !== null && loadPeak10ms !== null && overlappingRatio !== null) {
    const bursts =
      overlappingRatio === 0
        ? 'no two packets overlap'
        : `${percent(overlappingRatio)} of packets overlap another`
    lines.push({
      text: `It asks ${percent(load)} of the lanes on average, ${percent(loadPeak10ms)} in its busiest 10 ms: ${bursts}.`,
      spare: 2,
    })
  }
  if (traffic.largestFlowRatio !== null && traffic.largestFlow !== null) {
    const isElephant = traffic.largestFlowRatio > 0.2
    lines.push({
      text: `The largest flow, ${traffic.largestFlow}, has ${percent(traffic.largestFlowRatio)} of the packets${isElephant ? ': an elephant, which one lane serves alone under any policy that keeps order' : ''}.`,
      spare: isElephant ? 3 : 5,
    })
  }
  if (traffic.flowGapNsP99 !== null && traffic.gapsFrom1sRatio !== null) {
    lines.push({
      text: `Silences within a flow: half are shorter than ${formatDurationNs(traffic.flowGapNsP50!)}, 1 % longer than ${formatDurationNs(traffic.flowGapNsP99)}; a table with a TTL of 1 s forgets a flow at ${percent(traffic.gapsFrom1sRatio)} of them.`,
      spare: 6,
    })
  }
  return lines
}

function hurtTexts({ hurt, measured }: Diagnosis): Said[] {
  if (hurt.length === 0) return [{ text: 'No policy reorders this traffic.' }]
  return hurt.slice(0, HURT_SHOWN_MAX).map(({ policy, reorderedRatio, flows, who }, i) => {
    const [worst] = who
    const named =
      worst === undefined
        ? ''
        : `, worst ${worst.flow} (${significant((100 * worst.reordered) / Math.max(1, worst.sent))}% of its packets)`
    const text = `${policy} would reorder ${percent(reorderedRatio)} of the packets, of ${counted(flows, 'flow')}${named}.`
    if (i > 0) return { text, spare: i === 1 ? 4 : 6 + i }
    // What was measured names the policies with their shares again.
    return measured === null ? { text } : { text, spare: 1 }
  })
}

/** The verdict, what to set, what it rests on, what was measured, the next command. */
function choiceTexts({ capture, verdict, records, ttl, measured, next }: Diagnosis): Said[] {
  const labels = records.map(({ policy }) => policy)
  const texts = verdictTexts({ verdict: { ...verdict, next }, records, labels })
  const nextCount = Math.min(1, next.length)
  const said = texts.map((text, i): Said => {
    const isMore = i > 0 && i < texts.length - 1 - nextCount
    return isMore ? { text, spare: 7 } : { text }
  })
  const added = [
    ...(ttl === null ? [] : [ttlText(ttl)]),
    ...(measured === null ? [] : measuredTexts(measured, capture, verdict, labels)),
  ]
  said.splice(said.length - nextCount, 0, ...added.map((text) => ({ text })))
  return said
}

function ttlText({ parameter, value, basis }: NonNullable<Diagnosis['ttl']>): string {
  if (value === null) return `No ${parameter} that was tried is enough: let entries never expire.`
  return `Set ${parameter}=${value} (${basis === 'proven' ? 'no packet can stay longer' : 'twice what was enough for these packets'}).`
}

function percent(ratio: number): string {
  return `${significant(ratio * 100)}%`
}
