/**
 * The search for a TTL. All TTLs of the grid are policies of one comparison, so that each meets the same
 * packets and the source is read once per run for all of them; a second comparison adds values where the
 * first one bends and around its answers, with the same random numbers; a third runs the recommended TTL on
 * new ones.
 */

import type { RunResult } from '../metrics/result.ts'
import { compareRuns } from '../metrics/statistics/comparison.ts'
import { type RunsOptions, runScenario } from '../node/runs.ts'
import { planOf } from '../run/plan.ts'
import type { LoadedScenario } from '../scenario/loaded-scenario.ts'
import { type PolicyEntry, policyLabel, resolvePolicies } from '../scenario/policy-specs.ts'
import { answer, type Question } from './answer.ts'
import { longestStay, type Proof, type Unproven } from './longest-stay.ts'
import { positionOf, TARGET_METRIC, upperBound } from './recommend.ts'
import { gapsShorterThan, surveyTraffic, type Traffic } from './traffic.ts'
import { logGrid, refinement, ttlText } from './ttl-grid.ts'
import { candidate, type TunedPolicy, yardstick } from './tuned-policy.ts'
import type { Check, Tuning } from './tuning.ts'

export interface SearchOptions {
  readonly tuned: TunedPolicy
  readonly targetRatio: number
  /** Ends of the grid as asked for; undefined: by the traffic. */
  readonly rangeNs: readonly [min: number, max: number] | undefined
  /** Values of the first grid. */
  readonly points: number
  /** Try the recommended TTL on other random numbers? */
  readonly checks: boolean
  readonly jobs: number | undefined
  readonly signal: AbortSignal
  /** What may be watched: each comparison, by its name, with its runs. */
  stage(name: string, runs: number): Promise<Watch>
  /**
   * What is known so far, made when it is asked for: after each run of the first comparison, and at the end
   * of each.
   */
  found(make: () => Found, runs: number): void
}

/** Who watches a comparison. */
export type Watch = Pick<RunsOptions, 'onProgress' | 'onRun'> & { readonly end: () => void }

export interface Found {
  /** The scenario with the candidates as its policies. */
  readonly loaded: LoadedScenario
  readonly results: readonly RunResult[]
  readonly tuning: Tuning
}

/** Throws UserError when the source fails; what `found` got by then is good. */
export async function searchTtl(loaded: LoadedScenario, options: SearchOptions): Promise<Found> {
  const { tuned, targetRatio, points, signal } = options
  const fixed = [candidate(tuned, tuned.never), yardstick(tuned)]
  const plan = planOf(withPolicies(loaded, fixed))
  const traffic = await surveyTraffic(plan, tuned.key, signal)
  const wholeNs = rangeFor(tuned, traffic)
  const [minNs, maxNs] = options.rangeNs ?? wholeNs
  const proof = proofOf(loaded, tuned, traffic)
  const question: Question = {
    tuned,
    targetRatio,
    lowestNs: wholeNs[0],
    isRandom: plan.isRandom,
    ...proof,
    scenario: loaded.scenario,
  }
  const found = (ttls: readonly number[], results: readonly RunResult[], check: Check | null): Found => {
    const whole = withPolicies(loaded, [...ttls.map((ttlNs) => candidate(tuned, ttlText(ttlNs))), ...fixed])
    return { loaded: whole, results, tuning: answer(question, ttls, results, check) }
  }
  const tell = (result: Found) => options.found(() => result, result.results.length)

  const grid = logGrid(minNs, maxNs, points, tuned.stepNs)
  const coarse = withPolicies(loaded, [...grid.map((ttlNs) => candidate(tuned, ttlText(ttlNs))), ...fixed])
  let results = await stage('grid', coarse, options, (soFar) =>
    options.found(() => found(grid, soFar, null), soFar.length),
  )
  let ttls = grid
  let best = found(ttls, results, null)

  const more = moreTtls(best.tuning, tuned, points, plan.isRandom)
  if (more.length > 0) {
    const entries = more.map((ttlNs) => candidate(tuned, ttlText(ttlNs)))
    const refined = await stage('refinement', withPolicies(loaded, entries), options)
    results = merged(results, refined, grid, more)
    ttls = [...grid, ...more].sort((a, b) => a - b)
    best = found(ttls, results, null)
    tell(best)
  }

  const { recommended, curve } = best.tuning
  const position = positionOf(recommended, curve)
  if (!options.checks || !plan.isRandom || position === undefined) return best
  const check = await freshRuns(best, curve[position]!.ttlNs!, options)
  best = found(ttls, results, check)
  tell(best)
  return best
}

/**
 * The ends of the grid: the policy's, cut to what the traffic's silences make different; rounded outwards.
 */
export function rangeFor(
  { gridNs, stepNs, learnsFromPackets }: Pick<TunedPolicy, 'gridNs' | 'stepNs' | 'learnsFromPackets'>,
  { gapsNs, spanNs }: Traffic,
): readonly [number, number] {
  const shortestNs = learnsFromPackets && gapsNs.count > 0 ? gapsNs.min : 0
  const longestNs = learnsFromPackets && gapsNs.count > 0 ? gapsNs.max : spanNs
  const inSteps = (ns: number) => Math.ceil(ns / stepNs) * stepNs
  const below = Math.floor(powerBelow(shortestNs) / stepNs) * stepNs
  const minNs = Math.max(gridNs[0], Math.min(gridNs[1], below))
  // What is seen in whole seconds may look one longer than it is.
  const above = inSteps(roundedUp(longestNs)) + (stepNs >= 1e9 ? stepNs : 0)
  return [minNs, Math.max(minNs, Math.min(gridNs[1], above))]
}

function powerBelow(ns: number): number {
  return ns < 1 ? 0 : 10 ** Math.floor(Math.log10(ns))
}

function roundedUp(ns: number): number {
  if (ns < 1) return 1
  const unit = powerBelow(ns)
  return (Math.floor(ns / unit) + 1) * unit
}

/** The scenario with other policies. */
function withPolicies(loaded: LoadedScenario, entries: readonly PolicyEntry[]): LoadedScenario {
  return {
    ...loaded,
    scenario: { ...loaded.scenario, policies: [...entries] },
    policies: resolvePolicies(entries),
  }
}

function proofOf(loaded: LoadedScenario, tuned: TunedPolicy, traffic: Traffic) {
  const stay = longestStay(loaded, traffic.sizeBytesMax)
  const others = tuned.movesOnlyByTtl ? [] : [`${tuned.name} moves flows for other reasons too`]
  if (!('stayNs' in stay)) {
    return { proof: null, unproven: { ...stay, notCovered: [...stay.notCovered, ...others] } }
  }
  const unproven: Unproven = { unbounded: [], notCovered: others }
  if (others.length > 0) return { proof: null, unproven }
  const proof: Proof = {
    ...stay,
    gaps: traffic.gapsNs.count,
    gapsShorter: gapsShorterThan(traffic, stay.stayNs),
  }
  return { proof, unproven }
}

/** One comparison, watched. */
async function stage(
  name: string,
  loaded: LoadedScenario,
  { jobs, signal, ...options }: SearchOptions,
  onRuns?: (soFar: readonly RunResult[]) => void,
): Promise<RunResult[]> {
  const { runs } = planOf(loaded)
  const { onProgress, onRun, end } = await options.stage(name, runs)
  try {
    return await runScenario(loaded, {
      jobs,
      signal,
      ...(onProgress && { onProgress }),
      onRun(result, soFar) {
        onRun?.(result, soFar)
        onRuns?.(soFar)
      },
    })
  } finally {
    end()
  }
}

/** Values for the second comparison: between what fails and what holds, and where the curve bends. */
function moreTtls(
  { curve, recommended, safe }: Tuning,
  { stepNs }: TunedPolicy,
  points: number,
  isRandom: boolean,
): number[] {
  const onGrid = curve.filter(({ ttlNs }) => ttlNs !== null)
  const positions = [positionOf(recommended, curve), positionOf(safe, curve)]
  return refinement(
    onGrid.map(({ ttlNs, metrics }) => ({
      ttlNs: ttlNs!,
      value: upperBound(metrics[TARGET_METRIC], isRandom),
    })),
    positions.filter((position) => position !== undefined && position > 0) as number[],
    Math.ceil(points / 3),
    stepNs,
  )
}

/** Run by run, the policies of both comparisons in the order of their TTLs; then those that have none. */
function merged(
  results: readonly RunResult[],
  refined: readonly RunResult[],
  grid: readonly number[],
  more: readonly number[],
): RunResult[] {
  return results.map((result, i) => {
    const other = refined[i]!
    const onGrid = grid.map((ttlNs, k) => ({ ttlNs, policy: result.policies[k]! }))
    const between = more.map((ttlNs, k) => ({ ttlNs, policy: other.policies[k]! }))
    const byTtl = [...onGrid, ...between].sort((a, b) => a.ttlNs - b.ttlNs).map(({ policy }) => policy)
    return {
      ...result,
      warnings: [...new Set([...result.warnings, ...other.warnings])],
      policies: [...byTtl, ...result.policies.slice(grid.length)],
    }
  })
}

/** The recommended TTL on random numbers of another seed. */
async function freshRuns({ loaded }: Found, ttlNs: number, options: SearchOptions): Promise<Check> {
  const { tuned, targetRatio } = options
  const entry = candidate(tuned, ttlText(ttlNs))
  const seed = `${loaded.scenario.seed}-check`
  const one = withPolicies(loaded, [entry])
  const results = await stage('check', { ...one, scenario: { ...one.scenario, seed } }, options)
  const { metrics } = compareRuns(results, '')[0]!
  const reorderedRatio = metrics[TARGET_METRIC]!
  return {
    policy: policyLabel(entry),
    ttlNs,
    seed,
    reorderedRatio,
    upperBound: upperBound(reorderedRatio, true),
    unsafeMoves: metrics.unsafeMoves ?? null,
    isKept: reorderedRatio.mean !== null && reorderedRatio.mean <= targetRatio,
  }
}
