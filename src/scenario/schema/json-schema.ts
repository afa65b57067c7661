/**
 * The JSON Schema of scenario files, for editors: completion, hover texts, and red lines while typing. Made
 * from the zod schema, with the own parameters of every policy, distribution and arrival process in place.
 * scenarios/scenario.schema.json is this, committed; json-schema.test.ts compares and, with
 * LANEWISE_UPDATE=1, rewrites it.
 */
import { z } from 'zod'
import { policies } from '../../policies/index.ts'
import { distributions } from '../../sim/distributions/index.ts'
import { arrivalProcesses } from '../../traffic/synthetic/index.ts'
import { policyEntry } from '../policy-specs.ts'
import { arrivals } from './arrivals.ts'
import { jitter } from './jitter.ts'
import { scenarioSchema } from './schema.ts'

type Json = Record<string, unknown>

/** A plug-in by name: what the schema of a choice is made of. */
interface Named {
  readonly name: string
  readonly description: string
  readonly parameters: z.ZodType
}

/** The schema as the committed file has it. */
export function scenarioJsonSchema(): Json {
  const { $schema, ...schema } = convert(scenarioSchema)
  return { $schema, title: 'lanewise scenario', ...schema }
}

function convert(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // A description of its own makes a schema a child of the one described.
      const { parent } = zodSchema._zod
      const is = (schema: z.core.$ZodType) => schema === zodSchema || schema === parent
      if (is(policyEntry)) replace(jsonSchema, policyChoice())
      if (is(jitter)) replace(jsonSchema, jitterChoice())
      if (is(arrivals)) replace(jsonSchema, arrivalsChoice())
      // Left out by zod before a transform, though users write them so.
      const { examples } = z.globalRegistry.get(zodSchema) ?? {}
      if (Array.isArray(examples)) jsonSchema.examples ??= examples
      // The exact limits of a double tell a reader nothing.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  }) as Json
}

/** All but a description and examples of its own. */
function replace(schema: object, by: Json): void {
  const { description = by.description, examples = by.examples } = schema as Json
  for (const key of Object.keys(schema)) delete (schema as Json)[key]
  Object.assign(schema, by, { description, examples })
}

function policyChoice(): Json {
  const names = [...policies.values()].map(({ name, description }) => ({ const: name, description }))
  return {
    title: 'policy',
    description: 'A policy: its name, or a map from its name to its parameters.',
    examples: [{ 'flow-pinned': { ttl: '5s' } }],
    anyOf: [...names, oneKey(policies.values(), true)],
  }
}

function jitterChoice(): Json {
  return {
    title: 'distribution',
    description: 'A distribution of times: a map from its name to its parameters; or none.',
    examples: [{ lognormal: { median: '15us', sigma: 0.8 } }],
    anyOf: [{ const: 'none' }, oneKey(distributions.values(), false)],
  }
}

function arrivalsChoice(): Json {
  const simple = [...arrivalProcesses.values()].filter(({ parameters }) => parameters.safeParse({}).success)
  return {
    title: 'arrival process',
    description: 'An arrival process: its name, or a map from its name to its parameters.',
    examples: [{ 'on-off': { on: '10ms', off: '90ms' } }],
    anyOf: [
      ...simple.map(({ name, description }) => ({ const: name, description })),
      oneKey(arrivalProcesses.values(), true),
    ],
  }
}

/** @param mayBeEmpty whether a name without parameters is enough where they all have defaults */
function oneKey(plugins: Iterable<Named>, mayBeEmpty: boolean): Json {
  const properties: Json = {}
  for (const { name, description, parameters } of plugins) {
    const { $schema: _, ...schema } = convert(parameters)
    const optional = mayBeEmpty && parameters.safeParse({}).success
    properties[name] = { description, ...(optional ? { anyOf: [schema, { type: 'null' }] } : schema) }
  }
  return { type: 'object', properties, additionalProperties: false, minProperties: 1, maxProperties: 1 }
}
