/**
 * The answer of `lanewise tune` as plain data: what report.json says under `tune`. Durations in ns; unknown
 * is null.
 */
import type { MetricSummary } from '../metrics/statistics/comparison.ts'
import type { Estimate } from '../metrics/statistics/statistics.ts'
import type { Proof, Unproven } from './longest-stay.ts'
import type { Recommended, Safe, TtlPoint } from './recommend.ts'
import type { Setting } from './setting.ts'

/** The curve's metrics. */
export const CURVE_METRICS = [
  'reorderedRatio',
  'sackLostRatio',
  'unsafeMoves',
  'laneLoadJain',
  'latencyNsP99',
  'tableEntriesMax',
  'tableEvictions',
] as const

/** The recommended TTL on random numbers that the search has not seen. */
export interface Check {
  readonly policy: string
  readonly ttlNs: number
  readonly seed: string
  readonly reorderedRatio: MetricSummary
  /** The upper 95 % bound of the reordered packets, by which TTLs are recommended. */
  readonly upperBound: number | null
  /** Is the mean within the target? The bound may be above it all the same. */
  readonly isKept: boolean
  /**
   * Moves of the fresh runs that could have reordered something; one is enough for its TTL not to be safe.
   */
  readonly unsafeMoves: MetricSummary | null
}

/** What the recommended TTL costs: its metrics minus the other's, paired run by run. */
export interface Cost {
  /** Labels in the records. */
  readonly policy: string
  readonly against: string
  readonly difference: Readonly<Record<string, Estimate>>
}

export interface Tuning {
  /** Name, what else it was given, and what its TTL is called. */
  readonly policy: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly parameter: string
  readonly metric: string
  readonly targetRatio: number
  /** interval: by upper 95 % bounds. value: nothing is random, the one run is all there is. */
  readonly decidedBy: 'interval' | 'value'
  /** Does the grid begin above TTLs that would be different here? */
  readonly beginsHigh: boolean
  readonly recommended: Recommended
  readonly safe: Safe
  /** What to set. */
  readonly setting: Setting
  readonly proof: Proof | null
  /** Why there is no proof; nothing where there is one. */
  readonly unproven: Unproven
  /** null: not asked for, nothing to check, or nothing random. */
  readonly check: Check | null
  readonly costs: readonly Cost[]
  /** Ascending, never expiring last. */
  readonly curve: readonly TtlPoint[]
  /** Labels in the records. */
  readonly never: string
  readonly drained: string
  /** What the search can't answer and why, one line each. */
  readonly notes: readonly string[]
}
