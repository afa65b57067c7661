/** Metrics that only `lanewise measure` reports, because a comparison of policies has no use for them. */
import type { MetricInfo } from '../metric.ts'

export const measured: readonly MetricInfo[] = []
