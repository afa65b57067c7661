/**
 * The columns of the table, of markdown and of the page: what tells the story of a comparison in few words.
 * Whose packets come out of order, what TCP and QUIC make of that, and what it costs in latency, drops and
 * balance.
 */
import type { PolicyRecord } from './report.ts'

/** The metric that the whole tool is about; its cell carries the mark of {@link differs}. */
export const HEADLINE = 'reorderedRatio'

export const COMPARED: readonly string[] = [
  HEADLINE,
  'flowsReorderedRatio',
  'sackLostRatio',
  'quicLostRatio',
  'latencyNsP50',
  'latencyNsP99',
  'dropRatio',
  'laneLoadJain',
]

/** Is its reordering different from the reference's: does the paired 95 % interval leave out zero? */
export function differs({ difference }: PolicyRecord): boolean {
  const { low95 = null, high95 = null } = difference?.[HEADLINE] ?? {}
  return low95 !== null && high95 !== null && (low95 > 0 || high95 < 0)
}
