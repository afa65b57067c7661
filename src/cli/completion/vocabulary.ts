/**
 * What --set, -P, -L and -p are made of: keys of a scenario and parameters of policies, from their schemas.
 */
import { z } from 'zod'
import { policies } from '../../policies/index.ts'
import { scenarioJsonSchema } from '../../scenario/schema/json-schema.ts'
import type { JsonSchema } from '../list/topics.ts'
import type { Key, Vocabulary } from './completed.ts'

export function vocabulary(): Vocabulary {
  return {
    policies: [...policies.values()].map(({ name, parameters }) => ({
      name,
      parameters: keysIn(
        z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' }) as JsonSchema,
      ).filter((key) => !key.name.includes('.')),
    })),
    // Policies have an option of their own, and $schema is for editors.
    keys: keysIn(scenarioJsonSchema() as JsonSchema).filter(({ name }) => !/^(?:policies$|\$)/.test(name)),
  }
}

/** Every key that can be given a value that isn't a map, in the order of the schema. */
function keysIn(schema: JsonSchema, path = ''): Key[] {
  const alternatives = [schema, ...(schema.anyOf ?? [])]
  const choices = alternatives.flatMap(wordsIn)
  const isMap = alternatives.some(({ properties }) => properties !== undefined)
  const own = path !== '' && (!isMap || choices.length > 0 || alternatives.some(isScalar))
  const below = alternatives.flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([key, one]) => keysIn(one, path === '' ? key : `${path}.${key}`)),
  )
  const all = [...(own ? [{ name: path, choices }] : []), ...below]
  return all.filter(({ name }, i) => all.findIndex((one) => one.name === name) === i)
}

function isScalar({ type }: JsonSchema): boolean {
  return [type ?? 'object'].flat().some((one) => one !== 'object' && one !== 'null')
}

function wordsIn({ enum: choices = [], const: only, type }: JsonSchema): string[] {
  const words = [
    ...choices,
    ...(only === undefined ? [] : [only]),
    ...(type === 'boolean' ? [true, false] : []),
  ]
  return words.filter((word) => word !== null).map(String)
}
