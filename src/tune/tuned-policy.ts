/**
 * The policy that is tuned: what it says of its TTL (model/time-to-live.ts) with everything that it leaves
 * out filled in, for the other parameters given. A candidate is the policy with one value of its TTL,
 * everything else as given.
 */
import type { z } from 'zod'
import { reasonOf, shown, UserError } from '../errors.ts'
import { gridOf, TABLE_KEYS, type TableKey, type TimeToLive } from '../model/time-to-live.ts'
import { findPolicy } from '../scenario/known-policies.ts'
import type { PolicyEntry } from '../scenario/policy-specs.ts'

export interface TunedPolicy {
  /** As a scenario names it: a built-in policy's name, or the path of a user's module. */
  readonly written: string
  /** The policy's own name. */
  readonly name: string
  /** What the policy calls its TTL. */
  readonly parameter: string
  /** As given; may hold a TTL, which every candidate replaces. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** TTLs are multiples of this. */
  readonly stepNs: number
  /** Where the grid begins and ends unless the user or the traffic says otherwise. */
  readonly gridNs: readonly [min: number, max: number]
  /** The value with which nothing of a run expires. */
  readonly never: string
  readonly learnsFromPackets: boolean
  readonly movesOnlyByTtl: boolean
  readonly key: TableKey
}

/**
 * The policy with these parameters; undefined for one that has no TTL. Throws UserError where what it says of
 * its TTL fails.
 */
export function tunedPolicy(
  written: string,
  parameters: Readonly<Record<string, unknown>> = {},
): TunedPolicy | undefined {
  const plugin = findPolicy(written)
  if (plugin?.timeToLive === undefined) return undefined
  const { name, timeToLive } = plugin
  const { parameter, never, learnsFromPackets = true } = timeToLive
  const parsed = plugin.parameters.safeParse({ ...parameters, [parameter]: never })
  if (!parsed.success) throw refused(name, parameter, never, parsed.error)
  const movesOnlyByTtl = asked(name, timeToLive, 'movesOnlyByTtl', parsed.data, [true, false]) ?? false
  const key = asked(name, timeToLive, 'key', parsed.data, TABLE_KEYS) ?? '5-tuple'
  const { stepNs, gridNs } = gridOf(timeToLive)
  return {
    written,
    name,
    parameter,
    parameters,
    stepNs,
    gridNs,
    never,
    learnsFromPackets,
    movesOnlyByTtl,
    key,
  }
}

/** The answer of one of the functions, which may be a user's; undefined without it. Throws UserError. */
function asked<T>(
  policy: string,
  timeToLive: TimeToLive,
  member: 'movesOnlyByTtl' | 'key',
  parameters: unknown,
  answers: readonly T[],
): T | undefined {
  if (timeToLive[member] === undefined) return undefined
  const fail = (what: string) =>
    new UserError(
      `policy ${policy}: timeToLive.${member} ${what} - let it give one of ${answers.join(', ')}`,
      2,
    )
  let given: unknown
  try {
    given = timeToLive[member](parameters)
  } catch (error) {
    throw fail(`threw ${reasonOf(error)}`)
  }
  if ((answers as readonly unknown[]).includes(given)) return given as T
  throw fail(`gave ${shown(given)}`)
}

/** The policy with this value of its TTL. Throws UserError where its own schema doesn't take it. */
export function candidate(tuned: TunedPolicy, value: string): PolicyEntry {
  const { written, name, parameter, parameters } = tuned
  const given = { ...parameters, [parameter]: value }
  const checked = findPolicy(written)!.parameters.safeParse(given)
  if (!checked.success) throw refused(name, parameter, value, checked.error)
  return { [written]: given }
}

function refused(policy: string, parameter: string, value: string, error: z.ZodError): UserError {
  return new UserError(
    `policy ${policy}: its ${parameter} doesn't take ${value} (${error.issues[0]!.message}) - say in timeToLive which values it takes (stepNs, gridNs), or where to look (--ttl)`,
    2,
  )
}

/** The yardstick that needs no TTL, with the same key as far as it has it. */
export function yardstick({ key }: TunedPolicy): PolicyEntry {
  return key === 'address-pair' ? { drained: { key } } : 'drained'
}

/** The parameters without the TTL. */
export function otherParameters({ parameter, parameters }: TunedPolicy): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== parameter))
}
