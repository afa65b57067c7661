/** Reordered packets by policy, with 95 % intervals: of a comparison, or as replays measured them. */
import { shownMetric } from '../../metrics/catalogue/shown.ts'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { HEADLINE } from '../../report/comparison/columns.ts'
import { cellOf } from '../../report/parts/format-cell.ts'
import { fill } from '../../report/parts/wrap.ts'
import { largestOf } from '../axes.ts'
import { type Chart, type ChartInput, comparisonsOf, settingsOf } from '../chart.ts'
import { areTunings } from '../chosen-ttls.ts'
import { drawnMetric, INTERVAL_TOOLTIP } from '../metric-axes.ts'
import { DROPS_TOOLTIP, daggerNote, dropRatioOf, nameIn, withDagger } from '../policy-names.ts'
import { recordsOf, type SavedResult } from '../saved.ts'
import {
  CHARACTER_WIDTH,
  CHART_WIDTH,
  chartSpec,
  concatenated,
  panelTitle,
  policyChannels,
  type Row,
  rowsIn,
} from '../spec.ts'

const REORDERED = drawnMetric(HEADLINE)
const LABEL_CHARACTERS = 30
const LINE_PIXELS = 15
/** Of the numbers on the right. */
const TEXT_PIXELS = 165

export const reorderRate: Chart = {
  name: 'reorder-rate',
  summary: 'reordered packets by policy, with intervals',
  needs: 'the results have no reorderedRatio of a policy - lanewise compare SCENARIO',
  ofOnePoint: { files: [] },
  draw(input) {
    const rows = rowsOf(input)
    if (rows.length === 0) return null
    const drawn = comparisonsOf(input)
    const isMeasured = drawn.length === 0
    const head = {
      title: titleOf(input.results, isMeasured),
      subtitle: [
        settingsOf(drawn),
        `Lines: 95 % confidence intervals over the ${isMeasured ? 'replays' : 'runs'}.`,
        rows.some(({ count }) => count === 0) ? ZERO_NOTE : '',
        daggerNote(rows.map(({ name }) => String(name))),
      ],
    }
    const panels = [...new Set(rows.map(({ panel }) => String(panel)))]
    const body = barsOf(input, rows)
    if (panels.length === 1) return chartSpec({ ...head, rows, ...body })
    const single = panels.map((panel) => ({
      title: panelTitle(panel),
      ...rowsIn(rows.filter((row) => row.panel === panel)),
      width: body.width,
      height: body.height,
      layer: body.layers,
    }))
    return concatenated(head, single, 1)
  },
}

function titleOf(results: readonly SavedResult[], isMeasured: boolean): string {
  if (isMeasured) return 'Reordered packets, as measured'
  return areTunings(results) ? 'Reordered packets at chosen TTLs' : 'Reordered packets by policy'
}

/** Bars with intervals, names on their left, numbers on their right. */
function barsOf({ styles }: ChartInput, rows: readonly Row[]) {
  const lines = rows.map(({ name }) => String(name).split('\n'))
  const characters = largestOf(lines.flat().map((line) => line.length))
  const linesMost = largestOf(lines.map(({ length }) => length))
  const axis = REORDERED.axis(
    rows.flatMap(({ ratio, high }) => [Number(ratio), Number(high ?? 0)]),
    { logFrom: Number.POSITIVE_INFINITY },
    ' of those delivered',
  )
  const y = { field: 'policy', type: 'nominal', sort: null, axis: null }
  const x = { field: 'ratio', type: 'quantitative', scale: axis.scale, axis: axis.axis }
  return {
    width: Math.max(260, Math.round(CHART_WIDTH - 24 - characters * CHARACTER_WIDTH - TEXT_PIXELS)),
    height: { step: Math.max(34, LINE_PIXELS * linesMost + 10) },
    layers: [
      {
        mark: { type: 'bar', height: 18, opacity: 0.85 },
        encoding: { y, x, ...policyChannels(rows, styles, ['color'], false), tooltip: TOOLTIP },
      },
      {
        transform: [{ filter: 'isValid(datum.low)' }],
        mark: { type: 'rule', strokeWidth: 2, color: '#111111' },
        encoding: { y, x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
      },
      {
        mark: {
          type: 'text',
          align: 'right',
          baseline: 'middle',
          lineBreak: '\n',
          lineHeight: LINE_PIXELS,
          dy: { expr: `${-LINE_PIXELS / 2} * (datum.lines - 1)` },
        },
        encoding: { y, x: { value: -8 }, text: { field: 'name', type: 'nominal' } },
      },
      {
        mark: { type: 'text', align: 'left', baseline: 'middle' },
        encoding: { y, x: { value: { expr: 'width + 12' } }, text: { field: 'text', type: 'nominal' } },
      },
    ],
  }
}

const ZERO_NOTE = '0 (<x%): it never happened; with 95 % confidence the true share is below x.'

const TOOLTIP = [
  { field: 'policy', type: 'nominal' },
  REORDERED.tooltip('ratio'),
  ...INTERVAL_TOOLTIP,
  { field: 'count', type: 'quantitative', title: REORDERED.title, format: ',' },
  { field: 'of', type: 'quantitative', title: 'of', format: ',' },
  DROPS_TOOLTIP,
]

/** Long labels break behind the colon and behind commas. */
function broken(label: string): string {
  return label.length <= LABEL_CHARACTERS
    ? label
    : fill(label.match(/[^:,]+[:,]?/g) ?? [label], '', LABEL_CHARACTERS).join('\n')
}

function rowsOf(input: ChartInput): Row[] {
  const compared = comparisonsOf(input).flatMap(({ result, report, point }) =>
    recordsOf(report, point).map(({ policy, metrics }) =>
      rowOf(result.title, policy, nameIn(input, policy, metrics), metrics),
    ),
  )
  const measured = input.results.flatMap(({ title, live }) =>
    (live?.subjects ?? []).map(({ label, measured }) =>
      rowOf(`${title}, measured`, label, withDagger(label, measured), measured),
    ),
  )
  return [...compared, ...measured].filter((row) => row !== null)
}

function rowOf(
  panel: string,
  policy: string,
  name: string,
  metrics: Readonly<Record<string, MetricSummary>>,
): Row | null {
  const summary = metrics[HEADLINE]
  if (summary === undefined || summary.mean === null) return null
  return {
    panel,
    policy,
    name: broken(name),
    lines: broken(name).split('\n').length,
    ratio: summary.mean,
    low: summary.low95,
    high: summary.high95,
    count: summary.count ?? null,
    of: summary.of ?? null,
    drops: dropRatioOf(metrics),
    text: cellOf(shownMetric(HEADLINE), summary, 2),
  }
}
