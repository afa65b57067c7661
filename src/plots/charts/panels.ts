/**
 * Histograms as bars, a small panel per policy: those that reordered nothing are named in the subtitle
 * instead.
 */
import type { Axis } from '../axes.ts'
import { type ChartInput, comparisonsOf, type Drawn, settingsOf } from '../chart.ts'
import { formatOf } from '../metric-axes.ts'
import { daggerNote, nameIn } from '../policy-names.ts'
import { recordsOf } from '../saved.ts'
import { CHART_WIDTH, chartSpec, policyChannels, type Row, type Spec } from '../spec.ts'

const PER_ROW = 3
const NAMED_MAX = 8

export interface Bars {
  readonly title: string
  readonly note: string
  /** `panel`, `bar` (x), `share` (y), `base` (where bars begin), `low`, `high` (null: no interval). */
  readonly rows: readonly Row[]
  readonly x: Spec
  readonly y: Axis
  /** Of the x value in tooltips. */
  readonly xTitle: string
  readonly shareTitle: string
  /** Is x a number, so that bars reach from the rows' `from` to their `to`? */
  readonly hasSpans?: boolean
}

/** @param rows each with `policy` and `panel` as {@link panelOf} names it */
export function barPanels(input: ChartInput, bars: Bars): Spec {
  const { title, note, rows, x, y, xTitle, shareTitle, hasSpans = false } = bars
  const drawn = comparisonsOf(input)
  const panels = [...new Set(rows.map(({ panel }) => String(panel)))]
  const perRow = Math.min(PER_ROW, Math.max(1, panels.length))
  const width = Math.floor((CHART_WIDTH - 50) / perRow) - 68
  const yChannel = { field: 'share', type: 'quantitative', scale: y.scale, axis: y.axis }
  const names = namesWithoutBars(input, rows)
  const titled = panels.length === 1 ? [panels[0]!] : []
  return chartSpec({
    title,
    subtitle: [
      settingsOf(drawn),
      ...titled,
      note,
      nothingReorderedBy(names),
      daggerNote([...panels, ...names]),
    ],
    rows,
    width: panels.length === 1 ? CHART_WIDTH - 110 : width,
    height: panels.length === 1 ? 300 : 150,
    panel: { field: 'panel', perRow, order: panels },
    resolve: { axis: { x: 'independent', y: 'independent' } },
    layers: [
      {
        mark: { type: 'bar' },
        encoding: {
          ...(hasSpans ? { x: { ...x, field: 'from' }, x2: { field: 'to' } } : { x: { ...x, field: 'bar' } }),
          y: yChannel,
          y2: { field: 'base' },
          ...policyChannels(rows, input.styles, ['color'], false),
          tooltip: [
            { field: 'policy', type: 'nominal' },
            { field: 'bar', type: 'nominal', title: xTitle },
            { field: 'exact', type: 'quantitative', title: shareTitle, format: formatOf(true) },
          ],
        },
      },
      {
        transform: [{ filter: 'isValid(datum.low)' }],
        mark: { type: 'rule', strokeWidth: 1.5, color: '#222222' },
        encoding: {
          x: { ...x, field: 'bar' },
          y: { field: 'low', type: 'quantitative' },
          y2: { field: 'high' },
        },
      },
    ],
  })
}

/** The panel of a policy: its name, with the result's title before it where there are several. */
export function panelOf(input: ChartInput, { result, report, point }: Drawn, policy: string): string {
  const metrics = recordsOf(report, point).find((record) => record.policy === policy)?.metrics ?? {}
  const name = nameIn(input, policy, metrics)
  return comparisonsOf(input).length > 1 ? `${result.title}: ${name}` : name
}

/** Of policies without bars because they reordered nothing. */
function namesWithoutBars(input: ChartInput, rows: readonly Row[]): string[] {
  const shown = new Set(rows.map(({ policy }) => policy))
  const names = comparisonsOf(input)
    .flatMap(({ report, point }) => recordsOf(report, point))
    .filter(({ policy, metrics }) => !shown.has(policy) && metrics.reorderedRatio?.mean === 0)
    .map(({ policy, metrics }) => nameIn(input, policy, metrics))
  return [...new Set(names)]
}

/** A line below the title for policies whose bars or lines nobody would see; empty where there are none. */
export function nothingReorderedBy(policies: readonly string[]): string {
  if (policies.length === 0) return ''
  const list = policies.length > NAMED_MAX ? `${policies.length} policies` : policies.join(', ')
  return `Nothing reordered by ${list}.`
}
