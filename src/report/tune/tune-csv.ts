/**
 * ttl.csv: a row per TTL, ascending; the last one, which never expires, has no ttlNs. An unknown value is
 * empty. On stdout a view may choose other columns and another order.
 */
import { stringify } from 'csv-stringify/sync'
import { partsOf } from '../../metrics/catalogue/shown.ts'
import { CURVE_METRICS } from '../../tune/tuning.ts'
import { inOrder, type View } from '../parts/view.ts'
import { metricsOf } from './tune-columns.ts'
import type { TuneReport } from './tune-report.ts'

/** `ttlNs`, then per metric `name,name.low95,name.high95`. */
export function ttlCsv(report: TuneReport, view: View = {}): string {
  const names = view.metrics === undefined ? CURVE_METRICS : partsOf(view.metrics)
  const heads = names.flatMap((name) => [name, `${name}.low95`, `${name}.high95`])
  const points = report.tune.curve.map(({ ttlNs, policy }) => ({ ttlNs, metrics: metricsOf(report, policy) }))
  const rows = inOrder(points, view).map(({ ttlNs, metrics }) => [
    ttlNs,
    ...names.flatMap((name) => {
      const { mean = null, low95 = null, high95 = null } = metrics[name] ?? {}
      return [mean, low95, high95]
    }),
  ])
  return stringify([['ttlNs', ...heads], ...rows], { cast: { number: String } })
}
