/**
 * Policies as users write them: `hash`, `{ flow-pinned: { ttl: 5s } }` in a scenario, `flow-pinned:ttl=5s`
 * after -p. Both become a name and the parameters given; the label that reports show is the command line's
 * form, so that a label can be pasted behind -p again. What the parameters mean is the policy's own schema's
 * business.
 */
import { z } from 'zod'
import { didYouMean, UserError } from '../errors.ts'
import type { LaneView } from '../model/policy.ts'
import { policies } from '../policies/index.ts'
import { elsewhereKnown, findPolicy, isModulePath, moduleFile } from './known-policies.ts'
import { delegate, list, show } from './mistakes.ts'
import { flowItems, readValue, writeValue } from './values.ts'

/** A policy to simulate. */
export interface PolicySpec {
  readonly name: string
  /** As given, before the policy's own schema has parsed them; {} when none are given. */
  readonly parameters: Record<string, unknown>
  /** Name and the parameters given; unique in a scenario. */
  readonly label: string
  /** Where a user's own policy is, absolute; its name is the path as written. */
  readonly module?: string
}

/** A policy as a scenario lists it. */
export type PolicyEntry = string | Record<string, Record<string, unknown>>

/** Schema of one policy: known name, parameters that its own schema accepts; kept as written. */
export const policyEntry = z
  .union([z.string(), z.record(z.string(), z.unknown())], {
    error: ({ input }) =>
      `expected a policy's name, or a map from its name to its parameters, got ${show(input)}`,
  })
  .superRefine((entry, context) => {
    const keys = typeof entry === 'string' ? [entry] : Object.keys(entry)
    const [name] = keys
    if (name === undefined) {
      return context.addIssue({
        code: 'custom',
        message: 'names no policy - write its name (lanewise list policies)',
      })
    }
    const plugin = findPolicy(name)
    if (plugin === undefined) {
      const cure =
        elsewhereKnown(name) ??
        (didYouMean(name, policies.keys()) || ` - known are ${list([...policies.keys()], 'and')}`)
      return context.addIssue({
        code: 'custom',
        message: `unknown policy ${show(name)}${cure} (lanewise list policies)`,
      })
    }
    if (keys.length > 1) {
      return context.addIssue({
        code: 'custom',
        message: `a map with one key is one policy, got ${list(keys, 'and')} - indent parameters below "${name}:", list other policies apart`,
      })
    }
    const path = typeof entry === 'string' ? [] : [name]
    delegate(context, plugin.parameters, parametersOf(entry), path)
  })
  .transform((entry) => simplest(entry))

/** Schema of the list of policies: at least one, none twice. */
/** Each has a pipeline of its own in every run. */
const POLICIES_MAX = 1000

export const policyList = z
  .array(policyEntry, {
    error: ({ input }) =>
      `expected a list of policies, got ${show(input)}${typeof input === 'string' ? ` - write [${input}]` : ''}`,
  })
  .min(1, { error: 'the list is empty - name at least one policy (lanewise list policies)' })
  .max(POLICIES_MAX)
  .superRefine((entries, context) => {
    const seen = new Set<string>()
    const labels = new Set<string>()
    for (const [i, entry] of entries.entries()) {
      const same = canonical(entry)
      const label = policyLabel(entry)
      const complain = (message: string) => context.addIssue({ code: 'custom', message, path: [i] })
      if (seen.has(same)) complain(`${show(label)} is listed twice - remove one of the two`)
      else if (labels.has(label)) {
        complain(`${show(label)} is what another module calls its policy too - rename one of the two`)
      }
      seen.add(same)
      labels.add(label)
    }
  })

/** Lanes that share one queue take what comes as soon as they are idle, each in its turn. */
const SHARED: PolicySpec = { name: 'any-idle', parameters: { order: 'longest' }, label: 'shared' }

/** What a scenario compares: its policies; with lanes that read for themselves there is only that. */
export function policiesOf(scenario: { topology: string; policies: readonly PolicyEntry[] }): PolicySpec[] {
  return scenario.topology === 'shared' ? [SHARED] : resolvePolicies(scenario.policies)
}

/** The policies of a valid scenario, in its order. */
export function resolvePolicies(entries: readonly PolicyEntry[]): PolicySpec[] {
  return entries.map((entry) => {
    const module = moduleFile(nameOf(entry))
    return {
      name: nameOf(entry),
      parameters: { ...(parametersOf(entry) as Record<string, unknown>) },
      label: policyLabel(entry),
      ...(module === undefined ? {} : { module }),
    }
  })
}

/** The paths of users' modules among a scenario's policies, before anything is checked. */
export function modulePathsIn(entries: unknown): string[] {
  if (!Array.isArray(entries)) return []
  const names = entries.flatMap((entry) =>
    typeof entry === 'string'
      ? [entry]
      : typeof entry === 'object' && entry !== null
        ? Object.keys(entry)
        : [],
  )
  return names.filter(isModulePath)
}

/**
 * Why a built-in policy won't work with so many lanes (it may want one weight per lane), or undefined. Asks
 * by making an instance; an entry with other mistakes gets no second one here. A user's own code only runs in
 * a run, where it fails alone.
 */
export function refusal(entry: unknown, laneCount: number): string | undefined {
  const checked = policyEntry.safeParse(entry)
  if (!checked.success) return undefined
  const plugin = policies.get(nameOf(checked.data))
  if (plugin === undefined) return undefined
  try {
    plugin.create(plugin.parameters.parse(parametersOf(checked.data)), idleLanes(laneCount), () => 0.5)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function idleLanes(count: number): LaneView {
  const zero = () => 0
  const free = () => Number.POSITIVE_INFINITY
  return {
    count,
    queued: zero,
    inService: zero,
    isIdle: () => true,
    freeSlots: free,
    finished: zero,
    busyNs: zero,
    oracle: { doneNs: zero, serviceNs: zero },
  }
}

/** `flow-pinned:ttl=5s,key=address-pair`; parsePolicyArgument reads it back. */
export function policyLabel(entry: PolicyEntry): string {
  const name = nameOf(entry)
  const shown = isModulePath(name) ? (findPolicy(name)?.name ?? name) : name
  return labelled(shown, Object.entries(parametersOf(entry) as object))
}

/**
 * `name[:key=value,...]` as a scenario's entry. Values follow YAML's rules (numbers are numbers, `[3,1]` is a
 * list); only the first colon and the commas outside brackets and quotes divide, so `weights=3:1` is text.
 * Throws UserError.
 */
export function parsePolicyArgument(argument: string): PolicyEntry {
  const fail = (reason: string) => new UserError(`-p ${argument}: ${reason}`, 2)
  const colon = argument.indexOf(':')
  const name = (colon === -1 ? argument : argument.slice(0, colon)).trim()
  if (name === '') throw fail('names no policy - write it like -p hash (lanewise list policies)')
  if (colon === -1) return name
  const parameters = new Map<string, unknown>()
  for (const item of flowItems(argument.slice(colon + 1))) {
    const equals = item.indexOf('=')
    const key = item.slice(0, Math.max(0, equals)).trim()
    if (key === '') throw fail(`${show(item)} is not key=value - write it like -p ${name}:key=value`)
    if (parameters.has(key)) throw fail(`${key} is given twice - keep one`)
    const value = readValue(item.slice(equals + 1))
    if (value.problem !== undefined) throw fail(`${key}: ${value.problem}`)
    parameters.set(key, value.value)
  }
  return { [name]: Object.fromEntries(parameters) }
}

function nameOf(entry: PolicyEntry): string {
  return typeof entry === 'string' ? entry : Object.keys(entry)[0]!
}

/** The parameters given. `- hash:` without any is read as YAML's null. */
function parametersOf(entry: PolicyEntry | Record<string, unknown>): unknown {
  return typeof entry === 'string' ? {} : (Object.values(entry)[0] ?? {})
}

function simplest(entry: string | Record<string, unknown>): PolicyEntry {
  return Object.keys(parametersOf(entry) as object).length === 0
    ? nameOf(entry as PolicyEntry)
    : (entry as PolicyEntry)
}

/** `name:key=value,...` */
export function labelled(name: string, parameters: [string, unknown][]): string {
  const given = parameters.map(([key, value]) => `${key}=${writeValue(value)}`)
  return given.length === 0 ? name : `${name}:${given.join(',')}`
}

function canonical(entry: PolicyEntry): string {
  const given = Object.entries(parametersOf(entry) as object)
  return labelled(
    nameOf(entry),
    given.sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
