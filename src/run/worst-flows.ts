/**
 * Keeps what runs say about single flows bounded: of all runs together only the worst flows of each policy
 * stay. Which ones stay doesn't depend on the order in which runs finish, because the order among flows is
 * total.
 */
import type { FlowRow, RunResult } from '../metrics/result.ts'

/** Most rows of flows.csv per policy, and so of a run. */
export const FLOWS_PER_POLICY_MAX = 10_000

/** Orders flows: most reordered first, then largest; equally bad ones stay as they are. */
export function worstFirst<T>(
  reordered: (flow: T) => number,
  sent: (flow: T) => number,
): (a: T, b: T) => number {
  return (a, b) => reordered(b) - reordered(a) || sent(b) - sent(a)
}

/**
 * The same results with at most `limit` flows per policy over all runs: most reordered first, then largest,
 * then the earlier run, then first in its run.
 * @param results finished runs, sorted by run
 */
export function keepWorstFlows(
  results: readonly RunResult[],
  limit: number = FLOWS_PER_POLICY_MAX,
): RunResult[] {
  const policyCount = results[0]?.policies.length ?? 0
  const kept: FlowRow[][][] = results.map(({ policies }) => policies.map(({ flows }) => [...flows]))
  for (let policy = 0; policy < policyCount; policy++) {
    const rows = results.flatMap(({ policies }, at) => policies[policy]!.flows.map((flow) => ({ flow, at })))
    if (rows.length <= limit) continue
    rows.sort(
      worstFirst(
        ({ flow }) => flow.reordered,
        ({ flow }) => flow.sent,
      ),
    )
    for (const flows of kept) flows[policy] = []
    for (const { flow, at } of rows.slice(0, limit)) kept[at]![policy]!.push(flow)
  }
  return results.map((result, at) => ({
    ...result,
    policies: result.policies.map((policy, i) => ({ ...policy, flows: kept[at]![i]! })),
  }))
}
