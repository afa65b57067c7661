/**
 * The policies that a scenario may name: those built in, and users' own from modules that somebody has loaded
 * (node/policy-modules.ts), which are known by their path as written. One call finds either.
 */
import { z } from 'zod'
import type { UserError } from '../errors.ts'
import type { PolicyDefinition, PolicyPlugin } from '../model/policy.ts'
import { policies } from '../policies/index.ts'
import { timeToLiveMistake } from './time-to-live.ts'

export interface LoadedModule {
  readonly plugin: PolicyPlugin
  /** Absolute. */
  readonly file: string
}

/** Loaded modules by path as written: a process reads one scenario. */
const modules = new Map<string, LoadedModule>()

/** Names that other systems have for a rule, without what stands before them there. */
const ELSEWHERE: readonly (readonly [names: string, policy: string, reason: string])[] = [
  [
    'rfs arfs accelerated-rfs receive-flow-steering flowcut',
    'drained',
    'as RFS does, it moves a flow only when nothing of it is queued any more',
  ],
  [
    'rps receive-packet-steering',
    'cpu',
    'RPS spreads flows over CPUs by hash; with RFS on top of it the rule is "drained"',
  ],
  ['automq', 'linux-tun', "the queue choice of Linux's multi-queue tun"],
  ['toeplitz', 'rss', "the hash of receive-side scaling, with the card's table"],
  ['ecmp layer3+4 fanout-hash', 'hash', 'a static hash of the flow'],
  ['fanout-qm', 'rss', 'the queue that the card chose'],
  ['fanout-lb', 'round-robin', 'every packet to the next lane'],
  ['fanout-rnd', 'random', 'every packet to a lane drawn at random'],
  ['fanout-cpu', 'cpu', 'the CPU that the packet arrived on'],
  ['fanout-rollover', 'rollover', 'one socket until it is short of room'],
  [
    'min-rtt minrtt lowrtt mptcp minsrtt low-latency',
    'lowest-rtt',
    'the lane with the smallest smoothed latency that has room',
  ],
  ['jsq join-shortest-queue least-conn leastconn', 'least-loaded', 'the lane with the fewest packets'],
  ['p2c power-of-two-choices', 'two-choices', 'the shorter of lanes drawn at random'],
  ['letflow', 'flowlet', "LetFlow's rule"],
  ['hrw', 'rendezvous', 'highest random weight'],
]

/** What a policy is called here that other systems call `name`, as the cure of a message; else undefined. */
export function elsewhereKnown(name: string): string | undefined {
  const wanted = name
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^(af-)?packet-fanout/, 'fanout')
  const found = ELSEWHERE.find(([names]) => names.split(' ').includes(wanted))
  return found && ` - did you mean "${found[1]}"? (${found[2]})`
}

/** Is this a path of a module and not a policy's name? */
export function isModulePath(name: string): boolean {
  return /[\\/]|\.[cm]?[jt]s$/.test(name)
}

/** The policy with this name, or of the module at this path if it was loaded. */
export function findPolicy(name: string): PolicyPlugin | undefined {
  return policies.get(name) ?? modules.get(name)?.plugin
}

/** The absolute path of a loaded module; undefined for built-in policies. */
export function moduleFile(name: string): string | undefined {
  return modules.get(name)?.file
}

/** All modules that were loaded. */
export function loadedModules(): Iterable<LoadedModule> {
  return modules.values()
}

/** Makes the policy that a module exports known under `name`. Throws what `fail` makes of a reason. */
export function addModule(
  name: string,
  file: string,
  policy: unknown,
  fail: (reason: string) => UserError,
): void {
  modules.set(name, { file, plugin: pluginOf(policy, fail) })
}

/** Makes the policy of a loaded module known under another name too. */
export function addAlias(name: string, of: string): void {
  modules.set(name, modules.get(of)!)
}

function pluginOf(policy: unknown, fail: (reason: string) => UserError): PolicyPlugin {
  if (typeof policy !== 'object' || policy === null) {
    throw fail('exports no policy - write: export const policy = { name, description, parameters, create }')
  }
  const { name, parameters, create } = policy as Partial<PolicyPlugin>
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw fail('its policy has no proper name - give it one of letters, digits and hyphens')
  }
  if (policies.has(name)) {
    throw fail(`its policy is called ${name} like a built-in one - give it another name`)
  }
  if (typeof create !== 'function') throw fail('its policy has no create function - see docs/plugins.md')
  if (parameters !== undefined && typeof parameters.safeParse !== 'function') {
    throw fail("its policy's parameters are no zod schema - write z.strictObject({ ... }) or leave them out")
  }
  const plugin = completePlugin(policy as PolicyDefinition)
  if (plugin.timeToLive === undefined) return plugin
  const mistake = timeToLiveMistake(plugin.timeToLive, plugin.parameters)
  if (mistake !== undefined) throw fail(`its policy's timeToLive ${mistake}`)
  return plugin
}

/** A definition with what it may leave out filled in. */
export function completePlugin(definition: PolicyDefinition): PolicyPlugin {
  const {
    name,
    description = '',
    parameters = z.strictObject({}),
    usesRandom = true,
    timeToLive,
    needsAddresses,
  } = definition
  const create = definition.create.bind(definition)
  const ttl = timeToLive === undefined ? {} : { timeToLive }
  const needs = needsAddresses === undefined ? {} : { needsAddresses }
  return { name, description, parameters, usesRandom, ...ttl, ...needs, create }
}
