/**
 * The columns of the table and of markdown: what tells the story of a comparison in few words. Whose packets
 * come out of order, what TCP and QUIC make of that, and what it costs in latency, drops and balance.
 */
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { type Detail, durationCell, numberCell, ratioCell } from '../parts/format-cell.ts'
import type { PolicyRecord } from './report.ts'

export interface Column {
  readonly title: string
  /** The title for narrow columns, in two lines. */
  readonly head: readonly [string, string]
  cell(record: PolicyRecord, detail: Detail): string
}

/** The metric that the whole tool is about; its cell carries the mark of {@link differs}. */
export const HEADLINE = 'reorderedRatio'

export const columns: readonly Column[] = [
  share('reordered', ['', 'reordered'], ({ reorderedRatio }) => reorderedRatio),
  share('flows hit', ['flows', 'hit'], ({ flowsReorderedRatio }) => flowsReorderedRatio),
  share('SACK lost', ['SACK', 'lost'], ({ sackLostRatio }) => sackLostRatio),
  share('QUIC lost', ['QUIC', 'lost'], ({ quicLostRatio }) => quicLostRatio),
  {
    title: 'latency p50',
    head: ['latency', 'p50'],
    cell: ({ metrics }, detail) => durationCell(metrics.latencyNsP50, detail),
  },
  {
    title: 'latency p99',
    head: ['', 'p99'],
    cell: ({ metrics }, detail) => durationCell(metrics.latencyNsP99, detail),
  },
  share('drops', ['', 'drops'], dropped),
  {
    title: 'lanes even',
    head: ['lanes', 'even'],
    cell: ({ metrics }, detail) => numberCell(metrics.laneLoadJain, detail),
  },
]

function share(
  title: string,
  head: readonly [string, string],
  pick: (metrics: PolicyRecord['metrics']) => MetricSummary | undefined,
): Column {
  return { title, head, cell: ({ metrics }, detail) => ratioCell(pick(metrics), detail) }
}

/** Is its reordering different from the reference's: does the paired 95 % interval leave out zero? */
export function differs({ difference }: PolicyRecord): boolean {
  const { low95 = null, high95 = null } = difference?.[HEADLINE] ?? {}
  return low95 !== null && high95 !== null && (low95 > 0 || high95 < 0)
}

/** Drops at both places. Of their sum only the mean is known, unless one of the two never happened. */
function dropped(metrics: PolicyRecord['metrics']): MetricSummary | undefined {
  const { tunQueueDropRatio: tun, laneDropRatio: lane } = metrics
  if (tun === undefined || lane === undefined || tun.mean === null || lane.mean === null) return tun
  if (lane.mean === 0) return tun
  if (tun.mean === 0) return lane
  return { mean: tun.mean + lane.mean, low95: null, high95: null, runs: tun.runs }
}
