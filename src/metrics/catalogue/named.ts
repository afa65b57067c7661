/**
 * Metrics by what a reader saw: the head of a column or the title of an axis. Names as they stand in a report
 * are looked up by metricInfo.
 */
import type { MetricDisplay } from '../metric.ts'
import { metricGroups } from './catalogue.ts'
import { derived } from './derived.ts'
import { measured } from './measured.ts'
import { replayed } from './replayed.ts'

/** Of all metrics in their order, then of the derived columns. */
const all: readonly MetricDisplay[] = [...metricGroups.flatMap(({ metrics }) => metrics), ...derived]

const elsewhere = new Set<MetricDisplay>([...measured, ...replayed])

/** Those of simulated packets, not only of measured or replayed ones. */
export const simulated: readonly MetricDisplay[] = all.filter((metric) => !elsewhere.has(metric))

const headsOf = ({ name, title, shortTitle = title }: MetricDisplay) => [name, title, shortTitle]

/** Everything that {@link metricsHeaded} takes. */
export function metricHeads(among: readonly MetricDisplay[] = all): readonly string[] {
  return [...new Set(among.flatMap(headsOf))]
}

/** Those whose name, title or short title this is, whatever its case; none where there is no such head. */
export function metricsHeaded(head: string, among: readonly MetricDisplay[] = all): readonly MetricDisplay[] {
  const wanted = head.toLowerCase()
  return among.filter((metric) => headsOf(metric).some((one) => one.toLowerCase() === wanted))
}

/** Those whose title or short title holds these words, whatever their case. */
export function metricsWith(words: string, among: readonly MetricDisplay[] = all): readonly MetricDisplay[] {
  const wanted = words.toLowerCase()
  return among.filter((metric) =>
    headsOf(metric)
      .slice(1)
      .some((one) => one.toLowerCase().includes(wanted)),
  )
}
