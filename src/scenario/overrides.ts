/**
 * What the command line changes in a scenario before it is checked: a calibration that is a part of a
 * scenario, then --set path=value, and -p, -r, --seed, -d, -w, which are short for one key each. The plain
 * tree is edited, so that any value may be set, right or wrong, and every mistake that comes of it can name
 * the flag. A path may lead through defaults that the file leaves out.
 */
import { UserError } from '../errors.ts'
import { findPolicy } from './known-policies.ts'
import type { Path } from './mistakes.ts'
import { parsePolicyArgument } from './policy-specs.ts'
import { readValue } from './values.ts'

export interface Overrides {
  /** Applied before all others: what a calibration says of the machine. */
  readonly calibrated?: readonly Setting[] | undefined
  /** `path=value`, as in `lanes.service.jitter=none` or `lanes.speed[0]=2`. */
  readonly set?: readonly string[] | undefined
  /** `name[:key=value,...]`; replaces the scenario's list. */
  readonly policies?: readonly string[] | undefined
  readonly runs?: number | string | undefined
  readonly seed?: number | string | undefined
  readonly duration?: string | undefined
  readonly warmup?: string | undefined
  /** Applied after all others: those of a point of a scan. */
  readonly settings?: readonly Setting[] | undefined
}

/** A value for one key, with the words to blame it by. */
export interface Setting extends Change {
  readonly value: unknown
}

/** One change, with the words to blame it by. */
export interface Change {
  readonly flag: string
  readonly path: Path
}

type Tree = Record<string | number, unknown>

/** Maps of which one key says which of several things is meant: a new key there replaces the old one. */
export const CHOICES: readonly RegExp[] = [
  /^lanes\.service\.jitter$/,
  /^lanes\.wakeUp$/,
  /^lanes\.stalls\.length$/,
  /^receiver\.service\.jitter$/,
  /^receiver\.wakeUp$/,
  /^receiver\.stalls\.length$/,
  /^link\.jitter$/,
  /^release$/,
  /^source\.synthetic\.arrivals$/,
  /^source\.synthetic\.sizes$/,
  /^source\.synthetic\.flows\.lifetime$/,
  /^source\.synthetic\.flows\.popularity$/,
  /^policies\.\d+$/,
]

/**
 * Edits `tree` in place and says what was changed, in order: -p first, so that paths lead into its list.
 * `defaults` is an expanded scenario: where the path goes on below something that the tree lacks, its default
 * is taken first. Mistakes of form are collected in `lines`.
 */
export function applyOverrides(tree: Tree, overrides: Overrides, defaults: Tree, lines: string[]): Change[] {
  const changes = namePolicies(tree, overrides.policies ?? [], lines)
  const settings = settingsOf(overrides, lines)
  for (const [i, { flag, path, value }] of settings.entries()) {
    const whole = throughPolicyName(tree, defaults, path)
    setAt(tree, defaults, whole, value, () => laneCount(tree, defaults, settings.slice(i + 1)))
    changes.push({ flag, path: whole })
  }
  return changes
}

/** The list of -p in place of the tree's. */
function namePolicies(tree: Tree, policies: readonly string[], lines: string[]): Change[] {
  const changes: Change[] = []
  const entries = []
  for (const argument of policies) {
    try {
      entries.push(parsePolicyArgument(argument))
      changes.push({ flag: `-p ${argument}`, path: ['policies', entries.length - 1] })
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      lines.push(...error.lines)
    }
  }
  if (entries.length > 0) tree.policies = entries
  return changes
}

/** What the flags set, key by key, in the order in which it is done. */
function settingsOf(overrides: Overrides, lines: string[]): Setting[] {
  const settings: Setting[] = clones(overrides.calibrated)
  for (const text of overrides.set ?? []) {
    const flag = `--set ${text}`
    const equals = text.indexOf('=')
    const path = parsePath(text.slice(0, Math.max(0, equals)))
    const value = readValue(text.slice(equals + 1))
    if (path === undefined) lines.push(`${flag}: no path=value - write it like --set lanes.count=8`)
    else if (value.problem !== undefined) lines.push(`${flag}: ${value.problem}`)
    else if (path.join() === 'policies' && (overrides.policies ?? []).length > 0) {
      lines.push(`${flag}: -p names all policies too - leave out one of the two`)
    } else settings.push({ flag, path, value: value.value })
  }
  const simple = [
    ['-r', 'runs', scalar],
    ['--seed', 'seed', seedValue],
    ['-d', 'duration', String],
    ['-w', 'warmup', String],
  ] as const
  for (const [flag, key, read] of simple) {
    const given = overrides[key]
    if (given !== undefined) settings.push({ flag: `${flag} ${given}`, path: [key], value: read(given) })
  }
  return [...settings, ...clones(overrides.settings)]
}

/** Values of their own, since a later change may be made inside of them. */
function clones(settings: readonly Setting[] = []): Setting[] {
  return settings.map((one) => ({ ...one, value: structuredClone(one.value) }))
}

/** policies.0.ttl is short for policies.0.flow-pinned.ttl, where the first policy is that. */
function throughPolicyName(tree: Tree, defaults: Tree, path: Path): Path {
  const [key, index, step, ...rest] = path
  if (key !== 'policies' || typeof index !== 'number' || step === undefined) return path
  if (findPolicy(String(step)) !== undefined) return path
  const entry = child(child(tree, key) ?? child(defaults, key), index)
  const name = typeof entry === 'string' ? entry : Object.keys((entry as object | null | undefined) ?? {})[0]
  return name === undefined || name === step ? path : [key, index, name, step, ...rest]
}

/** "lanes.speed[0]" and "lanes.speed.0" alike to ["lanes", "speed", 0]; undefined for what is no path. */
export function parsePath(text: string): Path | undefined {
  const steps = text
    .trim()
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
  if (steps.some((step) => !/^[\w-]+$/.test(step) || /^\d{5,}$|^__proto__$/.test(step))) return undefined
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}

function setAt(tree: Tree, defaults: Tree, path: Path, value: unknown, lanes: () => number): void {
  let node = tree
  let fallback: unknown = defaults
  for (const [i, step] of path.entries()) {
    if (i === path.length - 1) {
      define(node, step, value)
      return
    }
    fallback = child(fallback, step)
    const here = path.slice(0, i + 1).join('.')
    const next = container(child(node, step) ?? fallback, path[i + 1]!, here, lanes)
    define(node, step, next)
    node = next
  }
}

/** Something that `key` can be set in: the value itself where it fits, else what the user will have meant. */
function container(value: unknown, key: string | number, path: string, lanes: () => number): Tree {
  const choice = CHOICES.some((pattern) => pattern.test(path))
  if (choice && typeof value === 'string' && path.startsWith('policies')) {
    return value === key ? { [value]: {} } : {}
  }
  if (Array.isArray(value) && typeof key === 'number') return structuredClone(value) as unknown as Tree
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return choice && !Object.hasOwn(value, key) ? {} : (structuredClone(value) as Tree)
  }
  if (typeof key !== 'number') return {}
  // A single value for all lanes becomes a list, so that one lane can differ.
  return new Array(lanes()).fill(value) as unknown as Tree
}

/** Lanes that there will be, once `settings` are made as well. */
function laneCount(tree: Tree, defaults: Tree, settings: readonly Setting[]): number {
  const set = settings.findLast(({ path }) => path.join('.') === 'lanes.count')
  for (const count of [
    set?.value,
    ...[tree, defaults].map((source) => child(child(source, 'lanes'), 'count')),
  ]) {
    if (Number.isInteger(count) && (count as number) >= 1 && (count as number) <= 1024) return count as number
  }
  return 1
}

function child(node: unknown, step: string | number): unknown {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, step)) return undefined
  return (node as Tree)[step]
}

function define(node: Tree, step: string | number, value: unknown): void {
  Object.defineProperty(node, step, { value, writable: true, enumerable: true, configurable: true })
}

function scalar(given: number | string): unknown {
  if (typeof given === 'number') return given
  const read = readValue(given)
  return read.problem === undefined ? read.value : given
}

/** A seed of digits is a number, any other text is itself. */
function seedValue(given: number | string): number | string {
  return /^-?\d{1,15}$/.test(String(given)) ? Number(given) : given
}
