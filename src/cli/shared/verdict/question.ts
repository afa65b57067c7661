/**
 * What a command asks - the input and the options that shape traffic, machine and policies - so that the
 * command that a verdict names next asks about the same.
 */
import path from 'node:path'
import { findPolicy } from '../../../scenario/known-policies.ts'
import {
  labelled,
  type PolicySpec,
  parsePolicyArgument,
  policyLabel,
} from '../../../scenario/policy-specs.ts'
import type { SimulationOptions } from '../options.ts'

/** What shapes a replay and is no option of other verbs, as commander gives it. */
export interface ReplayQuestion {
  readonly multiplier?: string
  readonly pps?: string
  readonly mbps?: string
  readonly topspeed?: true
  readonly loop?: string
  readonly limit?: string
  readonly work?: string
  readonly loopback?: true
  readonly host?: true
  readonly predict?: boolean
  readonly predictRuns?: string
}

export interface Question {
  /** The scenario or captures as the user named them, with what makes several of them one. */
  readonly input: readonly string[]
  readonly options: Pick<
    SimulationOptions,
    'policy' | 'set' | 'seed' | 'duration' | 'warmup' | 'calibration' | 'as' | 'runs' | 'allowModules'
  > &
    ReplayQuestion
  /** Users' own policies by their names in reports. Plain data, since threads haven't their modules. */
  readonly modules?: Readonly<Record<string, OwnPolicy>>
}

interface OwnPolicy {
  /** What stands behind -p. */
  readonly path: string
  /** The parameter that is its TTL; null where it has none. */
  readonly ttl: string | null
}

/** @param policies of the scenario, whose modules are loaded */
export function questionOf(
  input: Question['input'],
  options: Question['options'],
  policies: readonly PolicySpec[],
): Question {
  const modules = policies.flatMap(({ name, label, module }) => {
    if (module === undefined) return []
    const written = options.policy === undefined ? fromHere(module) : name
    const own: OwnPolicy = { path: written, ttl: findPolicy(name)?.timeToLive?.parameter ?? null }
    return [[nameOf(label), own] as const]
  })
  return { input, options, modules: Object.fromEntries(modules) }
}

/** In a scenario a module's path starts at the scenario's folder, behind -p at the current one. */
function fromHere(file: string): string {
  const relative = path.relative('.', file)
  return relative.startsWith('.') || path.isAbsolute(relative) ? relative : `./${relative}`
}

export interface Change {
  /** Labels for -p; as given without. */
  readonly policies?: readonly string[]
  /** `path=value` each, in place of earlier ones of their paths. */
  readonly sets?: readonly string[]
  readonly more?: readonly string[]
}

/** The command line, word by word. `--runs` is kept unless `more` has other ones. */
export function nextCommand(
  verb: 'compare' | 'tune' | 'replay',
  question: Question,
  { policies, sets = [], more = [] }: Change = {},
): string[] {
  const { input, options } = question
  const { set = [], seed, duration, warmup, calibration, as, runs, allowModules } = options
  const isReplay = verb === 'replay'
  const waits = isReplay && warmup !== undefined ? [`warmup=${warmup}`] : []
  const changed = new Set(sets.map(pathOf))
  const kept = set.filter((text) => !changed.has(pathOf(text)))
  const each = (flag: string, words: readonly string[]) => words.flatMap((word) => [flag, word])
  const one = (flag: string, word: string | undefined) => (word === undefined ? [] : [flag, word])
  return [
    ...['lanewise', verb, ...input],
    ...each('-p', policies?.map((label) => wordOf(label, question)) ?? options.policy ?? []),
    ...each('--set', [...kept, ...waits, ...sets]),
    ...one('-d', duration),
    ...(isReplay ? [] : one('-w', warmup)),
    ...one('--seed', seed),
    ...(isReplay ? [] : one('--calibration', calibration)),
    ...one('--as', as),
    ...(isReplay || more.includes('-r') ? [] : one('-r', runs)),
    ...(isReplay ? replayWords(options) : []),
    ...(allowModules ? ['--allow-modules'] : []),
    ...more,
  ]
}

function replayWords({ topspeed, work, loopback, host, predict, ...given }: ReplayQuestion): string[] {
  const one = (flag: string, word: string | undefined) => (word === undefined ? [] : [flag, word])
  return [
    ...one('-x', given.multiplier),
    ...one('--pps', given.pps),
    ...one('--mbps', given.mbps),
    ...(topspeed ? ['--topspeed'] : []),
    ...one('--loop', given.loop),
    ...one('--limit', given.limit),
    ...(work === 'model' ? [] : one('--work', work)),
    ...(loopback ? ['--loopback'] : []),
    ...(host ? ['--host'] : []),
    ...(predict === false ? ['--no-predict'] : one('--predict-runs', given.predictRuns)),
  ]
}

/** What stands behind -p: a module's policy has its own name in reports, and the module's path there. */
function wordOf(label: string, { options: { policy = [] }, modules = {} }: Question): string {
  const name = nameOf(label)
  const own = modules[name]
  if (own !== undefined) return `${own.path}${label.slice(name.length)}`
  return policy.find((word) => policyLabel(parsePolicyArgument(word)) === label) ?? label
}

/** The policy as `tune` takes it, which looks for the TTL itself; undefined where it has none. */
export function tunableOf(label: string, question: Question): string | undefined {
  const entry = parsePolicyArgument(wordOf(label, question))
  const [name, parameters] = typeof entry === 'string' ? [entry, {}] : Object.entries(entry)[0]!
  const own = question.modules?.[nameOf(label)]
  const ttl = own === undefined ? findPolicy(name)?.timeToLive?.parameter : own.ttl
  if (ttl === undefined || ttl === null) return undefined
  const { [ttl]: _, ...others } = parameters as Record<string, unknown>
  return labelled(name, Object.entries(others))
}

/** Of a label: the policy's. */
function nameOf(label: string): string {
  return label.split(':')[0]!
}

/** Of `path=value`. */
function pathOf(text: string): string {
  return text.slice(0, text.indexOf('=')).trim()
}
