/**
 * The result as CSV files: summary.csv (a row per policy and point), runs.csv (a row per run), flows.csv (the worst
 * flows) and distributions.csv (histograms summed over the runs, what plots need). An unknown value is an empty
 * field, never 0. A ratio has its events and chances beside it, in `name.count` and `name.of`.
 */
import { stringify } from 'csv-stringify/sync'
import type { MetricSummary } from '../metrics/comparison.ts'
import type { DistributionTable, Metrics, MetricValue } from '../metrics/metric.ts'
import type { RunResult } from '../metrics/result.ts'
import type { PolicyRecord } from './report.ts'

export type Cell = string | number | null

const POINT = 0

/** Of a report, what its summary is made of. */
export interface Summaries {
  readonly records: readonly Pick<PolicyRecord, 'point' | 'policy' | 'metrics'>[]
}

/** A row: what it is of, and its metrics. */
export interface MetricRow {
  readonly cells: readonly Cell[]
  readonly metrics: Metrics
}

/** `point,policy`, then per metric `name,name.low95,name.high95` and for ratios `name.count,name.of`. */
export function summaryCsv({ records }: Summaries): string {
  const summaries = records.map(({ metrics }) => metrics)
  const names = namesOf(summaries)
  const ratios = ratioNames(summaries, (summary: MetricSummary) => summary.count !== undefined)
  const header = names.flatMap((name) => [
    name,
    `${name}.low95`,
    `${name}.high95`,
    ...(ratios.has(name) ? [`${name}.count`, `${name}.of`] : []),
  ])
  const rows = records.map(({ point, policy, metrics }) => [
    point,
    policy,
    ...names.flatMap((name) => {
      const { mean = null, low95 = null, high95 = null, count = null, of = null } = metrics[name] ?? {}
      return [mean, low95, high95, ...(ratios.has(name) ? [count, of] : [])]
    }),
  ])
  return csv(['point', 'policy', ...header], rows)
}

/** `point,policy,run`, then per metric its value, and for ratios `name.count,name.of`. Policies in order, then runs. */
export function runsCsv(results: readonly RunResult[]): string {
  const rows = inPolicyOrder(results).map(({ policy, run }) => {
    return { cells: [POINT, policy.label, run], metrics: policy.metrics }
  })
  return metricsCsv(['point', 'policy', 'run'], rows)
}

/** The columns named in `header`, then per metric its value, and for ratios `name.count,name.of`. */
export function metricsCsv(header: readonly string[], rows: readonly MetricRow[]): string {
  const all = rows.map(({ metrics }) => metrics)
  const names = namesOf(all)
  const ratios = ratioNames(all, (value) => value !== null && typeof value === 'object')
  const heads = names.flatMap((name) => (ratios.has(name) ? [name, `${name}.count`, `${name}.of`] : [name]))
  const lines = rows.map(({ cells, metrics }) => [
    ...cells,
    ...names.flatMap((name) => valueCells(metrics[name] ?? null, ratios.has(name))),
  ])
  return csv([...header, ...heads], lines)
}

/** A value as cells; that of a ratio has its events and chances beside it. */
export function valueCells(value: MetricValue, isRatio: boolean): Cell[] {
  if (!isRatio) return [value as number | null]
  if (value === null || typeof value === 'number') return [value, null, null]
  return [value.of === 0 ? null : value.count / value.of, value.count, value.of]
}

/** `policy,run,flow,sent,delivered,reordered,reorderedRatio`: per policy and run the worst flow first. */
export function flowsCsv(results: readonly RunResult[]): string {
  const rows = inPolicyOrder(results).flatMap(({ policy, run }) =>
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
  return csv(['policy', 'run', 'flow', 'sent', 'delivered', 'reordered', 'reorderedRatio'], rows)
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
      for (const [low, [high, count]] of buckets) rows.push([POINT, label, metric, low, high, count])
    }
  }
  return csv(['point', 'policy', 'metric', 'low', 'high', 'count'], rows)
}

function inPolicyOrder(results: readonly RunResult[]) {
  const labels = results[0]?.policies ?? []
  return labels.flatMap((_, i) => results.map(({ run, policies }) => ({ run, policy: policies[i]! })))
}

/** All names, in the order in which they first appear. */
function namesOf(records: readonly object[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))]
}

function ratioNames<T>(records: readonly Readonly<Record<string, T>>[], isRatio: (value: T) => boolean) {
  const entries = records.flatMap((record) => Object.entries(record))
  return new Set(entries.filter(([, value]) => isRatio(value)).map(([name]) => name))
}

function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return stringify([header, ...rows] as Cell[][], {
    cast: { number: (value) => (Number.isFinite(value) ? String(value) : '') },
  })
}
