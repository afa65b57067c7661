/** Columns of tables that sum metrics up: they are in no report, so the catalogue doesn't list them. */
import type { DerivedMetric } from '../metric.ts'

export const derived: readonly DerivedMetric[] = [
  {
    name: 'dropRatio',
    unit: 'ratio',
    title: 'dropped packets',
    shortTitle: 'drops',
    better: 'less',
    sumOf: ['tunQueueDropRatio', 'laneDropRatio'],
  },
]
