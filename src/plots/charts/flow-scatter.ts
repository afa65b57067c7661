/** Flows one by one: how many packets a second they send against the share of them that was reordered. */
import { shownMetric } from '../../metrics/catalogue/shown.ts'
import { HEADLINE } from '../../report/comparison/columns.ts'
import { axisFor } from '../axes.ts'
import { type Chart, comparisonsOf, settingsOf } from '../chart.ts'
import { drawnMetric } from '../metric-axes.ts'
import { daggerNote } from '../policy-names.ts'
import { type FlowRow, loadOf } from '../saved.ts'
import { CHART_WIDTH, chartSpec, policyChannels, type Row } from '../spec.ts'
import { panelOf } from './panels.ts'
import { type TtlLines, tuningsAsLines } from './ttl-lines.ts'

/** Per policy; more are a cloud anyway, and make a page slow. */
const FLOWS_MAX = 500
const PER_ROW = 3

const OVER_TTL: TtlLines = {
  title: 'Reordering by flow, over the TTL',
  panels: [
    {
      title: 'share',
      series: ['worstFlowReorderedRatio', 'flowsReorderedRatio', HEADLINE].map(
        (name) => [name, shownMetric(name).title] as const,
      ),
    },
  ],
}

export const flowScatter: Chart = {
  name: 'flow-scatter',
  summary: 'flows one by one: their rate against the share of their packets that was reordered',
  needs: 'flows.csv has no flow with a reordered packet - lanewise compare SCENARIO -p any-idle',
  ofOnePoint: { files: ['flows.csv'] },
  draw(input) {
    const lines = tuningsAsLines(input.results, OVER_TTL)
    if (lines !== null) return lines
    const drawn = comparisonsOf(input)
    let isCut = false
    const rows: Row[] = drawn.flatMap((one) => {
      const { result, report, point } = one
      const spanNs = loadOf(report, point)?.spanNs ?? 0
      return [
        ...pooled(result.flows().filter((row) => Number.isNaN(row.point) || row.point === point)),
      ].flatMap(([policy, flows]) => {
        if (!flows.some(({ reordered }) => reordered > 0)) return []
        const delivered = flows.filter(({ delivered }) => delivered > 0)
        delivered.sort((a, b) => b.sent - a.sent || (a.flow < b.flow ? -1 : 1))
        isCut ||= delivered.length > FLOWS_MAX
        return delivered.slice(0, FLOWS_MAX).map(({ flow, runs, sent, delivered, reordered }) => ({
          panel: panelOf(input, one, policy),
          policy,
          flow,
          rate: spanNs === 0 ? sent / runs : ((sent / runs) * 1e9) / spanNs,
          share: reordered / delivered,
          packets: sent,
        }))
      })
    })
    if (rows.length === 0) return null
    const isRate = drawn.every(({ report, point }) => (loadOf(report, point)?.spanNs ?? 0) > 0)
    const panels = [...new Set(rows.map(({ panel }) => String(panel)))]
    const perRow = Math.min(PER_ROW, panels.length)
    const x = axisFor(
      rows.map(({ rate }) => Number(rate)),
      {
        title: isRate ? 'rate (packets/s)' : 'packets (per run)',
        logFrom: 20,
        headroom: 0.03,
      },
    )
    const reordered = drawnMetric(HEADLINE)
    const y = reordered.axis(
      rows.map(({ share }) => Number(share)),
      { logFrom: Number.POSITIVE_INFINITY, ticks: 5, headroom: 0.03 },
    )
    return chartSpec({
      title: 'Flows: rate against reordering',
      subtitle: [
        settingsOf(drawn),
        `A point per flow, all runs together; policies without reordered packets aren't shown.${isCut ? ` The ${FLOWS_MAX} flows with most packets of each policy.` : ''}`,
        panels.length === 1 ? panels[0]! : '',
        daggerNote(panels),
      ],
      rows,
      width: panels.length === 1 ? CHART_WIDTH - 110 : Math.floor((CHART_WIDTH - 50) / perRow) - 68,
      height: panels.length === 1 ? 340 : 190,
      panel: { field: 'panel', perRow, order: panels },
      resolve: { axis: { x: 'independent', y: 'independent' } },
      layers: [
        {
          mark: { type: 'point', filled: false, size: 22, strokeWidth: 1.2, opacity: 0.65 },
          encoding: {
            x: { field: 'rate', type: 'quantitative', scale: x.scale, axis: x.axis },
            y: { field: 'share', type: 'quantitative', scale: y.scale, axis: y.axis },
            ...policyChannels(rows, input.styles, ['color', 'shape'], false),
            tooltip: [
              { field: 'policy', type: 'nominal' },
              { field: 'flow', type: 'nominal' },
              {
                field: 'rate',
                type: 'quantitative',
                title: isRate ? 'packets/s' : 'packets per run',
                format: ',.4~r',
              },
              reordered.tooltip('share'),
              { field: 'packets', type: 'quantitative', title: 'packets sent, all runs', format: ',' },
            ],
          },
        },
      ],
    })
  },
}

/** A flow over the runs that kept it: flows.csv has the worst ones of each. */
interface PooledFlow extends FlowRow {
  readonly runs: number
}

/** Flows by policy, summed over the runs. */
function pooled(rows: readonly FlowRow[]): Map<string, PooledFlow[]> {
  const byPolicy = new Map<string, Map<string, { -readonly [key in keyof PooledFlow]: PooledFlow[key] }>>()
  for (const row of rows) {
    const flows = byPolicy.get(row.policy) ?? new Map()
    byPolicy.set(row.policy, flows)
    const sum = flows.get(row.flow)
    if (sum === undefined) flows.set(row.flow, { ...row, runs: 1 })
    else {
      sum.runs++
      sum.sent += row.sent
      sum.delivered += row.delivered
      sum.reordered += row.reordered
    }
  }
  return new Map([...byPolicy].map(([policy, flows]) => [policy, [...flows.values()]]))
}
