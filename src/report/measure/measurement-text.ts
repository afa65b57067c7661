/**
 * A measurement in words: what was read, how far packets were out of order, what senders and players make of
 * that, and what other programs would have counted. Lines about what isn't known, or didn't happen, are left
 * out.
 */

import type { FlowMeasurement, Measurement } from '../../measure/measurement.ts'
import { shownMetric } from '../../metrics/catalogue/shown.ts'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { HEADLINE } from '../comparison/columns.ts'
import { amountOf, shareText } from '../parts/amounts.ts'
import { captureName } from '../parts/capture-name.ts'
import { cellOf, countText } from '../parts/format-cell.ts'
import { legendOf } from '../parts/metric-columns.ts'
import type { Fact, SmallTable } from '../parts/small-table.ts'

export interface Section {
  readonly title: string
  readonly facts: readonly Fact[]
}

const DEGREES_SHOWN = 4
/** Beside how many packets of a flow are reordered. */
const WORST_BY = ['extentMax', 'lateTimeNsMax']

/** In reading order; the first has the measurement's title. */
export function measurementSections(found: Measurement): Section[] {
  const sections = [
    { title: found.title, facts: headFacts(found) },
    { title: 'order within flows', facts: orderFacts(found) },
    { title: 'what senders and players make of it', facts: impactFacts(found) },
    { title: 'the tunnel as one stream', facts: tunnelFacts(found) },
    { title: 'every counter for itself', facts: counterWindowFacts(found) },
    { title: 'what other programs would count', facts: counterFacts(found) },
  ]
  return sections.filter(({ facts }) => facts.length > 0)
}

function headFacts(found: Measurement): Fact[] {
  const { inputs, counts, flows, clock, judgesAll, numbering } = found
  const ofFlows = `${countText(flows)} ${flows === 1 ? 'flow' : 'flows'}`
  const arrived = `${countText(counts.received)} packets of ${ofFlows}, in order of arrival`
  const read =
    'arrivals' in inputs
      ? `${inputs.arrivals}: ${arrived}`
      : 'capture' in inputs
        ? `${captureName(inputs.capture)}: ${arrived}`
        : `${captureName(inputs.sent)} (sent) and ${captureName(inputs.received)} (received): ${ofFlows}`
  const facts: Fact[] = [['read', read]]
  if (numbering !== null) facts.push(['numbers', `the packets' own: ${numbering.replaceAll(',', ', ')}`])
  facts.push(['packets', countsText(found)], ['times', clock.text])
  if (judgesAll)
    facts.push(['judged', 'protocols are not known: every packet by the rules of TCP and of UDP'])
  return facts
}

function countsText({ counts, inputs }: Measurement): string {
  const { sent, matched, lost, duplicated, corrupted, rewritten, unmatched, returnSent } = counts
  const known = 'sent' in inputs ? '' : ' as far as the numbers tell'
  const share = sent && lost ? ` (${shareText(lost / sent)})` : ''
  const parts = [`${count(sent)} sent${known}: ${count(matched)} arrived, ${count(lost)} lost${share}`]
  if (rewritten) parts[0] += `, ${countText(rewritten)} of the arrived rewritten`
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
  const { isKnown, cell, text } = metricsOf(found)
  const { reorderedRatio, flowsReorderedRatio: hit } = found.records[0].metrics
  const of = reorderedRatio?.of ?? 0
  const ofFlows = (hit?.of ?? 0) > 1 ? `, in ${countText(hit!.count!)} of ${countText(hit!.of!)} flows` : ''
  const facts: Fact[] = [
    [shownMetric(HEADLINE).shortTitle, `${cell(HEADLINE)} of ${countText(of)} packets${ofFlows}`],
  ]
  if (!reorderedRatio?.count) return facts
  const degrees = Array.from({ length: DEGREES_SHOWN }, (_, i) => i + 1)
  facts.push([
    'behind by',
    `mean ${text('extentMean')}, p99 ${text('extentP99')}, max ${text('extentMax')} packets (extent)`,
  ])
  if (isKnown('lateTimeNsMax')) {
    const [p50, p99, max] = ['P50', 'P99', 'Max'].map((name) => text(`lateTimeNs${name}`))
    facts.push(['late by', `p50 ${p50}, p99 ${p99}, max ${max} after the first overtaker`])
  }
  facts.push([
    'overtaken',
    `by all of the n packets right before: ${degrees.map((n) => `n=${n} ${text(`nReordering[${n}]`)}`).join(', ')}`,
  ])
  const storage = isKnown('byteOffsetMax') ? `; restoring the order takes up to ${text('byteOffsetMax')}` : ''
  facts.push(['in order', `runs of ${text('reorderingFreeRunMean')} packets (mean)${storage}`])
  return facts
}

function impactFacts(found: Measurement): Fact[] {
  const { isKnown, cell, text } = metricsOf(found)
  const { sackLostRatio: sack, quicLostRatio: quic } = found.records[0].metrics
  const facts: Fact[] = []
  if (sack?.of) {
    const others = [`Reno ${text('renoRetransmitRatio')}`]
    if (isKnown('rackLostRatio')) others.push(`RACK ${text('rackLostRatio')}`)
    const lost = `SACK takes ${cell('sackLostRatio')} of ${countText(sack.of)} segments for lost, ${others.join(', ')}`
    const isSeen = isKnown('tcp.dsacks')
    facts.push([
      'TCP',
      isSeen
        ? `${text('tcptrace.retransmitted')} segments were sent again; a sender that never adapts would: ${lost}`
        : lost,
    ])
  }
  if (quic?.of) {
    const byTime = isKnown('quicTimeLostRatio') ? `, by its time rule ${text('quicTimeLostRatio')}` : ''
    facts.push([
      'QUIC',
      `takes ${cell('quicLostRatio')} of ${countText(quic.of)} datagrams for lost${byTime}`,
    ])
  }
  const playouts = Object.entries(found.records[0].metrics).flatMap(([name, { mean }]) => {
    const depth = /^playoutLateRatio\[(.*)\]$/.exec(name)?.[1]
    return depth === undefined || mean === null ? [] : [[text(name), depth] as const]
  })
  if (playouts.length > 0) {
    const texts = playouts.map(
      ([share, depth], i) => `${share} ${i === 0 ? 'too late for a buffer of' : 'for'} ${depth}`,
    )
    facts.push(['play-out', texts.join(', ')])
  }
  if (isKnown('pdvNsP50')) {
    const [p50, p99, p999] = ['P50', 'P99', 'P999'].map((name) => text(`pdvNs${name}`))
    facts.push([
      'delays',
      `${latencyText(found)}above the flow's smallest p50 ${p50}, p99 ${p99}, p99.9 ${p999} (PDV)`,
    ])
    facts.push([
      'jitter',
      `mean ${text('jitterNsMean')}, max ${text('jitterNsMax')} (RFC 3550); ` +
        `between neighbours p99 ${text('ipdvNsP99')} (IPDV)`,
    ])
  }
  return facts
}

function latencyText(found: Measurement): string {
  const { isKnown, text } = metricsOf(found)
  if (!isKnown('latencyNsP50')) return ''
  return `p50 ${text('latencyNsP50')}, p99 ${text('latencyNsP99')}, max ${text('latencyNsMax')}; `
}

function tunnelFacts(found: Measurement): Fact[] {
  const { isKnown, cell } = metricsOf(found)
  const tunnelWide = `tunnel.${HEADLINE}`
  if (!isKnown(tunnelWide)) return []
  return [[shownMetric(HEADLINE).shortTitle, cell(tunnelWide)], ...replayFacts(found)]
}

/** Where there is no common stream: of the windows of several counters together. */
function counterWindowFacts(found: Measurement): Fact[] {
  return metricsOf(found).isKnown(`tunnel.${HEADLINE}`) ? [] : replayFacts(found)
}

function replayFacts(found: Measurement): Fact[] {
  const { isKnown, text } = metricsOf(found)
  const windows = Object.keys(found.records[0].metrics).flatMap((name) => {
    const packets = /^replayWindowDropRatio\[(.*)\]$/.exec(name)?.[1]
    return packets === undefined || !isKnown(name) ? [] : [`${packets} packets ${text(name)}`]
  })
  return windows.length === 0 ? [] : [['replay', `dropped by a window of ${windows.join(', of ')}`]]
}

function counterFacts(found: Measurement): Fact[] {
  const { isKnown, text } = metricsOf(found)
  const facts: Fact[] = []
  const say = (name: string, said: string, first: string) => {
    if (isKnown(first)) facts.push([name, said])
  }
  say('iperf3', `${text('iperf3.lost')} lost, ${text('iperf3.outOfOrder')} out of order`, 'iperf3.lost')
  say('owping', owpingText(found), 'owping.nReordering[1]')
  say(
    'pScheduler',
    `${text('pscheduler.packetsReordered')} reordered, ${text('pscheduler.packetsDuplicated')} duplicated`,
    'pscheduler.packetsReordered',
  )
  say(
    'tcptrace',
    `${text('tcptrace.outOfOrder')} out of order, ${text('tcptrace.retransmitted')} retransmitted`,
    'tcptrace.outOfOrder',
  )
  say('DSACKs', dsackText(found), 'tcp.dsacks')
  say(
    'Linux',
    `TCPSACKReorder ${text('linux.sackReorder')}, reordering ${text('linux.reordering')}`,
    'linux.sackReorder',
  )
  return facts
}

function dsackText(found: Measurement): string {
  const { text } = metricsOf(found)
  const cut = found.records[0].metrics['tcp.cutSacks']?.mean ?? 0
  const unknown =
    cut > 0
      ? `; too little was captured of ${text('tcp.cutSacks')} others to tell (take a longer snap length)`
      : ''
  return `${text('tcp.dsacks')} in the capture${unknown}`
}

function owpingText(found: Measurement): string {
  const { metric, text } = metricsOf(found)
  const printed: string[] = []
  for (let n = 1; n <= DEGREES_SHOWN && metric(`owping.nReordering[${n}]`); n++)
    printed.push(`${n}-reordering ${text(`owping.nReordering[${n}]`)}`)
  return printed.length === 0 ? 'no reordering' : printed.join(', ')
}

/** The worst flows where there are several. */
export function worstFlowsTable({ worstFlows, flows }: Measurement): SmallTable | undefined {
  if (flows < 2 || worstFlows.length === 0) return undefined
  return {
    heads: [
      'most reordered flows',
      shownMetric(HEADLINE).shortTitle,
      'share',
      'sent',
      'lost',
      'copies',
      ...WORST_BY.map((name) => shownMetric(name).shortTitle),
    ],
    rows: worstFlows.map((flow) => [
      flow.flow,
      countText(reorderedPackets(flow)),
      flowText(flow, HEADLINE),
      countText(flow.sent),
      countText(flow.lost),
      countText(flow.duplicated),
      ...WORST_BY.map((name) => flowText(flow, name)),
    ]),
  }
}

function reorderedPackets({ metrics }: FlowMeasurement): number {
  const value = metrics.reorderedRatio ?? null
  return value === null || typeof value === 'number' ? 0 : value.count
}

function flowText({ metrics }: FlowMeasurement, name: string): string {
  const value = metrics[name] ?? null
  const number =
    value === null || typeof value === 'number' ? value : value.of === 0 ? null : value.count / value.of
  return amountOf(shownMetric(name), number)
}

/** What the words above mean. */
export function measurementLegend({ records, assumptions }: Measurement): string[] {
  const { batches } = records[0].metrics.reorderedRatio ?? ({} as MetricSummary)
  const lines = [
    [...legendOf([HEADLINE, ...WORST_BY]), `TCP, QUIC: open loop, round trip ${assumptions.rtt}.`].join(' '),
  ]
  if (batches !== undefined) lines.push(`±: half of the 95 % interval over ${batches} parts of the arrivals.`)
  return lines
}

/** The metrics by name, and as text by the kind of each. */
function metricsOf({ records: [{ metrics }] }: Measurement) {
  const metric = (name: string): number | null => metrics[name]?.mean ?? null
  return {
    metric,
    isKnown: (name: string) => metric(name) !== null,
    text: (name: string) => amountOf(shownMetric(name), metric(name)),
    /** With its interval. */
    cell: (name: string) => cellOf(shownMetric(name), metrics[name], 2),
  }
}
