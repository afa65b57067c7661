/**
 * Words for what is wrong with a scenario. zod finds the mistakes; here its issues become short human
 * reasons, one per mistake, each with the path that it is about. `explain` is the error map to parse with,
 * `mistakesOf` flattens what comes back: one mistake per unknown key, and of a union only the branch that was
 * meant.
 */
import { z } from 'zod'
import { didYouMean } from '../errors.ts'
import { boundText } from '../units.ts'
import { writeValue } from './values.ts'

/** Mistakes that are told at once: to find words and place of each takes time, and nobody reads more. */
export const MISTAKES_MAX = 50

export type Path = readonly (string | number)[]

/** One mistake: where in the tree, and why. `atKey`: it is the key itself that is wrong, not its value. */
export interface Mistake {
  readonly path: Path
  readonly reason: string
  readonly atKey: boolean
}

/** Options for `safeParse` whose errors `mistakesOf` understands. */
export const explaining = { error: explain, reportInput: true }

/** lanes.speed[2] */
export function pathText(path: Path): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('')
}

/** A value as a message shows it: short, on one line, never expanding a structure. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value !== 'object') return String(value)
  const keys = Object.keys(value)
  if (keys.length === 0) return 'an empty map'
  return keys.length > 4 ? 'a map' : `a map with ${list(keys, 'and')}`
}

/** zod's issues as mistakes, in zod's order. */
export function mistakesOf(error: z.core.$ZodError): Mistake[] {
  return error.issues.flatMap((issue) => flatten(issue, []))
}

/**
 * Checks `value` by another schema from inside a refinement and passes the mistakes on, below `path`. Used
 * where a name in the scenario decides which schema applies: a policy's parameters, a distribution's.
 */
export function delegate(
  context: z.core.$RefinementCtx,
  schema: z.core.$ZodType,
  value: unknown,
  path: Path,
): void {
  const result = z.safeParse(schema, value, explaining)
  if (result.success) return
  for (const mistake of mistakesOf(result.error)) {
    context.addIssue({
      code: 'custom',
      message: mistake.reason,
      path: [...path, ...mistake.path],
      params: { atKey: mistake.atKey },
    })
  }
}

function flatten(issue: z.core.$ZodIssue, parents: Path): Mistake[] {
  const path = [...parents, ...(issue.path as (string | number)[])]
  if (issue.code === 'unrecognized_keys') {
    const reasons = issue.message.split('\n')
    return issue.keys.map((key, i) => ({ path: [...path, key], reason: reasons[i]!, atKey: true }))
  }
  if (issue.code === 'invalid_union') {
    const meant = meantBranch(issue.errors)
    if (meant !== undefined) return meant.flatMap((nested) => flatten(nested, path))
    const ownWords = issue.errors.flat().find((nested) => nested.path.length === 0 && hasOwnWords(nested))
    if (ownWords !== undefined) return flatten(ownWords, path)
  }
  const atKey = issue.code === 'custom' && issue.params?.atKey === true
  return [{ path, reason: issue.message, atKey }]
}

/** The branch whose shape fits best: fewest keys missing or too many. Undefined when none stands out. */
function meantBranch(branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const fitting = branches
    .filter((issues) => !issues.some((issue) => issue.path.length === 0 && isTypeMismatch(issue)))
    .map((issues) => ({ issues, misfits: issues.reduce((sum, issue) => sum + misfits(issue), 0) }))
    .sort((a, b) => a.misfits - b.misfits)
  const [best, next] = fitting
  return best !== undefined && best.misfits !== next?.misfits ? best.issues : undefined
}

function isTypeMismatch(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union'
}

/** A schema may have better words for a value than explain: "8 has no unit - write it like ...". */
function hasOwnWords({ code, message }: z.core.$ZodIssue): boolean {
  return code !== 'unrecognized_keys' && !message.startsWith('expected ') && !message.startsWith('missing ')
}

function misfits(issue: z.core.$ZodIssue): number {
  if (issue.code === 'unrecognized_keys') return issue.path.length === 0 ? issue.keys.length : 0
  return issue.path.length === 1 && isTypeMismatch(issue) && issue.input === undefined ? 1 : 0
}

/** The error map: a reason in plain words for any of zod's issues. Several unknown keys: one line each. */
function explain(issue: z.core.$ZodRawIssue): string {
  const schema = (issue.inst instanceof z.core.$ZodType ? issue.inst : issue.schema) as
    | z.core.$ZodType
    | undefined
  if (issue.code === 'unrecognized_keys') {
    const known = schema === undefined ? [] : keysOf(schema)
    const keys = issue.keys as string[]
    return keys.map((key, i) => (i < MISTAKES_MAX ? unknownKey(key, known) : 'unknown key')).join('\n')
  }
  if (issue.code === 'custom' || schema === undefined) return String(issue.message ?? 'not allowed here')
  const expected = describe(schema)
  if (issue.input === undefined) return `missing - expected ${expected}`
  return `expected ${expected}, got ${show(issue.input)}${hint(schema, issue.input) || keyHint(schema, issue)}`
}

/** A bare value in place of a map: the first key that takes it, as --set wants it. */
function keyHint(schema: z.core.$ZodType, { input, path }: z.core.$ZodRawIssue): string {
  const def = (schema as z.core.$ZodTypes)._zod.def
  if (def.type !== 'object' || (typeof input !== 'number' && typeof input !== 'string')) return ''
  const key = Object.keys(def.shape).find((name) => z.safeParse(def.shape[name]!, input).success)
  if (key === undefined) return ` - its keys: ${Object.keys(def.shape).join(', ')}`
  return ` - name the key: ${pathText([...((path ?? []) as (string | number)[]), key])}=${input}`
}

function unknownKey(key: string, known: readonly string[]): string {
  const hint = didYouMean(key, known)
  if (hint !== '') return `unknown key${hint}`
  return known.length === 0
    ? 'unknown key - none is allowed here'
    : `unknown key - known here: ${known.join(', ')}`
}

/** What a schema wants, for "expected ...": `a whole number of at least 1 or "unlimited"`. */
function describe(schema: z.core.$ZodType): string {
  const meta = z.globalRegistry.get(schema as z.ZodType)
  const example = (meta?.examples as readonly unknown[] | undefined)?.[0]
  if (meta?.title !== undefined && example !== undefined) return `a ${meta.title} like ${show(example)}`
  const def = (schema as z.core.$ZodTypes)._zod.def
  if (example !== undefined && def.type === 'object') return writeValue(example)
  switch (def.type) {
    case 'number':
      return describeNumber(schema)
    case 'string': {
      const patterns = (def.checks ?? []).map((check) => (check._zod.def as { pattern?: RegExp }).pattern)
      const pattern = patterns.find((candidate) => candidate !== undefined)
      return pattern === undefined ? 'text' : `text of the form ${pattern.source}`
    }
    case 'boolean':
      return 'true or false'
    case 'literal':
      return list(def.values.map(show))
    case 'enum':
      return list(Object.values(def.entries).map(show))
    case 'array':
      return 'a list'
    case 'record':
      return 'a map'
    case 'object': {
      const required = Object.keys(def.shape).filter((key) => def.shape[key]?._zod.optin === undefined)
      return required.length === 0 ? 'a map' : `a map with ${list(required, 'and')}`
    }
    case 'union':
      return list([...new Set(def.options.map(describe))])
    case 'pipe':
      return describe(def.in)
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return describe(def.innerType)
    default:
      return 'another kind of value'
  }
}

function describeNumber(schema: z.core.$ZodType): string {
  const own = (schema as z.core.$ZodNumber)._zod.def
  const defs = [own, ...(own.checks ?? []).map((check) => check._zod.def)] as {
    check?: string
    format?: string
    value?: number
    inclusive?: boolean
  }[]
  const kind = defs.some(({ format }) => format === 'safeint') ? 'a whole number' : 'a number'
  const low = defs.findLast(({ check }) => check === 'greater_than')
  const high = defs.findLast(({ check }) => check === 'less_than')
  if (low?.inclusive && high?.inclusive) {
    return `${kind} from ${boundText(low.value!)} to ${boundText(high.value!)}`
  }
  const bounds: string[] = []
  if (low !== undefined) bounds.push(`${low.inclusive ? 'of at least' : 'above'} ${boundText(low.value!)}`)
  if (high !== undefined) bounds.push(`${high.inclusive ? 'of at most' : 'below'} ${boundText(high.value!)}`)
  return bounds.length === 0 ? kind : `${kind} ${bounds.join(' and ')}`
}

/**
 * A "did you mean" for a misspelt word, or for a misspelt key that would have told the union's branches
 * apart.
 */
function hint(schema: z.core.$ZodType, input: unknown): string {
  if (typeof input === 'string') return didYouMean(input, wordsOf(schema))
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return ''
  const known = keysOf(schema)
  for (const key of Object.keys(input)) {
    const match = known.includes(key) ? '' : didYouMean(key, known)
    if (match !== '') return match
  }
  return ''
}

function wordsOf(schema: z.core.$ZodType): string[] {
  const def = (schema as z.core.$ZodTypes)._zod.def
  if (def.type === 'literal') return def.values.map(String)
  if (def.type === 'enum') return Object.values(def.entries).map(String)
  return def.type === 'union' ? def.options.flatMap(wordsOf) : []
}

function keysOf(schema: z.core.$ZodType): string[] {
  const def = (schema as z.core.$ZodTypes)._zod.def
  if (def.type === 'object') return Object.keys(def.shape).filter((key) => !key.startsWith('$'))
  return def.type === 'union' ? [...new Set(def.options.flatMap(keysOf))] : []
}

/** "a, b or c" */
export function list(words: readonly string[], conjunction = 'or'): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`
}
