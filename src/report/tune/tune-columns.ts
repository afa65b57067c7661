/** The curve over the TTL as rows: what `tune` shows of each value, in a terminal and in markdown. */
import type { TtlPoint } from '../../tune/recommend.ts'
import { CURVE_METRICS } from '../../tune/tuning.ts'
import type { Detail } from '../parts/format-cell.ts'
import { metricColumns } from '../parts/metric-columns.ts'
import type { SmallTable } from '../parts/small-table.ts'
import type { TuneReport } from './tune-report.ts'

type Metrics = TtlPoint['metrics']

export const tuneColumns = metricColumns(CURVE_METRICS)

export interface CurveTable extends SmallTable {
  /** Of its columns behind the first. */
  readonly metrics: readonly string[]
}

/** The rows of the curve, then drained; columns that hold nothing are left out. */
export function curveTable(report: TuneReport, detailOf: (column: number) => Detail): CurveTable {
  const { tune } = report
  const drained = report.records.find(({ policy }) => policy === tune.drained)?.metrics ?? {}
  const rows: [string, Metrics][] = tune.curve.map((point) => [
    `${ttlName(tune, point)}${markOf(tune, point)}`,
    point.metrics,
  ])
  const all = [...rows, ['drained', drained] as [string, Metrics]]
  const shown = metricColumns(tellingMetrics(all.map(([, metrics]) => metrics)))
  return {
    heads: [tune.parameter, ...shown.map(({ head }) => head.join('\n').trim())],
    metrics: shown.map(({ name }) => name),
    rows: all.map(([name, metrics]) => [name, ...shown.map(({ cell }, i) => cell(metrics, detailOf(i)))]),
  }
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
