/**
 * Lost and duplicated packets as metrics. Duplicates by RFC 5560: superfluous copies per packet that arrived
 * (duplication fraction) and packets that came more than once (replicated packet rate). An arrival file
 * doesn't say what was sent; there it follows from the numbers.
 */
import { type Metrics, ratio } from '../metrics/metric.ts'
import type { ArrivalCounts } from './arrivals/arrivals.ts'
import type { FlowCounts } from './inspect/flow-counts.ts'

/** Sent packets of a flow that did not arrive, not even corrupted. */
export function lostOf({ sent, arrived, corrupted }: FlowCounts): number {
  return Math.max(0, sent - arrived - corrupted)
}

export function lossMetrics(flows: readonly FlowCounts[]): Metrics {
  const { sent, arrived, lost, duplicated, replicated } = sums(flows)
  return {
    lostRatio: ratio(lost, sent),
    duplicationRatio: ratio(duplicated, arrived),
    replicatedRatio: ratio(replicated, arrived),
  }
}

/** What only two captures tell. */
export function damageMetrics({ sent, lost, received, corrupted, unmatched }: ArrivalCounts): Metrics {
  if (sent === null || lost === null || corrupted === null || unmatched === null) return {}
  return {
    lostRatio: ratio(lost, sent),
    corruptedRatio: ratio(corrupted, sent),
    unmatchedRatio: ratio(unmatched, received),
  }
}

/** The counts with what the numbers of the flows tell, where the input itself doesn't. */
export function completed(counts: ArrivalCounts, flows: readonly FlowCounts[]): ArrivalCounts {
  if (counts.sent !== null) return counts
  const { sent, arrived, lost, duplicated } = sums(flows)
  return { ...counts, sent, matched: arrived, lost, duplicated }
}

function sums(flows: readonly FlowCounts[]) {
  const sum = { sent: 0, arrived: 0, lost: 0, duplicated: 0, replicated: 0 }
  for (const flow of flows) {
    sum.sent += flow.sent
    sum.arrived += flow.arrived
    sum.lost += lostOf(flow)
    sum.duplicated += flow.duplicated
    sum.replicated += flow.replicated
  }
  return sum
}
