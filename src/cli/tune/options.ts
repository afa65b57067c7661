/**
 * The options of `lanewise tune` as values, and the policy that it is about. Mistakes are *option - what -
 * cure*.
 */
import { reasonOf, UserError } from '../../errors.ts'
import { policies } from '../../policies/index.ts'
import { findPolicy } from '../../scenario/known-policies.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { parsePolicyArgument, resolvePolicies } from '../../scenario/policy-specs.ts'
import { ttlText } from '../../tune/ttl-grid.ts'
import { type TunedPolicy, tunedPolicy } from '../../tune/tuned-policy.ts'
import { parseDurationNs } from '../../units.ts'
import type { JoinOptions, PolicyGateOptions, SimulationOptions, ViewOptions } from '../shared/options.ts'

/** As commander gives them. */
export interface TuneOptions extends SimulationOptions, PolicyGateOptions, JoinOptions, ViewOptions {
  readonly ttl?: string
  readonly points: string
  readonly targetReordered: string
  readonly check: boolean
}

const POINTS_MIN = 2
const POINTS_MAX = 200
const DEFAULT_POLICY = 'flow-pinned'

/** "16" and such. Throws UserError. */
export function pointsOf(given: string): number {
  const points = Number(given)
  if (/^\d+$/.test(given) && points >= POINTS_MIN && points <= POINTS_MAX) return points
  throw new UserError(`--points ${given}: expected a whole number from ${POINTS_MIN} to ${POINTS_MAX}`, 2)
}

/** "0.1%" or "0.001" as a share. Throws UserError. */
export function targetOf(given: string): number {
  const match = /^(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(%?)$/.exec(given.trim())
  const ratio = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1)
  if (ratio >= 0 && ratio < 1) return ratio
  throw new UserError(
    `--target-reordered ${given}: expected a share below 1 - write it like 0.001 or 0.1%`,
    2,
  )
}

/** The policy to tune: that behind -p, else the scenario's first `flow-pinned`, else its first with a TTL. */
export function policyToTune(given: readonly string[], loaded: LoadedScenario): TunedPolicy {
  if (loaded.scenario.topology === 'shared') {
    throw new UserError(
      `${loaded.where(['topology'])}: shared has no policy, and so no TTL - use topology dispatcher`,
      2,
    )
  }
  if (given.length > 1) {
    throw new UserError(`-p ${given[1]}: tune looks at one policy - leave out all but one`, 2)
  }
  if (given.length === 1) return givenPolicy(given[0]!)
  const known = loaded.policies.filter(({ name }) => findPolicy(name)?.timeToLive !== undefined)
  const found = known.find(({ name }) => name === DEFAULT_POLICY) ?? known[0]
  return tunedPolicy(found?.name ?? DEFAULT_POLICY, found?.parameters)!
}

function givenPolicy(argument: string): TunedPolicy {
  const [{ name, parameters, module }] = resolvePolicies([parsePolicyArgument(argument)]) as [
    ReturnType<typeof resolvePolicies>[number],
  ]
  const fail = (reason: string) => new UserError(`-p ${argument}: ${reason}`, 2)
  const tuned = tunedPolicy(name, parameters)
  if (tuned === undefined) {
    const known = [...policies.values()].filter(({ timeToLive }) => timeToLive !== undefined)
    const others = `use one of ${known.map((policy) => policy.name).join(', ')}`
    if (module === undefined) throw fail(`has no TTL to tune - ${others}`)
    const cure = "add timeToLive: { parameter: 'ttl', never: 'never' } (docs/plugins.md)"
    throw fail(`its policy doesn't say which parameter is its TTL - ${cure}, or ${others}`)
  }
  if (Object.hasOwn(parameters, tuned.parameter)) {
    throw fail(
      `${tuned.parameter} is what tune looks for - leave it out, and say where to look with --ttl min:max`,
    )
  }
  return tuned
}

/** "100us:10ms" as ns, both ends values that the policy takes. Throws UserError. */
export function rangeOf(given: string | undefined, tuned: TunedPolicy): [number, number] | undefined {
  if (given === undefined) return undefined
  const fail = (reason: string) => new UserError(`--ttl ${given}: ${reason}`, 2)
  const ends = given.split(':')
  if (ends.length !== 2) throw fail('expected min:max - write it like 100us:10s')
  const [minNs, maxNs] = ends.map((text) => {
    try {
      return parseDurationNs(text)
    } catch (error) {
      throw fail(reasonOf(error))
    }
  }) as [number, number]
  if (minNs === 0) throw fail('0s has no place on a logarithmic grid - begin above it, such as at 10us')
  if (minNs > maxNs) throw fail('min is above max - swap them')
  for (const ns of [minNs, maxNs]) {
    const given = { ...tuned.parameters, [tuned.parameter]: ttlText(ns) }
    const checked = findPolicy(tuned.written)!.parameters.safeParse(given)
    if (!checked.success) throw fail(`${ttlText(ns)} ${checked.error.issues[0]!.message}`)
  }
  return [minNs, maxNs]
}
