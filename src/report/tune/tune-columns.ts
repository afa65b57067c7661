/** The curve over the TTL as rows: what `tune` shows of each value, in a terminal and in markdown. */
import { yardstickMark } from '../../metrics/catalogue/recommendable.ts'
import type { TtlPoint } from '../../tune/recommend.ts'
import { CURVE_METRICS } from '../../tune/tuning.ts'
import type { Detail } from '../parts/format-cell.ts'
import { metricColumns } from '../parts/metric-columns.ts'
import type { SmallTable } from '../parts/small-table.ts'
import { inOrder, type View } from '../parts/view.ts'
import type { TuneReport } from './tune-report.ts'

type Metrics = TtlPoint['metrics']

/** In two lines, so that it is no wider than a TTL with its mark. */
const DRAINED = `drained${yardstickMark('drained')}`.replace(' ', '\n')

export const tuneColumns = metricColumns(CURVE_METRICS)

export interface CurveTable extends SmallTable {
  /** Of its columns behind the first. */
  readonly metrics: readonly string[]
}

/**
 * The rows of the curve, then drained, or in the order of the view. Of the usual columns those that hold
 * nothing are left out.
 */
export function curveTable(report: TuneReport, view: View, detailOf: (column: number) => Detail): CurveTable {
  const { tune } = report
  const curve = tune.curve.map((point) => ({
    name: `${ttlName(tune, point)}${markOf(tune, point)}`,
    metrics: metricsOf(report, point.policy),
  }))
  const rows = [...curve, { name: DRAINED, metrics: metricsOf(report, tune.drained) }]
  const names = view.metrics ?? tellingMetrics(rows.map(({ metrics }) => metrics))
  const shown = metricColumns(names)
  return {
    heads: [tune.parameter, ...shown.map(({ head }) => head.join('\n').trim())],
    metrics: names,
    rows: inOrder(rows, view).map(({ name, metrics }) => [
      name,
      ...shown.map(({ cell }, i) => cell(metrics, detailOf(i))),
    ]),
  }
}

/** All that is known of a policy; the curve itself has the usual metrics alone. */
export function metricsOf({ records }: TuneReport, label: string): Metrics {
  return records.find(({ policy }) => policy === label)?.metrics ?? {}
}

/** The columns for these rows: evictions only where there are any, the rest where anything is known. */
export function tellingMetrics(rows: readonly Metrics[]): string[] {
  return CURVE_METRICS.filter((name) => {
    const means = rows.map((metrics) => metrics[name]?.mean ?? null)
    return name === 'tableEvictions'
      ? means.some((mean) => mean !== null && mean > 0)
      : means.some((mean) => mean !== null)
  })
}

/** The TTL as its policy takes it; the last one of a curve never expires. */
export function ttlName({ parameter }: TuneReport['tune'], { ttlNs, policy }: TtlPoint): string {
  if (ttlNs === null) return 'never'
  const given = policy.slice(policy.indexOf(':') + 1).split(',')
  return given.find((pair) => pair.startsWith(`${parameter}=`))!.slice(parameter.length + 1)
}

function markOf({ recommended, safe }: TuneReport['tune'], { ttlNs }: TtlPoint): string {
  const isTarget = recommended.kind === 'value' && recommended.ttlNs === ttlNs
  const isSafe = safe.kind === 'value' && safe.ttlNs === ttlNs
  if (isTarget && isSafe) return ' < both'
  if (isTarget) return ' < target'
  return isSafe ? ' < safe' : ''
}
