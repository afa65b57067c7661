/** All charts, in the order of a page. */
import type { Chart } from '../chart.ts'
import { extentHistogram } from './extent-histogram.ts'
import { flowScatter } from './flow-scatter.ts'
import { laneTimeline } from './lane-timeline.ts'
import { lateTimeCdf } from './late-time-cdf.ts'
import { latencyCdf } from './latency-cdf.ts'
import { nReordering } from './n-reordering.ts'
import { overSettings } from './over-settings.ts'
import { predictedMeasured } from './predicted-measured.ts'
import { reorderDensity } from './reorder-density.ts'
import { reorderOverTtl } from './reorder-over-ttl.ts'
import { reorderRate } from './reorder-rate.ts'
import { tradeOff } from './trade-off.ts'

export const charts: readonly Chart[] = [
  reorderOverTtl,
  reorderRate,
  tradeOff,
  ...overSettings,
  latencyCdf,
  lateTimeCdf,
  extentHistogram,
  nReordering,
  reorderDensity,
  flowScatter,
  laneTimeline,
  predictedMeasured,
]
