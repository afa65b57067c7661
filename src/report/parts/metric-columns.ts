/**
 * Metrics as columns of a table, named by their names in a report: heads, cells and what the legend says of
 * them, all by the catalogue. A table only lists the names that it shows.
 */
import { type ShownMetric, shownMetric } from '../../metrics/catalogue/shown.ts'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { cellOf, type Detail } from './format-cell.ts'

export type Summaries = Readonly<Record<string, MetricSummary>>

export interface MetricColumn extends ShownMetric {
  /** The short title in two lines; what the column before says above too is left out. */
  readonly head: readonly [above: string, below: string]
  cell(metrics: Summaries, detail: Detail): string
}

export function metricColumns(names: readonly string[]): MetricColumn[] {
  const shown = names.map(shownMetric)
  const heads = shown.map(({ shortTitle }) => {
    const at = shortTitle.lastIndexOf(' ')
    return [shortTitle.slice(0, Math.max(0, at)), shortTitle.slice(at + 1)] as const
  })
  return shown.map((metric, i) => {
    const [above, below] = heads[i]!
    return {
      ...metric,
      head: [above === heads[i - 1]?.[0] ? '' : above, below],
      cell: (metrics, detail) => cellOf(metric, summaryOf(metric, metrics), detail),
    }
  })
}

/** Of a sum only the mean is known, unless all but one of its parts never happened. */
export function summaryOf({ sumOf }: ShownMetric, metrics: Summaries): MetricSummary | undefined {
  const parts = sumOf.map((name) => metrics[name])
  const [first] = parts
  if (first === undefined || parts.some((part) => part?.mean == null)) return first
  const others = parts.filter((part) => part!.mean !== 0) as MetricSummary[]
  if (others.length < 2) return others[0] ?? first
  const mean = others.reduce((sum, part) => sum + part.mean!, 0)
  return { mean, low95: null, high95: null, runs: first.runs }
}

/** A sentence per meaning, "SACK, QUIC lost: ..."; metrics without a legend explain themselves. */
export function legendOf(names: readonly string[]): string[] {
  const titles = new Map<string, string[]>()
  for (const { legend, shortTitle } of names.map(shownMetric)) {
    if (legend !== undefined) titles.set(legend, [...(titles.get(legend) ?? []), shortTitle])
  }
  return [...titles].map(([legend, shared]) => `${joined(shared)}: ${legend}.`)
}

/** Titles that end alike say their end once. */
function joined(titles: readonly string[]): string {
  const ends = new Set(titles.map((title) => title.slice(title.lastIndexOf(' '))))
  const [end = ''] = ends
  if (ends.size > 1 || !end.startsWith(' ')) return titles.join(', ')
  return titles.map((title) => title.slice(0, -end.length)).join(', ') + end
}
