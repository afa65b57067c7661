/**
 * From runs to a comparison: every metric of every policy as a mean over runs with its 95 % interval, and the
 * difference and the ratio to the reference policy, paired run by run because all policies of a run meet the
 * same packets. One run alone has intervals where its metrics have batches (batch-means.ts).
 */

import { type MetricValue, numberOf } from '../metric.ts'
import type { ComparedRun } from '../result.ts'
import { batchMeans, pairedBatchDifference } from './batch-means.ts'
import type { BatchTable } from './batches.ts'
import { ratioToReference } from './ratio-to-reference.ts'
import { type Estimate, estimate, pairedDifference } from './statistics.ts'

/**
 * A metric over all runs; ratios also have their events and chances, summed over the runs, and an interval
 * that is cut off at 0 and 1, which Student's t doesn't know.
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
  /** Per metric: this policy's mean over the reference's; null for the reference itself. */
  readonly ratioToReference: Readonly<Record<string, Estimate>> | null
  /** Why it ended early, one line; null when it didn't. */
  readonly error: string | null
}

/**
 * @param runs finished runs of one point, in order; all have the same policies
 * @param reference label of the policy that the others are compared with
 */
export function compareRuns(runs: readonly ComparedRun[], reference: string): PolicySummary[] {
  const labels = runs[0]?.policies.map((policy) => policy.label) ?? []
  const referenceIndex = labels.indexOf(reference)
  return labels.map((label, index) => {
    const mine = runs.map((run) => run.policies[index]!)
    const error = mine.find((policy) => policy.error !== null)?.error ?? null
    const names = error === null ? Object.keys(mine[0]!.metrics) : []
    const metrics: Record<string, MetricSummary> = {}
    const difference: Record<string, Estimate> = {}
    const ratios: Record<string, Estimate> = {}
    for (const name of names) {
      metrics[name] = summarize(runs, index, name)
      if (referenceIndex < 0 || index === referenceIndex) continue
      difference[name] = differenceOf(runs, index, referenceIndex, name)
      ratios[name] = ratioToReference(numbers(runs, index, name), numbers(runs, referenceIndex, name))
    }
    const isReference = index === referenceIndex
    return {
      label,
      metrics,
      difference: isReference ? null : difference,
      ratioToReference: isReference ? null : ratios,
      error,
    }
  })
}

/** A metric of one policy minus that of another, by their positions, paired run by run or batch by batch. */
export function differenceOf(
  runs: readonly ComparedRun[],
  policy: number,
  other: number,
  name: string,
): Estimate {
  const overRuns = pairedDifference(numbers(runs, policy, name), numbers(runs, other, name))
  const mine = onlyBatches(runs, policy, name)
  const others = onlyBatches(runs, other, name)
  if (mine === undefined || others === undefined) return overRuns
  return withBatches(overRuns, pairedBatchDifference(mine, others))
}

function summarize(runs: readonly ComparedRun[], policy: number, name: string): MetricSummary {
  const values = valuesOf(runs, policy, name)
  const table = onlyBatches(runs, policy, name)
  const overRuns = estimate(values.map(numberOf))
  const summary = table === undefined ? overRuns : withBatches(overRuns, batchMeans(table.batches))
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

/** The run's own mean with the interval of its batches. */
function withBatches(overRuns: Estimate, { low95, high95, batches }: Estimate): Estimate {
  if (overRuns.mean === null || batches === undefined) return overRuns
  return { ...overRuns, low95, high95, batches }
}

/** The batches of a metric where there is just one run. */
function onlyBatches(runs: readonly ComparedRun[], policy: number, name: string): BatchTable | undefined {
  return runs.length === 1 ? runs[0]!.policies[policy]!.batches?.[name] : undefined
}

function valuesOf(runs: readonly ComparedRun[], policy: number, name: string): MetricValue[] {
  return runs.map((run) => run.policies[policy]!.metrics[name] ?? null)
}

function numbers(runs: readonly ComparedRun[], policy: number, name: string): (number | null)[] {
  return valuesOf(runs, policy, name).map(numberOf)
}
