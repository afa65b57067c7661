/**
 * What order costs: reordering against the 99th percentile of latency, each policy as large as its lanes are
 * uneven.
 */
import { shownMetric } from '../../metrics/catalogue/shown.ts'
import { HEADLINE } from '../../report/comparison/columns.ts'
import { type Chart, comparisonsOf, settingsOf } from '../chart.ts'
import { drawnMetric } from '../metric-axes.ts'
import { DROPS_TOOLTIP, daggerNote, dropRatioOf, dropsMany, namedStyles, namesOf } from '../policy-names.ts'
import { recordsOf } from '../saved.ts'
import { CHART_WIDTH, chartSpec, policyChannels, type Row } from '../spec.ts'
import { type TtlLines, tuningsAsLines } from './ttl-lines.ts'

const LATENCY = 'latencyNsP99'
const REORDERED = shownMetric(HEADLINE).shortTitle

/** Of a tuning each side of the trade-off is a line. */
const OVER_TTL: TtlLines = {
  title: 'Order, latency and balance over the TTL',
  note: 'Up: reordered packets, p99 latency, how evenly lanes are loaded (1: evenly).',
  panels: [
    { series: [[HEADLINE, REORDERED]], title: REORDERED, logFrom: 30 },
    { series: [[LATENCY, 'p99']], logFrom: 30 },
    {
      series: [['laneLoadJain', 'balance']],
      title: 'balance of lanes (Jain)',
      logFrom: Number.POSITIVE_INFINITY,
      most: 1,
    },
  ],
}

export const tradeOff: Chart = {
  name: 'trade-off',
  summary: 'reordering against p99 latency, by policy; size: how unevenly lanes are loaded',
  needs: 'no policy has both a reordered ratio and a p99 latency - lanewise compare SCENARIO',
  ofOnePoint: { files: [] },
  draw(input) {
    const lines = tuningsAsLines(input.results, OVER_TTL)
    if (lines !== null) return lines
    const drawn = comparisonsOf(input)
    const found = drawn.flatMap(({ result, report, point }) =>
      recordsOf(report, point).flatMap(({ policy, metrics }) => {
        const [ratio, latency, jain] = [metrics[HEADLINE], metrics[LATENCY], metrics.laneLoadJain]
        if (ratio?.mean == null || latency?.mean == null) return []
        return [
          {
            panel: result.title,
            policy,
            ratio,
            latency,
            uneven: jain?.mean == null ? 0 : 1 - jain.mean,
            drops: dropRatioOf(metrics),
            isMarked: dropsMany(metrics),
          },
        ]
      }),
    )
    if (found.length === 0) return null
    const across = drawnMetric(HEADLINE)
    const up = drawnMetric(
      LATENCY,
      found.map(({ latency }) => latency.mean ?? 0),
    )
    const { unit } = up
    const x = across.axis(
      found.flatMap(({ ratio }) => [ratio.mean!, ratio.high95 ?? ratio.mean!]),
      { logFrom: 30, headroom: 0.03, legroom: 0.03 },
    )
    const y = up.axis(
      found.flatMap(({ latency }) => [latency.mean! / unit.ns, (latency.high95 ?? latency.mean!) / unit.ns]),
      { logFrom: 30, headroom: 0.03 },
    )
    const rows: Row[] = found.map(({ panel, policy, ratio, latency, uneven, drops, isMarked }) => ({
      panel,
      policy,
      exact: ratio.mean,
      ratio: x.place(ratio.mean!),
      ratioLow: ratio.low95 === null ? null : x.place(ratio.low95),
      ratioHigh: ratio.high95 === null ? null : x.place(ratio.high95),
      latency: y.place(latency.mean! / unit.ns),
      latencyLow: latency.low95 === null ? null : y.place(latency.low95 / unit.ns),
      latencyHigh: latency.high95 === null ? null : y.place(latency.high95 / unit.ns),
      uneven: Math.max(0, uneven),
      drops,
      isMarked,
    }))
    const xChannel = { field: 'ratio', type: 'quantitative', scale: x.scale, axis: x.axis }
    const yChannel = { field: 'latency', type: 'quantitative', scale: y.scale, axis: y.axis }
    const styles = namedStyles(input)
    const colour = policyChannels(rows, styles, ['stroke'])
    const rule = { type: 'rule', strokeWidth: 1.5, opacity: 0.7, clip: true }
    return chartSpec({
      title: 'Order against latency',
      subtitle: [
        settingsOf(drawn),
        "Left and low is best. Lines: 95 % confidence intervals. Larger: lanes are more unevenly loaded (1 - Jain's index).",
        daggerNote(namesOf(rows, styles)),
      ],
      rows,
      width: CHART_WIDTH - 100,
      height: 380,
      panel: { field: 'panel', perRow: 1 },
      layers: [
        {
          transform: [{ filter: 'isValid(datum.ratioLow)' }],
          mark: rule,
          encoding: {
            x: { ...xChannel, field: 'ratioLow' },
            x2: { field: 'ratioHigh' },
            y: yChannel,
            ...colour,
          },
        },
        {
          transform: [{ filter: 'isValid(datum.latencyLow)' }],
          mark: rule,
          encoding: {
            x: xChannel,
            y: { ...yChannel, field: 'latencyLow' },
            y2: { field: 'latencyHigh' },
            ...colour,
          },
        },
        {
          mark: { type: 'point', fillOpacity: 0.25, strokeWidth: 2 },
          encoding: {
            x: xChannel,
            y: yChannel,
            ...policyChannels(rows, styles, ['stroke', 'fill', 'shape']),
            size: {
              field: 'uneven',
              type: 'quantitative',
              scale: { domain: [0, 1], range: [70, 1400] },
              legend: null,
            },
            tooltip: [
              { field: 'policy', type: 'nominal' },
              across.tooltip('exact'),
              up.tooltip('latency'),
              { field: 'uneven', type: 'quantitative', title: "1 - Jain's index", format: '.3~r' },
              DROPS_TOOLTIP,
            ],
          },
        },
        {
          transform: [{ filter: 'datum.isMarked' }],
          mark: { type: 'text', text: '\u2020', dx: 12, dy: -8, tooltip: null },
          encoding: { x: xChannel, y: yChannel },
        },
      ],
    })
  },
}
