/**
 * What was measured on the system that an arrivals CSV is of, as a row before those of the policies: the same
 * metrics, without intervals.
 */
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { inOrder, type View } from '../parts/view.ts'
import type { PolicyRecord, Report } from './report.ts'

export const MEASURED_ROW = 'measured'

type Rows = Pick<Report, 'records' | 'measured'>

/** The records as tables show them; what was measured comes first, whatever the order. */
export function shownRecords(report: Rows, view: View = {}): readonly PolicyRecord[] {
  return [...measuredRecords(report), ...inOrder(report.records, view)]
}

function measuredRecords({ measured }: Rows): PolicyRecord[] {
  if (measured === undefined || measured === null) return []
  const metrics = Object.fromEntries(
    Object.entries(measured).map(([name, mean]): [string, MetricSummary] => [
      name,
      { mean, low95: null, high95: null, runs: 1 },
    ]),
  )
  return [{ point: 0, policy: MEASURED_ROW, metrics, difference: null, ratioToReference: null, error: null }]
}
