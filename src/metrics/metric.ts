/**
 * What a metric is to a report: a name with its unit last, and for every run a number, a ratio with its
 * counts, or null where it isn't defined. The catalogue is what `lanewise list metrics` prints.
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

/** How a metric is shown, by whatever shows it: a table, a chart, a page, a sentence. */
export interface MetricDisplay {
  /** As in a report; `[n]` at its end stands for what differs: a degree, a lane, a size. */
  readonly name: string
  /**
   * 'ratio' for a share from 0 to 1, '' for a number without a unit. Cells follow from it: a percentage, a
   * duration, an amount of bytes, or a plain number.
   */
  readonly unit: string
  /** On axes and above long tables; it may name the `[n]` of its name. */
  readonly title: string
  /** In the head of a column, narrow ones break it before its last word; left out where `title` is short. */
  readonly shortTitle?: string
  /** Which of two policies does better by it; left out where that depends. */
  readonly better?: 'less' | 'more'
  /** What a table's legend says behind its short title. */
  readonly legend?: string
}

/** One entry of the catalogue: what a reader must know to use the number, and how it is shown. */
export interface MetricInfo extends MetricDisplay {
  /** What it is, in one sentence without capital and full stop. */
  readonly description: string
  /** When to look at it, in one short sentence. */
  readonly lookWhen: string
  /** RFC and section, kernel function or paper; left out where the definition is our own. */
  readonly source?: string
  /** What a prediction about applications leaves out. */
  readonly notModelled?: string
  /** Is it also given of the whole tunnel as one stream, as `tunnel.<name>`? */
  readonly inTunnel?: true
}

/** A column of tables that is the sum of metrics, and in no report. */
export interface DerivedMetric extends MetricDisplay {
  readonly sumOf: readonly string[]
}

/** Metrics that answer one question. */
export interface MetricGroup {
  readonly question: string
  readonly metrics: readonly MetricInfo[]
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
