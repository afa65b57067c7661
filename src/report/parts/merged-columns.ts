/**
 * The columns of tables whose rows come one point at a time and don't all have the same metrics: a point with
 * more lanes has more of them. A name that is new goes behind the one that it follows in its own row, so that
 * what belongs together stands together: laneUtilization[2] behind laneUtilization[1].
 */
import type { Metrics } from '../../metrics/metric.ts'
import type { MetricColumns } from './csv.ts'

export class MergedColumns implements MetricColumns {
  readonly names: string[] = []
  readonly ratios = new Set<string>()
  private readonly seen = new Set<string>()

  add(metrics: Metrics): void {
    for (const [name, value] of Object.entries(metrics)) {
      if (typeof value === 'object' && value !== null) this.ratios.add(name)
    }
    const all = Object.keys(metrics).join()
    if (this.seen.has(all)) return
    this.seen.add(all)
    let last = -1
    for (const name of Object.keys(metrics)) {
      const at = this.names.indexOf(name)
      if (at < 0) this.names.splice(last + 1, 0, name)
      last = at < 0 ? last + 1 : at
    }
  }
}
