/**
 * A measurement in words: what was read, how far packets were out of order, what senders and players make of
 * that, and what other programs would have counted. Lines about what isn't known, or didn't happen, are left
 * out.
 */

import type { FlowMeasurement, Measurement } from '../../measure/measurement.ts'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { formatDurationNs } from '../../units.ts'
import { bytesText, numberText, shareText } from '../parts/amounts.ts'
import { countText, ratioCell } from '../parts/format-cell.ts'
import type { Fact, SmallTable } from '../parts/small-table.ts'

export interface Section {
  readonly title: string
  readonly facts: readonly Fact[]
}

const DEGREES_SHOWN = 4

/** In reading order; the first has the measurement's title. */
export function measurementSections(found: Measurement): Section[] {
  const sections = [
    { title: found.title, facts: headFacts(found) },
    { title: 'order within flows', facts: orderFacts(found) },
    { title: 'what senders and players make of it', facts: impactFacts(found) },
    { title: 'the tunnel as one stream', facts: tunnelFacts(found) },
    { title: 'what other programs would count', facts: counterFacts(found) },
  ]
  return sections.filter(({ facts }) => facts.length > 0)
}

function headFacts(found: Measurement): Fact[] {
  const { inputs, counts, flows, clock, judgesAll } = found
  const ofFlows = `${countText(flows)} ${flows === 1 ? 'flow' : 'flows'}`
  const read =
    'arrivals' in inputs
      ? `${inputs.arrivals}: ${countText(counts.received)} packets of ${ofFlows}, in order of arrival`
      : `${inputs.sent} (sent) and ${inputs.received} (received): ${ofFlows}`
  const facts: Fact[] = [
    ['read', read],
    ['packets', countsText(found)],
    ['times', clock.text],
  ]
  if (judgesAll)
    facts.push(['judged', 'protocols are not known: every packet by the rules of TCP and of UDP'])
  return facts
}

function countsText({ counts, inputs }: Measurement): string {
  const { sent, matched, lost, duplicated, corrupted, unmatched, returnSent } = counts
  const known = 'arrivals' in inputs ? ' as far as the numbers tell' : ''
  const share = sent && lost ? ` (${shareText(lost / sent)})` : ''
  const parts = [`${count(sent)} sent${known}: ${count(matched)} arrived, ${count(lost)} lost${share}`]
  parts.push(`${count(duplicated)} further ${duplicated === 1 ? 'copy' : 'copies'}`)
  if (corrupted !== null) parts.push(`${count(corrupted)} corrupted`)
  if (unmatched !== null) parts.push(`${count(unmatched)} that were not sent`)
  const back = returnSent ? `; on the way back and left out: ${countText(returnSent)}` : ''
  return `${parts.join(', ')}${back}`
}

function count(value: number | null): string {
  return value === null ? '-' : countText(value)
}

function orderFacts(found: Measurement): Fact[] {
  const metric = metricOf(found)
  const { reorderedRatio, flowsReorderedRatio: hit } = found.records[0].metrics
  const of = reorderedRatio?.of ?? 0
  const ofFlows = (hit?.of ?? 0) > 1 ? `, in ${countText(hit!.count!)} of ${countText(hit!.of!)} flows` : ''
  const facts: Fact[] = [
    ['reordered', `${ratioCell(reorderedRatio, 2)} of ${countText(of)} packets${ofFlows}`],
  ]
  if (!reorderedRatio?.count) return facts
  const degrees = Array.from({ length: DEGREES_SHOWN }, (_, i) => i + 1)
  facts.push([
    'behind by',
    `mean ${numberText(metric('extentMean'))}, p99 ${numberText(metric('extentP99'))}, max ${numberText(metric('extentMax'))} packets (extent)`,
  ])
  if (metric('lateTimeNsMax') !== null) {
    const [p50, p99, max] = ['P50', 'P99', 'Max'].map((name) => time(metric(`lateTimeNs${name}`)))
    facts.push(['late by', `p50 ${p50}, p99 ${p99}, max ${max} after the first overtaker`])
  }
  facts.push([
    'overtaken',
    `by all of the n packets right before: ${degrees.map((n) => `n=${n} ${shareText(metric(`nReordering[${n}]`))}`).join(', ')}`,
  ])
  const bytes = metric('byteOffsetMax')
  const storage = bytes === null ? '' : `; restoring the order takes up to ${bytesText(bytes)}`
  facts.push(['in order', `runs of ${numberText(metric('reorderingFreeRunMean'))} packets (mean)${storage}`])
  return facts
}

function impactFacts(found: Measurement): Fact[] {
  const metric = metricOf(found)
  const { sackLostRatio: sack, quicLostRatio: quic, pdvNsP50 } = found.records[0].metrics
  const facts: Fact[] = []
  if (sack?.of) {
    const others = [`Reno ${shareText(metric('renoRetransmitRatio'))}`]
    if (metric('rackLostRatio') !== null) others.push(`RACK ${shareText(metric('rackLostRatio'))}`)
    facts.push([
      'TCP',
      `SACK takes ${ratioCell(sack, 2)} of ${countText(sack.of)} segments for lost, ${others.join(', ')}`,
    ])
  }
  if (quic?.of) {
    const byTime = metric('quicTimeLostRatio')
    const text = byTime === null ? '' : `, by its time rule ${shareText(byTime)}`
    facts.push(['QUIC', `takes ${ratioCell(quic, 2)} of ${countText(quic.of)} datagrams for lost${text}`])
  }
  const playouts = Object.entries(found.records[0].metrics).flatMap(([name, { mean }]) => {
    const depth = /^playoutLateRatio\[(.*)\]$/.exec(name)?.[1]
    return depth === undefined || mean === null ? [] : [[shareText(mean), depth] as const]
  })
  if (playouts.length > 0) {
    const texts = playouts.map(
      ([share, depth], i) => `${share} ${i === 0 ? 'too late for a buffer of' : 'for'} ${depth}`,
    )
    facts.push(['play-out', texts.join(', ')])
  }
  if (pdvNsP50?.mean != null) {
    const [p50, p99, p999] = ['P50', 'P99', 'P999'].map((name) => time(metric(`pdvNs${name}`)))
    facts.push([
      'delays',
      `${latencyText(metric)}above the flow's smallest p50 ${p50}, p99 ${p99}, p99.9 ${p999} (PDV)`,
    ])
    facts.push([
      'jitter',
      `mean ${time(metric('jitterNsMean'))}, max ${time(metric('jitterNsMax'))} (RFC 3550); ` +
        `between neighbours p99 ${time(metric('ipdvNsP99'))} (IPDV)`,
    ])
  }
  return facts
}

function latencyText(metric: (name: string) => number | null): string {
  if (metric('latencyNsP50') === null) return ''
  return `p50 ${time(metric('latencyNsP50'))}, p99 ${time(metric('latencyNsP99'))}, max ${time(metric('latencyNsMax'))}; `
}

function tunnelFacts(found: Measurement): Fact[] {
  const all = found.records[0].metrics
  const reordered = all['tunnel.reorderedRatio']
  if (reordered?.mean == null) return []
  const windows = Object.entries(all).flatMap(([name, summary]) => {
    const packets = /^replayWindowDropRatio\[(.*)\]$/.exec(name)?.[1]
    return packets === undefined ? [] : [`${packets} packets ${shareText(summary.mean)}`]
  })
  const facts: Fact[] = [['reordered', ratioCell(reordered, 2)]]
  if (windows.length > 0) facts.push(['replay', `dropped by a window of ${windows.join(', of ')}`])
  return facts
}

function counterFacts(found: Measurement): Fact[] {
  const metric = metricOf(found)
  const facts: Fact[] = []
  const say = (name: string, text: string, first: string) => {
    if (metric(first) !== null) facts.push([name, text])
  }
  const whole = (name: string) => numberText(metric(name))
  say('iperf3', `${whole('iperf3.lost')} lost, ${whole('iperf3.outOfOrder')} out of order`, 'iperf3.lost')
  say('owping', owpingText(metric), 'owping.nReordering[1]')
  say(
    'pScheduler',
    `${whole('pscheduler.packetsReordered')} reordered, ${whole('pscheduler.packetsDuplicated')} duplicated`,
    'pscheduler.packetsReordered',
  )
  say(
    'tcptrace',
    `${whole('tcptrace.outOfOrder')} out of order, ${whole('tcptrace.retransmitted')} retransmitted`,
    'tcptrace.outOfOrder',
  )
  say(
    'Linux',
    `TCPSACKReorder ${whole('linux.sackReorder')}, reordering ${whole('linux.reordering')}`,
    'linux.sackReorder',
  )
  return facts
}

function owpingText(metric: (name: string) => number | null): string {
  const printed: string[] = []
  for (let n = 1; n <= DEGREES_SHOWN && metric(`owping.nReordering[${n}]`); n++)
    printed.push(`${n}-reordering ${shareText(metric(`owping.nReordering[${n}]`))}`)
  return printed.length === 0 ? 'no reordering' : printed.join(', ')
}

/** The worst flows where there are several. */
export function worstFlowsTable({ worstFlows, flows }: Measurement): SmallTable | undefined {
  if (flows < 2 || worstFlows.length === 0) return undefined
  return {
    heads: ['most reordered flows', 'reordered', 'share', 'sent', 'lost', 'copies', 'extent', 'late'],
    rows: worstFlows.map((flow) => [
      flow.flow,
      countText(reorderedPackets(flow)),
      shareText(flowValue(flow, 'reorderedRatio')),
      countText(flow.sent),
      countText(flow.lost),
      countText(flow.duplicated),
      numberText(flowValue(flow, 'extentMax')),
      time(flowValue(flow, 'lateTimeNsMax')),
    ]),
  }
}

function reorderedPackets({ metrics }: FlowMeasurement): number {
  const value = metrics.reorderedRatio ?? null
  return value === null || typeof value === 'number' ? 0 : value.count
}

function flowValue({ metrics }: FlowMeasurement, name: string): number | null {
  const value = metrics[name] ?? null
  if (value === null || typeof value === 'number') return value
  return value.of === 0 ? null : value.count / value.of
}

/** What the words above mean. */
export function measurementLegend({ records, assumptions }: Measurement): string[] {
  const { batches } = records[0].metrics.reorderedRatio ?? ({} as MetricSummary)
  const lines = [
    'reordered: a packet of the flow that was sent later arrived first (RFC 4737). extent, late: how many ' +
      'packets and how much time after the first such packet. ' +
      `TCP, QUIC: open loop, round trip ${assumptions.rtt}.`,
  ]
  if (batches !== undefined) lines.push(`±: half of the 95 % interval over ${batches} parts of the arrivals.`)
  return lines
}

function metricOf({ records }: Measurement) {
  return (name: string): number | null => records[0].metrics[name]?.mean ?? null
}

function time(ns: number | null): string {
  return ns === null ? '-' : formatDurationNs(ns)
}
