/**
 * The counters of policies that keep a flow table, as metrics. A counter is a total since the start of the
 * run, so what it had reached when the warm-up ended is taken off; one whose name ends in Max is a peak and
 * stays.
 */
import { type Metrics, ratio } from '../metric.ts'

export function tableMetrics(counters: Record<string, number>, atStart: Record<string, number>): Metrics {
  const metrics: Metrics = {}
  const since = (name: string): number => {
    const value = counters[name] ?? 0
    return name.endsWith('Max') ? value : value - (atStart[name] ?? 0)
  }
  for (const name of Object.keys(counters)) {
    if (name !== 'tableLookups' && name !== 'tableHits') metrics[name] = since(name)
  }
  if ('tableLookups' in counters) metrics.tableHitRatio = ratio(since('tableHits'), since('tableLookups'))
  return metrics
}
