/**
 * What a command asks - the input and the options that shape traffic, machine and policies - so that the
 * command that a verdict names next asks about the same.
 */
import { findPolicy } from '../../../scenario/known-policies.ts'
import { labelled, parsePolicyArgument, policyLabel } from '../../../scenario/policy-specs.ts'
import type { SimulationOptions } from '../options.ts'

export interface Question {
  /** The scenario or captures as the user named them, with what makes several of them one. */
  readonly input: readonly string[]
  readonly options: Pick<
    SimulationOptions,
    'policy' | 'set' | 'seed' | 'duration' | 'warmup' | 'calibration' | 'runs'
  >
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
  { input, options }: Question,
  { policies, sets = [], more = [] }: Change = {},
): string[] {
  const given = options.policy ?? []
  const { set = [], seed, duration, warmup, calibration, runs } = options
  const isReplay = verb === 'replay'
  const waits = isReplay && warmup !== undefined ? [`warmup=${warmup}`] : []
  const changed = new Set(sets.map(pathOf))
  const kept = set.filter((text) => !changed.has(pathOf(text)))
  const each = (flag: string, words: readonly string[]) => words.flatMap((word) => [flag, word])
  const one = (flag: string, word: string | undefined) => (word === undefined ? [] : [flag, word])
  return [
    ...['lanewise', verb, ...input],
    ...each('-p', policies?.map((label) => wordOf(label, given)) ?? given),
    ...each('--set', [...kept, ...waits, ...sets]),
    ...one('-d', duration),
    ...(isReplay ? [] : one('-w', warmup)),
    ...one('--seed', seed),
    ...(isReplay ? [] : one('--calibration', calibration)),
    ...(isReplay || more.includes('-r') ? [] : one('-r', runs)),
    ...more,
  ]
}

/** As it was given: a module's policy has its own name in reports, and the module's path behind -p. */
function wordOf(label: string, given: readonly string[]): string {
  return given.find((word) => policyLabel(parsePolicyArgument(word)) === label) ?? label
}

/** The policy as `tune` takes it, which looks for the TTL itself; undefined where it has none. */
export function tunableOf(label: string, { options: { policy = [] } }: Question): string | undefined {
  const entry = parsePolicyArgument(wordOf(label, policy))
  const [name, parameters] = typeof entry === 'string' ? [entry, {}] : Object.entries(entry)[0]!
  const { timeToLive } = findPolicy(name) ?? {}
  if (timeToLive === undefined) return undefined
  const { [timeToLive.parameter]: _, ...others } = parameters as Record<string, unknown>
  return labelled(name, Object.entries(others))
}

/** Of `path=value`. */
function pathOf(text: string): string {
  return text.slice(0, text.indexOf('=')).trim()
}
