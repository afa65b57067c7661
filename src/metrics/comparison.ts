/**
 * From runs to a comparison: every metric of every policy as a mean over runs with its 95 % interval, and the
 * difference to the reference policy, paired run by run because all policies of a run meet the same packets.
 */
import { type MetricValue, numberOf } from './metric.ts'
import type { RunResult } from './result.ts'
import { type Estimate, estimate, pairedDifference } from './statistics.ts'

/**
 * A metric over all runs; ratios also have their events and chances, summed over the runs, and an interval that is
 * cut off at 0 and 1, which Student's t doesn't know.
 */
export interface MetricSummary extends Estimate {
  readonly count?: number
  readonly of?: number
}

export interface PolicySummary {
  readonly label: string
  readonly metrics: Readonly<Record<string, MetricSummary>>
  /** Per metric: this policy minus the reference; null for the reference itself. */
  readonly difference: Readonly<Record<string, Estimate>> | null
  /** Why it ended early, one line; null when it didn't. */
  readonly error: string | null
}

/**
 * @param runs finished runs of one point, in order; all have the same policies
 * @param reference label of the policy that the others are compared with
 */
export function compareRuns(runs: readonly RunResult[], reference: string): PolicySummary[] {
  const labels = runs[0]?.policies.map((policy) => policy.label) ?? []
  const referenceIndex = labels.indexOf(reference)
  return labels.map((label, index) => {
    const mine = runs.map((run) => run.policies[index]!)
    const error = mine.find((policy) => policy.error !== null)?.error ?? null
    const names = error === null ? Object.keys(mine[0]!.metrics) : []
    const values = (policy: number, name: string) =>
      runs.map((run) => run.policies[policy]!.metrics[name] ?? null)
    const metrics: Record<string, MetricSummary> = {}
    const difference: Record<string, Estimate> = {}
    for (const name of names) {
      const own = values(index, name)
      metrics[name] = summarize(own)
      if (referenceIndex < 0 || index === referenceIndex) continue
      const other = values(referenceIndex, name)
      difference[name] = pairedDifference(own.map(numberOf), other.map(numberOf))
    }
    return { label, metrics, difference: index === referenceIndex ? null : difference, error }
  })
}

function summarize(values: readonly MetricValue[]): MetricSummary {
  const summary = estimate(values.map(numberOf))
  const ratios = values.filter((value) => value !== null && typeof value === 'object')
  if (ratios.length === 0) return summary
  return {
    ...summary,
    low95: summary.low95 === null ? null : Math.max(0, summary.low95),
    high95: summary.high95 === null ? null : Math.min(1, summary.high95),
    count: ratios.reduce((sum, value) => sum + value.count, 0),
    of: ratios.reduce((sum, value) => sum + value.of, 0),
  }
}
