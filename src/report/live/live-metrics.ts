/** The metrics of replays that have a table each, in this order; verdicts name others too. */
import type { ShownMetric } from '../../metrics/catalogue/shown.ts'

export const REPLAYED: readonly string[] = [
  'reorderedRatio',
  'extentMean',
  'lateTimeNsP50',
  'latencyNsP50',
  'latencyNsP99',
  'laneShareMax',
]

/** Above a table, whose cells say their unit themselves or not at all. */
export function tableTitle({ title, kind, unit }: ShownMetric): string {
  return kind === 'number' && unit !== '' ? `${title} (${unit})` : title
}
