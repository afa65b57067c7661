/**
 * The result of a scan: a report with a record per point and policy, and what each point is. `scenario`,
 * `labels` and `reference` are those without the scan's settings; what is of one point stands with that
 * point, so `load` and `winner` of the whole are null.
 */

import { partsOf } from '../../metrics/catalogue/shown.ts'
import type { OfferedLoad } from '../../metrics/cost/offered-load.ts'
import type { RunResult } from '../../metrics/result.ts'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import type { PolicyGate } from '../../metrics/statistics/gates.ts'
import type { Winner } from '../../metrics/statistics/winner.ts'
import { HEADLINE } from '../comparison/columns.ts'
import type { PolicyRecord, Report, ReportVerdict } from '../comparison/report.ts'
import { meanLoad } from '../comparison/report.ts'

/** What was varied. */
export interface ScanAxis {
  readonly path: string
  /** As a scenario says them: 4, "5ms". */
  readonly values: readonly unknown[]
}

export interface ReportedPoint {
  readonly point: number
  /** Path to value. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly runs: number
  /** Mean of each number over the runs; null where the point failed. */
  readonly load: OfferedLoad | null
  readonly winner: Winner | null
  /** What to choose at this point; null where it failed. */
  readonly verdict: ReportVerdict | null
  /** As in a report, of this point. */
  readonly gates?: readonly PolicyGate[]
  /** Why the point has no results; a policy that failed alone says so in its record. */
  readonly error: string | null
}

/** A report without its records, which may not fit memory. */
export interface ScanHead extends Omit<Report, 'records' | 'load' | 'winner' | 'verdict'> {
  readonly load: null
  readonly winner: null
  readonly verdict: ScanVerdict
  readonly scan: readonly ScanAxis[]
  readonly points: readonly ReportedPoint[]
  /** Paths of axes that changed nothing: see unchanged-axes.ts. */
  readonly unchangedAxes: readonly string[]
}

/** The verdicts of all points together. */
export interface ScanVerdict extends ReportVerdict {
  /** Where it becomes another one, from point to point: its kind, or the policy that is named first. */
  readonly changes: ReadonlyArray<Pick<ReportVerdict, 'kind' | 'policies'> & { readonly point: number }>
}

/** The metrics that tables show where nothing else is said: a grid each. */
export const SCANNED: readonly string[] = [HEADLINE, 'dropRatio', 'latencyNsP99']

/** What tables show of a policy at a point. */
export interface ShownPolicy {
  readonly label: string
  /** Those that are shown alone: all of them may not fit memory. */
  readonly metrics: Readonly<Record<string, MetricSummary>>
  /** Why it has no numbers; null when it has. */
  readonly error: string | null
}

/** A scan as tables show it. */
export interface ShownScan {
  readonly head: ScanHead
  /** A grid each. */
  readonly metrics: readonly string[]
  /** Per point, in the order of its policies. */
  readonly policies: ReadonlyArray<readonly ShownPolicy[]>
}

/** The records of a point that has results. */
export function recordsOf(
  point: number,
  summaries: ReadonlyArray<Omit<PolicyRecord, 'point' | 'policy'> & { readonly label: string }>,
): PolicyRecord[] {
  return summaries.map(({ label, ...summary }) => ({ point, policy: label, ...summary }))
}

/** The records of a point that has none. */
export function failedRecords(point: number, labels: readonly string[], error: string): PolicyRecord[] {
  return labels.map((policy) => {
    return { point, policy, metrics: {}, difference: null, ratioToReference: null, error }
  })
}

/** @param names of the metrics that are shown */
export function shownPolicy(
  { policy, metrics, error }: PolicyRecord,
  names: readonly string[] = SCANNED,
): ShownPolicy {
  const shown = partsOf(names).flatMap((name) => (metrics[name] === undefined ? [] : [[name, metrics[name]]]))
  return { label: policy, metrics: Object.fromEntries(shown), error }
}

export function loadOf(results: readonly RunResult[]): OfferedLoad {
  return meanLoad(results.map(({ load }) => load))
}
