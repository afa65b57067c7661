/** Metrics that only `lanewise replay` reports: which lanes served the packets that a machine delivered. */
import type { MetricInfo } from '../metric.ts'

export const replayed: readonly MetricInfo[] = [
  {
    name: 'laneShareMax',
    unit: 'ratio',
    title: 'busiest lane serves',
    description: 'share of the delivered packets that went through the busiest lane, at least 1/lanes',
    lookWhen: 'To see whether a machine spreads packets as evenly as the simulator says.',
  },
  {
    name: 'laneShare[lane]',
    unit: 'ratio',
    title: 'lane [lane] serves',
    description: 'share of the delivered packets that the lane served, by its number from 0',
    lookWhen: 'To find the lane that gets more or less than predicted.',
  },
]
