/**
 * Limits that a policy must keep in a comparison, judged by the upper end of the 95 % interval: what the
 * metric may be with 95 % confidence. Where none of n chances happened that is 3 / n (the rule of three). A
 * metric that isn't known keeps no limit.
 */
import { numberOf } from '../metric.ts'
import type { ComparedRun } from '../result.ts'
import { estimate } from './statistics.ts'
import { valuesOf } from './verdict.ts'

export interface PolicyGateRule {
  /** What its line says, and its option: --max-<name>. */
  readonly name: 'reordered' | 'drops' | 'p99' | 'late-time'
  readonly metric: string
  readonly kind: 'share' | 'duration'
  readonly description: string
}

export const policyGateRules: readonly PolicyGateRule[] = [
  {
    name: 'reordered',
    metric: 'reorderedRatio',
    kind: 'share',
    description: 'packets overtaken within their flow, such as 0.1%',
  },
  { name: 'drops', metric: 'dropRatio', kind: 'share', description: 'dropped at the TUN queue or a lane' },
  { name: 'p99', metric: 'latencyNsP99', kind: 'duration', description: 'p99 latency, such as 5ms' },
  { name: 'late-time', metric: 'lateTimeNsMax', kind: 'duration', description: 'late time of any packet' },
]

export interface PolicyGate {
  readonly policy: string
  readonly gate: PolicyGateRule['name']
  readonly metric: string
  readonly kind: PolicyGateRule['kind']
  /** The upper 95 % bound; of one run the value. null where it isn't known. */
  readonly bound: number | null
  /** A share 0..1, or ns. */
  readonly limit: number
  readonly isKept: boolean
}

/** @param limits by the names of gates */
export function judgePolicyGates(
  limits: ReadonlyMap<string, number>,
  labels: readonly string[],
  runs: readonly ComparedRun[],
): PolicyGate[] {
  return labels.flatMap((policy) =>
    policyGateRules.flatMap(({ name: gate, metric, kind }) => {
      const limit = limits.get(gate)
      if (limit === undefined) return []
      const bound = boundOf(runs, policy, metric)
      return [{ policy, gate, metric, kind, bound, limit, isKept: bound !== null && bound <= limit }]
    }),
  )
}

function boundOf(runs: readonly ComparedRun[], label: string, metric: string): number | null {
  const index = runs[0]?.policies.findIndex((policy) => policy.label === label) ?? -1
  if (index < 0 || runs.some((run) => run.policies[index]!.error !== null)) return null
  const values = runs.map((run) => run.policies[index]!.metrics[metric] ?? null)
  const isInOrder = runs.every((run) => numberOf(run.policies[index]!.metrics.reorderedRatio ?? null) === 0)
  if (metric === 'lateTimeNsMax' && isInOrder) return 0
  const { mean, high95 } = estimate(valuesOf(runs, index, metric))
  if (mean !== 0 || metric !== 'reorderedRatio') return high95 ?? mean
  let chances = 0
  for (const value of values) if (value !== null && typeof value === 'object') chances += value.of
  return chances === 0 ? null : 3 / chances
}
