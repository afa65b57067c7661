/**
 * From the runs of a search to its answer: the curve, the two TTLs, what the recommended one costs, and what
 * to mind.
 */

import type { RunResult } from '../metrics/result.ts'
import { compareRuns, differenceOf } from '../metrics/statistics/comparison.ts'
import type { Scenario } from '../scenario/schema/schema.ts'
import type { Proof, Unproven } from './longest-stay.ts'
import { positionOf, recommend, smallestSafe, TARGET_METRIC, type TtlPoint, upperBound } from './recommend.ts'
import { settingOf } from './setting.ts'
import { ttlText } from './ttl-grid.ts'
import { otherParameters, type TunedPolicy } from './tuned-policy.ts'
import { type Check, type Cost, CURVE_METRICS, type Tuning } from './tuning.ts'

/** Slots of linux-tun: a full table takes no new flows, and evicts none. */
const LINUX_TUN_ENTRIES = 4096

/** What a search is about, whatever its runs say. */
export interface Question {
  readonly tuned: TunedPolicy
  readonly scenario: Scenario
  readonly targetRatio: number
  /** The shortest TTL that isn't the same as a shorter one, for this policy and traffic. */
  readonly lowestNs: number
  /** Would another run differ? */
  readonly isRandom: boolean
  readonly proof: Proof | null
  readonly unproven: Unproven
}

/**
 * @param ttlsNs ascending
 * @param results runs whose policies are the candidates in the order of `ttlsNs`, then never expiring, then
 * drained
 */
export function answer(
  question: Question,
  ttlsNs: readonly number[],
  results: readonly RunResult[],
  check: Check | null,
): Tuning {
  const { tuned, targetRatio, isRandom, proof, unproven } = question
  const summaries = compareRuns(results, '')
  const curve = summaries.slice(0, ttlsNs.length + 1).map(({ label, metrics }, i): TtlPoint => {
    const named = CURVE_METRICS.map((name) => [name, metrics[name]] as const)
    const shown = [...named, ['flowMoves', metrics.flowMoves] as const]
    return {
      ttlNs: ttlsNs[i] ?? null,
      policy: label,
      metrics: Object.fromEntries(
        shown.filter(([, summary]) => summary !== undefined),
      ) as TtlPoint['metrics'],
    }
  })
  const recommended = recommend(curve, targetRatio, isRandom)
  const safe = smallestSafe(curve, check?.unsafeMoves?.count ? check.ttlNs : undefined)
  const chosen =
    positionOf(recommended, curve) ?? (safe.kind === 'unknown' ? undefined : positionOf(safe, curve))
  return {
    policy: tuned.name,
    parameters: otherParameters(tuned),
    parameter: tuned.parameter,
    metric: TARGET_METRIC,
    targetRatio,
    decidedBy: isRandom ? 'interval' : 'value',
    beginsHigh: ttlsNs[0]! > question.lowestNs,
    recommended,
    safe,
    setting: settingOf(recommended, safe, proof, curve, tuned.stepNs),
    proof,
    unproven,
    check,
    costs: chosen === undefined ? [] : costs(results, chosen, ttlsNs.length),
    curve,
    never: summaries[ttlsNs.length]!.label,
    drained: summaries[ttlsNs.length + 1]!.label,
    notes: notes(question, curve, recommended.kind === 'none'),
  }
}

/** @param never position of the policy that never expires; drained comes behind it */
function costs(results: readonly RunResult[], chosen: number, never: number): Cost[] {
  const labelOf = (position: number) => results[0]!.policies[position]!.label
  return [never, never + 1].map((other) => {
    const names = CURVE_METRICS.filter((name) => results[0]!.policies[other]!.metrics[name] !== undefined)
    const differences = names.map((name) => [name, differenceOf(results, chosen, other, name)])
    return {
      policy: labelOf(chosen),
      against: labelOf(other),
      difference: Object.fromEntries(differences) as Cost['difference'],
    }
  })
}

function notes(question: Question, curve: readonly TtlPoint[], hasNoTtl: boolean): string[] {
  const { tuned, scenario, targetRatio, isRandom } = question
  const found: string[] = []
  if (!tuned.learnsFromPackets && scenario.source.direction === 'both') {
    found.push(
      `${tuned.name} learns from return traffic only, and here both directions meet the policy, so every TTL is the same: ` +
        'say what is inside, such as --set "source.direction.inside=[10.8.0.0/24]"',
    )
  }
  const never = curve.at(-1)!.metrics[TARGET_METRIC]
  const bound = upperBound(never, isRandom)
  if (hasNoTtl && bound !== null && bound > targetRatio && never!.mean! > 0) {
    found.push(
      'Even never expiring misses the target, so no TTL is the cure: compare other policies (lanewise compare).',
    )
  }
  if (hasNoTtl && bound !== null && bound > targetRatio && never!.mean === 0) {
    found.push(
      `Too few packets to tell: none of ${never!.of} was reordered, which leaves up to 3/${never!.of} (95 %), more than the target. More runs help (-r).`,
    )
  }
  if (hasNoTtl && bound !== null && bound <= targetRatio) {
    found.push(
      `Never expiring keeps the target, so longer TTLs than ${ttlText(curve.at(-2)!.ttlNs!)} may too: widen --ttl.`,
    )
  }
  return [...found, ...overflow(question, curve)]
}

/** Where the table is too small for what a TTL lets it keep. */
function overflow({ tuned }: Question, curve: readonly TtlPoint[]): string[] {
  const { name, parameter } = tuned
  const ttl = ({ ttlNs }: TtlPoint) => (ttlNs === null ? 'never' : ttlText(ttlNs))
  if (name === 'linux-tun') {
    const full = curve.filter(({ metrics }) => (metrics.tableEntriesMax?.mean ?? 0) >= LINUX_TUN_ENTRIES)
    if (full.length === 0) return []
    return [
      `The table is full at ${parameter}=${ttl(full[0]!)}${full.length > 1 ? ' and longer' : ''}: with ${LINUX_TUN_ENTRIES} entries it takes no new flow, which then stays on its hash's lane.`,
    ]
  }
  const full = curve.filter(({ metrics }) => (metrics.tableEvictions?.mean ?? 0) > 0)
  if (full.length === 0) return []
  const first = full[0]!
  const most = Math.max(...full.map(({ metrics }) => metrics.tableEvictions!.mean!))
  const cure = name === 'flow-pinned' ? 'give it more slots (capacity)' : 'a shorter TTL leaves more room'
  return [
    `The table overflows${full.length === curve.length ? ' whatever the TTL' : ` from ${parameter}=${ttl(first)} on`}: up to ${Math.round(most)} live entries per run are evicted, and each lets a flow move at any time - ${cure}.`,
  ]
}
