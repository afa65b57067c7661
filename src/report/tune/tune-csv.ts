/**
 * ttl.csv: a row per TTL, ascending; the last one, which never expires, has no ttlNs. An unknown value is
 * empty.
 */
import { stringify } from 'csv-stringify/sync'
import { CURVE_METRICS } from '../../tune/tuning.ts'
import type { TuneReport } from './tune-report.ts'

/** `ttlNs`, then per metric `name,name.low95,name.high95`. */
export function ttlCsv({ tune }: TuneReport): string {
  const heads = CURVE_METRICS.flatMap((name) => [name, `${name}.low95`, `${name}.high95`])
  const rows = tune.curve.map(({ ttlNs, metrics }) => [
    ttlNs,
    ...CURVE_METRICS.flatMap((name) => {
      const { mean = null, low95 = null, high95 = null } = metrics[name] ?? {}
      return [mean, low95, high95]
    }),
  ])
  return stringify([['ttlNs', ...heads], ...rows], { cast: { number: String } })
}
