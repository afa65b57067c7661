/**
 * The generated parts of docs/scenarios.md: every key of a scenario as its schema knows it, a table per group
 * of keys, then distributions and arrival processes with their parameters. A key without a description or an
 * example is an error: both belong into the schema, from where editors show them too.
 */
import { isDeepStrictEqual } from 'node:util'
import { scenarioJsonSchema } from '../../scenario/schema/json-schema.ts'
import { scenarioSchema } from '../../scenario/schema/schema.ts'
import { writeValue } from '../../scenario/values.ts'
import { boundText } from '../../units.ts'
import { type Entry, type JsonSchema, type Parameter, plainKind, topics, valuesOf } from '../list/topics.ts'
import { code, type Parts, table } from './generated-page.testing.ts'

/** One key of a scenario. */
interface ScenarioKey {
  /** From the top, with dots. */
  readonly path: string
  readonly schema: JsonSchema
  readonly isRequired: boolean
  /** A value other than the default; undefined for a map whose keys have theirs. */
  readonly example: unknown
}

const root = scenarioJsonSchema() as JsonSchema

/** Every key, in the order of the schema; what a distribution or a policy takes is not among them. */
export const scenarioKeys: readonly ScenarioKey[] = keysBelow('', root)

const groups = Object.keys(root.properties!).filter((key) => scenarioKeys.some(isBelow(key)))

export const scenarioParts: Parts = {
  top: () => keyTable(scenarioKeys.filter(({ path }) => !path.includes('.') && !groups.includes(path))),
  ...Object.fromEntries(
    groups.map((group) => [
      group,
      () => keyTable(scenarioKeys.filter((key) => key.path === group || isBelow(group)(key))),
    ]),
  ),
  distributions: () => pluginTable(topics.distributions!.entries()),
  arrivals: () => pluginTable(topics.sources!.entries().filter(({ name }) => name !== 'capture')),
}

function isBelow(group: string): (key: ScenarioKey) => boolean {
  return ({ path }) => path.startsWith(`${group}.`)
}

function keysBelow(path: string, { properties = {}, required = [], anyOf = [] }: JsonSchema): ScenarioKey[] {
  const own = Object.entries(properties).flatMap(([key, schema]): ScenarioKey[] => {
    const whole = path === '' ? key : `${path}.${key}`
    const example = exampleOf(whole, schema)
    const isRequired = required.includes(key)
    const below = isNamed(schema) ? [] : keysBelow(whole, schema)
    return [{ path: whole, schema, isRequired, example }, ...below]
  })
  const alternatives = anyOf.filter(({ properties }) => properties !== undefined)
  const others = alternatives.flatMap((one) =>
    keysBelow(path, one).map((key) =>
      // The key that makes the alternative isn't asked for by itself.
      makesAlternative(key.path.slice(path.length + 1), one, alternatives.length)
        ? { ...key, isRequired: false }
        : key,
    ),
  )
  const all = [...own, ...others]
  return all.filter((key, i) => all.findIndex((one) => one.path === key.path) === i)
}

function makesAlternative(key: string, { properties = {}, required = [] }: JsonSchema, alternatives: number) {
  return key === required[0] && (alternatives > 1 || Object.keys(properties).length === 1)
}

/** A distribution, say, which has a table of its own. */
function isNamed({ title }: JsonSchema): boolean {
  return title !== undefined
}

function exampleOf(path: string, schema: JsonSchema): unknown {
  const { examples, anyOf = [], enum: choices = [], type, properties, default: usual } = schema
  const ofType = type === 'boolean' ? [true, false] : choices
  const candidates = examples ?? [...ofType, ...anyOf.flatMap((one) => one.examples ?? [])]
  const example = candidates.find((one) => !isDeepStrictEqual(one, usual))
  if (example === undefined && properties === undefined && anyOf.every((one) => !one.properties))
    throw new Error(`${path} has no example - give its schema one`)
  return example
}

function keyTable(keys: readonly ScenarioKey[]): string {
  return table(
    ['key', 'values', 'default', 'what it says', 'example'],
    keys.map((key) => {
      const { path, schema, example } = key
      if (schema.description === undefined)
        throw new Error(`${path} has no description - give its schema one`)
      return [
        `**${code(path)}**`,
        valuesOf(schema, kindWithLimits),
        defaultText(key),
        schema.description,
        example === undefined ? '' : code(writeValue(example)),
      ]
    }),
  )
}

function kindWithLimits(schema: JsonSchema): string {
  const { type, minimum, exclusiveMinimum, maximum } = schema
  if (type !== 'integer' && type !== 'number') return plainKind(schema)
  if (minimum !== undefined && maximum !== undefined) {
    return `${type} ${boundText(minimum)} to ${boundText(maximum)}`
  }
  if (exclusiveMinimum !== undefined && maximum !== undefined) {
    return `${type} above ${exclusiveMinimum}, up to ${boundText(maximum)}`
  }
  if (exclusiveMinimum !== undefined) return `${type} above ${exclusiveMinimum}`
  return minimum === undefined ? type : `${type} from ${minimum}`
}

function defaultText({ path, schema, isRequired }: ScenarioKey): string {
  if (isRequired) return 'must be given'
  const usual = schema.default ?? expandedDefault(path)
  return usual === undefined || isDeepStrictEqual(usual, {}) ? '' : code(writeValue(usual))
}

const expanded = [{ capture: 'a.pcap' }, { synthetic: { packetsPerSecond: 1 } }].map((source) =>
  scenarioSchema.parse({ source }),
)

/** What an expanded scenario has where the schema can't say it; undefined where it depends on the source. */
function expandedDefault(path: string): unknown {
  if (path === 'source' || path === 'source.capture' || path === 'source.synthetic') return undefined
  const values = expanded.map((scenario) => valueAt(scenario, path))
  const known = path.startsWith('source.') ? values.filter((value) => value !== undefined) : values
  return known.every((value) => isDeepStrictEqual(value, known[0])) ? known[0] : undefined
}

function valueAt(tree: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown>)?.[key], tree)
}

function pluginTable(entries: readonly Entry[]): string {
  return table(
    ['name', 'what it is', 'parameters'],
    entries.map(({ name, description, parameters = [] }) => [
      `**${code(name)}**`,
      description.replace(/^synthetic: /, ''),
      parameters.map(parameterText).join('<br>'),
    ]),
  )
}

function parameterText({ name, values, default: usual, description }: Parameter): string {
  const otherwise = usual === null ? '' : `, default ${code(writeValue(usual))}`
  return `${code(name)} (${values}${otherwise})${description === '' ? '' : `: ${description}`}`
}
