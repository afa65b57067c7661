/** The curve over the TTL as rows: what `tune` shows of each value, in a terminal and in markdown. */
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import type { TtlPoint } from '../../tune/recommend.ts'
import { type Detail, durationCell, numberCell, ratioCell } from '../parts/format-cell.ts'
import type { SmallTable } from '../parts/small-table.ts'
import type { TuneReport } from './tune-report.ts'

type Metrics = TtlPoint['metrics']

interface TuneColumn {
  readonly metric: string
  readonly head: string
  /** In words, for a sentence. */
  readonly title: string
  cell(summary: MetricSummary | undefined, detail: Detail): string
}

/** A bound makes no sense for a mean of counts. */
const countCell = (summary: MetricSummary | undefined, detail: Detail) => numberCell(summary, detail)

export const tuneColumns: readonly TuneColumn[] = [
  { metric: 'reorderedRatio', head: 'reordered', title: 'reordered', cell: ratioCell },
  { metric: 'sackLostRatio', head: 'SACK', title: 'SACK lost', cell: ratioCell },
  { metric: 'unsafeMoves', head: 'unsafe', title: 'unsafe moves', cell: ratioCell },
  { metric: 'laneLoadJain', head: 'even', title: 'lanes even', cell: numberCell },
  { metric: 'latencyNsP99', head: 'p99', title: 'latency p99', cell: durationCell },
  { metric: 'tableEntriesMax', head: 'entries', title: 'table entries', cell: countCell },
  { metric: 'tableEvictions', head: 'evicted', title: 'evictions', cell: countCell },
]

/** The rows of the curve, then drained; columns that hold nothing are left out. */
export function curveTable(report: TuneReport, detailOf: (column: number) => Detail): SmallTable {
  const { tune } = report
  const drained = report.records.find(({ policy }) => policy === tune.drained)?.metrics ?? {}
  const rows: [string, Metrics][] = tune.curve.map((point) => [
    `${ttlName(tune, point)}${markOf(tune, point)}`,
    point.metrics,
  ])
  const all = [...rows, ['drained', drained] as [string, Metrics]]
  const shown = tuneColumns.filter(({ metric }) => isTelling(metric, all))
  return {
    heads: [tune.parameter, ...shown.map(({ head }) => head)],
    rows: all.map(([name, metrics]) => [
      name,
      ...shown.map(({ metric, cell }, i) => cell(metrics[metric], detailOf(i))),
    ]),
  }
}

/** Evictions only where there are any, the rest where anything is known. */
function isTelling(metric: string, rows: readonly [string, Metrics][]): boolean {
  const means = rows.map(([, metrics]) => metrics[metric]?.mean ?? null)
  return metric === 'tableEvictions'
    ? means.some((mean) => mean !== null && mean > 0)
    : means.some((mean) => mean !== null)
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
