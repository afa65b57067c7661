/**
 * The result as CSV files: summary.csv (a row per policy and point), runs.csv (a row per run), flows.csv (the
 * worst flows) and distributions.csv (histograms summed over the runs, what plots need). An unknown value is
 * an empty field, never 0. A ratio has its events and chances beside it, in `name.count` and `name.of`.
 */
import { stringify } from 'csv-stringify/sync'
import type { DistributionTable, Metrics, MetricValue } from '../../metrics/metric.ts'
import type { RunResult } from '../../metrics/result.ts'
import type { PolicyRecord } from '../comparison/report.ts'

export type Cell = string | number | null

/** Of a report, what its summary is made of. */
export interface Summaries {
  readonly records: readonly Pick<PolicyRecord, 'point' | 'policy' | 'metrics'>[]
}

/** A row: what it is of, and its metrics. */
export interface MetricRow {
  readonly cells: readonly Cell[]
  readonly metrics: Metrics
}

/** The metrics that a table has columns for. */
export interface MetricColumns {
  readonly names: readonly string[]
  /** Those that have their events and chances beside them. */
  readonly ratios: ReadonlySet<string>
}

/**
 * `point,policy`, then per metric `name,name.low95,name.high95` and for ratios `name.count,name.of`.
 * @param names only these metrics, in this order; default all
 */
export function summaryCsv({ records }: Summaries, names?: readonly string[]): string {
  const columns = columnsOf(records, names)
  return csvText([summaryHeader(columns), ...summaryRows(records, columns)])
}

/** The same of several reports, which a column in front names. */
export function summariesCsv(
  reports: readonly (Summaries & { readonly name: string })[],
  names?: readonly string[],
): string {
  const all = reports.flatMap(({ records }) => records)
  const columns = columnsOf(all, names)
  const rows = reports.flatMap(({ name, records }) =>
    summaryRows(records, columns).map((row) => [name, ...row]),
  )
  return csvText([['name', ...summaryHeader(columns)], ...rows])
}

export function summaryHeader({ names, ratios }: MetricColumns): string[] {
  const heads = names.flatMap((name) => [
    name,
    `${name}.low95`,
    `${name}.high95`,
    ...(ratios.has(name) ? [`${name}.count`, `${name}.of`] : []),
  ])
  return ['point', 'policy', ...heads]
}

export function summaryRows(records: Summaries['records'], { names, ratios }: MetricColumns): Cell[][] {
  return records.map(({ point, policy, metrics }) => [
    point,
    policy,
    ...names.flatMap((name) => {
      const { mean = null, low95 = null, high95 = null, count = null, of = null } = metrics[name] ?? {}
      return [mean, low95, high95, ...(ratios.has(name) ? [count, of] : [])]
    }),
  ])
}

/**
 * `point,policy,run`, then per metric its value, and for ratios `name.count,name.of`. Policies in order, then
 * runs.
 */
export function runsCsv(results: readonly RunResult[]): string {
  return metricsCsv(RUNS_HEADER, runRows(0, results))
}

export const RUNS_HEADER = ['point', 'policy', 'run']

export function runRows(point: number, results: readonly RunResult[]): MetricRow[] {
  return inPolicyOrder(results).map(({ policy, run }) => {
    return { cells: [point, policy.label, run], metrics: policy.metrics }
  })
}

/** The columns named in `header`, then per metric its value, and for ratios `name.count,name.of`. */
export function metricsCsv(header: readonly string[], rows: readonly MetricRow[]): string {
  const columns = columnsOf(rows)
  return csvText([metricsHeader(header, columns), ...metricsRows(rows, columns)])
}

export function metricsHeader(header: readonly string[], { names, ratios }: MetricColumns): string[] {
  const heads = names.flatMap((name) => (ratios.has(name) ? [name, `${name}.count`, `${name}.of`] : [name]))
  return [...header, ...heads]
}

export function metricsRows(rows: readonly MetricRow[], { names, ratios }: MetricColumns): Cell[][] {
  return rows.map(({ cells, metrics }) => [
    ...cells,
    ...names.flatMap((name) => valueCells(metrics[name] ?? null, ratios.has(name))),
  ])
}

/** A value as cells; that of a ratio has its events and chances beside it. */
export function valueCells(value: MetricValue, isRatio: boolean): Cell[] {
  if (!isRatio) return [value as number | null]
  if (value === null || typeof value === 'number') return [value, null, null]
  return [value.of === 0 ? null : value.count / value.of, value.count, value.of]
}

/** `policy,run,flow,sent,delivered,reordered,reorderedRatio`: per policy and run the worst flow first. */
export function flowsCsv(results: readonly RunResult[]): string {
  return csvText([FLOWS_HEADER, ...flowRows(results)])
}

export const FLOWS_HEADER = ['policy', 'run', 'flow', 'sent', 'delivered', 'reordered', 'reorderedRatio']

export function flowRows(results: readonly RunResult[]): Cell[][] {
  return inPolicyOrder(results).flatMap(({ policy, run }) =>
    policy.flows.map(({ flow, sent, delivered, reordered }) => [
      policy.label,
      run,
      flow,
      sent,
      delivered,
      reordered,
      delivered === 0 ? null : reordered / delivered,
    ]),
  )
}

/** Of a run, what its distributions are made of. */
export interface Distributed {
  readonly policies: readonly {
    readonly label: string
    readonly distributions: readonly DistributionTable[]
  }[]
}

/** `point,policy,metric,low,high,count`: how many values were in [low, high), over all runs. */
export function distributionsCsv(results: readonly Distributed[]): string {
  return csvText([DISTRIBUTIONS_HEADER, ...distributionRows(0, results)])
}

export const DISTRIBUTIONS_HEADER = ['point', 'policy', 'metric', 'low', 'high', 'count']

export function distributionRows(point: number, results: readonly Distributed[]): Cell[][] {
  const rows: Cell[][] = []
  for (const [i, { label }] of (results[0]?.policies ?? []).entries()) {
    const sums = new Map<string, Map<number, [high: number, count: number]>>()
    for (const { metric, rows: buckets } of results.flatMap((run) => run.policies[i]!.distributions)) {
      const sum = sums.get(metric) ?? new Map<number, [number, number]>()
      sums.set(metric, sum)
      for (const [low, high, count] of buckets) sum.set(low, [high, (sum.get(low)?.[1] ?? 0) + count])
    }
    for (const [metric, sum] of sums) {
      const buckets = [...sum].sort(([a], [b]) => a - b)
      for (const [low, [high, count]] of buckets) rows.push([point, label, metric, low, high, count])
    }
  }
  return rows
}

function inPolicyOrder(results: readonly RunResult[]) {
  const labels = results[0]?.policies ?? []
  return labels.flatMap((_, i) => results.map(({ run, policies }) => ({ run, policy: policies[i]! })))
}

/** @param chosen default all names, in the order in which they first appear */
function columnsOf(
  rows: readonly Pick<MetricRow | PolicyRecord, 'metrics'>[],
  chosen?: readonly string[],
): MetricColumns {
  const names = new Set<string>()
  const ratios = new Set<string>()
  for (const [name, value] of rows.flatMap(({ metrics }) => Object.entries(metrics))) {
    names.add(name)
    if (typeof value === 'object' && value !== null && value.of !== undefined) ratios.add(name)
  }
  return { names: chosen ?? [...names], ratios }
}

/** Rows as text, each with a line feed. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return stringify(rows as Cell[][], {
    cast: { number: (value) => (Number.isFinite(value) ? String(value) : '') },
  })
}
