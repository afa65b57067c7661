/** Keys of a kind that the code lists by their paths: the schema knows them, too, and has no others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHOICES } from '../overrides.ts'
import { PER_LANE } from './cross-checks.ts'
import { scenarioJsonSchema } from './json-schema.ts'

interface Schema {
  readonly type?: string
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly maxProperties?: number
  readonly items?: Schema
}

interface Kinds {
  readonly choices: string[]
  readonly perLane: string[]
}

/** Where one key of several says what is meant; where a list may stand in place of a single value. */
function kindsOf(schema: Schema, path: readonly string[], found: Kinds): Kinds {
  const options = schema.anyOf ?? [schema]
  const maps = options.filter(({ properties }) => properties !== undefined)
  const isOneKey = ({ properties, maxProperties }: Schema) =>
    maxProperties === 1 || (options.length > 1 && Object.keys(properties!).length === 1)
  const isChoice = maps.length > 0 && maps.every(isOneKey)
  const isList = ({ type, items }: Schema) => type === 'array' && items !== undefined
  const single = options.filter((option) => !isList(option))
  if (isChoice) found.choices.push(path.join('.'))
  else {
    for (const { properties } of maps) {
      for (const [key, value] of Object.entries(properties!)) kindsOf(value, [...path, key], found)
    }
  }
  for (const { items } of options.filter(isList)) {
    if (single.length === 0) kindsOf(items!, [...path, '0'], found)
    else if (path[0] !== 'source') found.perLane.push(path.join('.'))
  }
  return found
}

const { choices, perLane } = kindsOf(scenarioJsonSchema() as Schema, [], { choices: [], perLane: [] })

test('--set knows every key that is a choice, and no other', () => {
  assert.ok(choices.length >= 8, choices.join(' '))
  for (const path of choices)
    assert.ok(
      CHOICES.some((pattern) => pattern.test(path)),
      path,
    )
  for (const pattern of CHOICES)
    assert.ok(
      choices.some((path) => pattern.test(path)),
      String(pattern),
    )
})

test('the number of values is checked of every key that may have one per lane', () => {
  assert.deepEqual([...PER_LANE].sort(), [...new Set(perLane)].sort())
})
