/** What of a result is shown, and in which order of its rows: --columns and --sort-rows, as values. */
import type { ShownMetric } from '../../metrics/catalogue/shown.ts'
import { type Summaries, summaryOf } from './metric-columns.ts'

export interface RowOrder {
  readonly metric: ShownMetric
  readonly isDescending: boolean
}

export interface View {
  /** Names of the metrics that have columns; undefined: the usual ones. */
  readonly metrics?: readonly string[] | undefined
  /** Undefined: as the rows come. */
  readonly order?: RowOrder | undefined
}

/** The rows in the order of a metric's means; equal ones stay as they were, unknown ones come last. */
export function inOrder<Row extends { readonly metrics: Summaries }>(
  rows: readonly Row[],
  { order }: View,
): readonly Row[] {
  if (order === undefined) return rows
  const { metric, isDescending } = order
  const keyOf = ({ metrics }: Row) => {
    const mean = summaryOf(metric, metrics)?.mean ?? null
    return mean === null ? Number.POSITIVE_INFINITY : isDescending ? -mean : mean
  }
  const keyed = rows.map((row) => [keyOf(row), row] as const)
  // Infinity minus itself is no number.
  return keyed.toSorted(([a], [b]) => (a === b ? 0 : a - b)).map(([, row]) => row)
}
