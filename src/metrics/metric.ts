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

/** One entry of the catalogue: what a reader must know to use the number. */
export interface MetricInfo {
  /** As in a report; `[n]` at its end stands for what differs: a degree, a lane, a size. */
  readonly name: string
  /** 'ratio' for a share from 0 to 1, '' for a number without a unit. */
  readonly unit: string
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
