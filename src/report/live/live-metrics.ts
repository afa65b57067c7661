/**
 * The metrics of replays that tables and verdicts show: their names for people, and how their numbers are
 * written.
 */
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { type Detail, durationCell, numberCell, ratioCell } from '../parts/format-cell.ts'

/** @param digitsMin significant digits that the mean keeps beside a wider interval */
export type Cell = (summary: MetricSummary | undefined, detail: Detail, digitsMin?: number) => string

export interface ShownMetric {
  readonly metric: string
  readonly title: string
  readonly cell: Cell
  /** Has it a table of its own? */
  readonly hasTable: boolean
}

const shown = (metric: string, title: string, cell: Cell, hasTable = true): ShownMetric => {
  return { metric, title, cell, hasTable }
}

/** In the order of the tables. */
export const SHOWN: readonly ShownMetric[] = [
  shown('reorderedRatio', 'reordered', ratioCell),
  shown('extentMean', 'extent, packets', numberCell),
  shown('lateTimeNsP50', 'late time, median', durationCell),
  shown('lateTimeNsP99', 'late time, 99 %', durationCell, false),
  shown('latencyNsMean', 'latency, mean', durationCell, false),
  shown('latencyNsP50', 'latency, median', durationCell),
  shown('latencyNsP99', 'latency, 99 %', durationCell),
  shown('laneShareMax', 'busiest lane serves', ratioCell),
]

/** Of any metric that is judged. */
export function shownMetric(metric: string): ShownMetric {
  const lane = /^laneShare\[(\d+)\]$/.exec(metric)?.[1]
  if (lane !== undefined) return shown(metric, `lane ${lane} serves`, ratioCell, false)
  return SHOWN.find((one) => one.metric === metric) ?? shown(metric, metric, numberCell, false)
}
