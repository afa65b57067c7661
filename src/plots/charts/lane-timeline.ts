/**
 * Which lane served which packet when, in a short stretch of a trace: a panel per policy, a row per lane, a
 * bar per packet from start to finish. The flows with most packets there have colours, the overtaken packets
 * a mark; so one sees who overtook whom.
 */
import { formatDurationNs } from '../../units.ts'
import { ticksToEnds } from '../axes.ts'
import type { Chart } from '../chart.ts'
import { bottomLegend, CHART_WIDTH, chartSpec, type Row } from '../spec.ts'
import { PACKETS_MAX, type TracedPacket } from '../trace-window.ts'

/**
 * Light, so that black text is legible on them. Source: Tol's light scheme, https://personal.sron.nl/~pault/
 */
const FLOW_COLOURS = ['#77AADD', '#EE8866', '#EEDD88', '#BBCC33', '#FFAABB', '#99DDFF']
/** On bars, so the same on dark pages. */
const BAR_TEXT_COLOUR = '#1a1a1a'
const OTHERS = 'other flows'
const OTHERS_COLOUR = '#DDDDDD'
const LABEL_PIXELS_MIN = 9
/** A narrower bar is nothing but its frame. */
const BAR_PIXELS_MIN = 3
const WIDTH = CHART_WIDTH - 80

export const laneTimeline: Chart = {
  name: 'lane-timeline',
  summary: 'which lane served which packet when, overtaken packets marked',
  needs:
    'no packet trace was given - lanewise compare SCENARIO -d 1s --trace packets.csv, then lanewise plot packets.csv',
  draw({ trace }) {
    if (trace === null) return null
    const { packets, firstNs, fromNs, toNs, policiesLeftOut, askedToNs } = trace
    const unit = toNs - fromNs >= 10e6 ? { name: 'ms', ns: 1e6 } : { name: 'us', ns: 1e3 }
    const flows = mostFrequent(packets)
    const span = (toNs - fromNs) / unit.ns
    const at = (ns: number) => Math.min(span, Math.max(0, (ns - fromNs) / unit.ns))
    let narrow = 0
    const rows: Row[] = packets.map((packet) => {
      const from = at(packet.startNs)
      const to = at(packet.finishNs)
      const pixels = ((to - from) / span) * WIDTH
      if (pixels < BAR_PIXELS_MIN) narrow++
      const label = String(packet.index)
      return {
        policy: packet.policy,
        lane: packet.lane,
        from,
        to,
        middle: (from + to) / 2,
        packet: packet.index,
        label: pixels >= label.length * 6.5 + LABEL_PIXELS_MIN - 5 ? label : '',
        flow: flows.includes(packet.flow) ? packet.flow : OTHERS,
        flowName: packet.flow,
        bytes: packet.sizeBytes,
        reordered: packet.reordered,
        arrivedAfter: formatDurationNs(packet.arrivalNs - fromNs),
        waited: formatDurationNs(packet.startNs - packet.arrivalNs),
        service: formatDurationNs(packet.finishNs - packet.startNs),
      }
    })
    const isNarrow = narrow * 2 > packets.length
    const shown = [...flows, ...(rows.some(({ flow }) => flow === OTHERS) ? [OTHERS] : [])]
    const policies = [...new Set(packets.map(({ policy }) => policy))]
    const lanes = packets.reduce((most, { lane }) => Math.max(most, lane + 1), 1)
    const x = {
      type: 'quantitative',
      scale: { domain: [0, span], nice: false },
      axis: {
        title: `time after ${((fromNs - firstNs) / 1e9).toFixed(6)} s from the first packet (${unit.name})`,
        values: ticksToEnds(0, roundedDown(span), 8),
        // All digits: `format` alone rounds to those in which ticks of its own choice would differ.
        labelExpr: "format(datum.value, ',~r')",
      },
    }
    const y = {
      field: 'lane',
      type: 'ordinal',
      scale: {
        domain: Array.from({ length: lanes }, (_, lane) => lane),
        paddingInner: 0.25,
        paddingOuter: 0.2,
      },
      axis: { title: 'lane (number)', ticks: false, domain: false, grid: false },
    }
    const overtaken = [{ filter: 'datum.reordered' }]
    return chartSpec({
      title: 'Who was served when, by which lane',
      subtitle: [
        policies.length === 1 ? policies[0]! : '',
        `Bars: service at the lane, numbers: the packet's number in the trace. Frame and triangle: the packet was overtaken by a later one of its flow. First run; ${packets.length} packets.`,
        policiesLeftOut > 0
          ? `${policiesLeftOut} further ${policiesLeftOut === 1 ? "policy of the trace isn't" : "policies of the trace aren't"} shown (choose with -p).`
          : '',
        askedToNs === null
          ? ''
          : `A policy has more than ${PACKETS_MAX} packets, so the picture ends after ${formatDurationNs(toNs - fromNs)} of ${formatDurationNs(askedToNs - fromNs)} (--from shows what comes later).`,
        isNarrow ? 'Most bars are too narrow to tell apart: choose a shorter time with --for.' : '',
      ],
      rows,
      width: WIDTH,
      height: { step: 30 },
      panel: { field: 'policy', perRow: 1, order: policies },
      resolve: { axis: { x: 'independent' } },
      layers: [
        {
          mark: { type: 'bar', height: { band: 1 }, stroke: '#ffffff', strokeWidth: isNarrow ? 0 : 1 },
          encoding: {
            x: { ...x, field: 'from' },
            x2: { field: 'to' },
            y,
            color: {
              field: 'flow',
              type: 'nominal',
              scale: {
                domain: shown,
                range: shown.map((flow) =>
                  flow === OTHERS ? OTHERS_COLOUR : FLOW_COLOURS[flows.indexOf(flow)]!,
                ),
              },
              legend: bottomLegend(shown),
            },
            tooltip: [
              { field: 'packet', type: 'quantitative', format: 'd' },
              { field: 'flowName', type: 'nominal', title: 'flow' },
              { field: 'bytes', type: 'quantitative', format: ',' },
              { field: 'arrivedAfter', type: 'nominal', title: 'arrived at' },
              { field: 'waited', type: 'nominal' },
              { field: 'service', type: 'nominal' },
              { field: 'reordered', type: 'nominal', title: 'overtaken' },
            ],
          },
        },
        {
          transform: overtaken,
          mark: {
            type: 'bar',
            height: { band: 1 },
            fillOpacity: 0,
            stroke: '#000000',
            strokeWidth: 2,
            tooltip: null,
          },
          encoding: { x: { ...x, field: 'from' }, x2: { field: 'to' }, y },
        },
        {
          transform: overtaken,
          mark: {
            type: 'point',
            shape: 'triangle-down',
            filled: true,
            size: 60,
            color: '#000000',
            opacity: 1,
            yOffset: -15,
          },
          encoding: { x: { ...x, field: 'middle' }, y },
        },
        {
          transform: [{ filter: "datum.label !== ''" }],
          mark: { type: 'text', fontSize: 10, baseline: 'middle', color: BAR_TEXT_COLOUR },
          encoding: { x: { ...x, field: 'middle' }, y, text: { field: 'label', type: 'nominal' } },
        },
      ],
    })
  },
}

/** To three digits, so that the last tick says what it is. */
function roundedDown(value: number): number {
  const digit = Number(`1e${Math.floor(Math.log10(value)) - 2}`)
  return Number((Math.floor(value / digit + 1e-9) * digit).toPrecision(3))
}

/** The flows with most packets; first of all that of the first overtaken packet. */
function mostFrequent(packets: readonly TracedPacket[]): string[] {
  const counts = new Map<string, number>()
  for (const { flow } of packets) counts.set(flow, (counts.get(flow) ?? 0) + 1)
  const victim = packets.find(({ reordered }) => reordered)?.flow
  if (victim !== undefined) counts.set(victim, Number.POSITIVE_INFINITY)
  return [...counts]
    .sort(([, a], [, b]) => (a === b ? 0 : b - a))
    .slice(0, FLOW_COLOURS.length)
    .map(([flow]) => flow)
}
