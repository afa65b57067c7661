/**
 * What a metric is to a report: a name with its unit last, and for every run a number, a ratio with its counts,
 * or null where it isn't defined. The catalogue is what `lanewise list metrics` prints.
 */

/** `count` events of `of` chances. */
export interface Ratio {
  readonly count: number
  readonly of: number
}

/** null: not defined for this run (no packet it applies to). */
export type MetricValue = number | Ratio | null

/** The metrics of one policy in one run, in the order of the report. */
export type Metrics = Record<string, MetricValue>

/** A histogram for distributions.csv: [low, high, count] with low <= value < high. */
export interface DistributionTable {
  readonly metric: string
  readonly rows: ReadonlyArray<readonly [number, number, number]>
}

export interface MetricInfo {
  readonly name: string
  /** '' for ratios and plain counts. */
  readonly unit: string
  readonly description: string
}

/** A ratio, or null where it has no chances. */
export function ratio(count: number, of: number): MetricValue {
  return of === 0 ? null : { count, of }
}

/** The number that stands for a value in tables, means and differences. */
export function numberOf(value: MetricValue): number | null {
  if (value === null || typeof value === 'number') return value
  return value.of === 0 ? null : value.count / value.of
}
