/** docs/scenarios.md says what the schema says, and what it shows works. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'yaml'
import { sourceFolder } from '../../built.testing.ts'
import { scenarioSchema } from '../../scenario/schema/schema.ts'
import { distributions } from '../../sim/distributions/index.ts'
import { arrivalProcesses } from '../../traffic/synthetic/index.ts'
import { assertCurrent, brokenAnchors, pageNamed } from './generated-page.testing.ts'
import { scenarioKeys, scenarioParts } from './scenario-reference.testing.ts'

test('the generated parts of docs/scenarios.md are current', () => {
  assertCurrent('scenarios.md', scenarioParts)
  assert.deepEqual(brokenAnchors(pageNamed('scenarios.md')), [])
})

test('the reference has every key that an expanded scenario has', () => {
  const known = new Set(scenarioKeys.map(({ path }) => path))
  const plugins = new Set([...distributions.keys(), ...arrivalProcesses.keys()])
  const pathsIn = (tree: object, above: string): string[] =>
    Object.entries(tree).flatMap(([key, value]) => {
      if (plugins.has(key)) return []
      const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
      return [`${above}${key}`, ...(isMap ? pathsIn(value, `${above}${key}.`) : [])]
    })
  for (const source of [{ capture: 'a.pcap' }, { synthetic: { packetsPerSecond: 1 } }]) {
    const paths = pathsIn(scenarioSchema.parse({ source }), '')
    assert.ok(paths.length > 40)
    assert.deepEqual(
      paths.filter((path) => !known.has(path)),
      [],
    )
  }
})

test('every example of a key is accepted, and differs from the default', () => {
  for (const { path, example, schema } of scenarioKeys) {
    if (example === undefined) continue
    const scenario = scenarioWith(path, example)
    const { success, error } = scenarioSchema.safeParse(scenario)
    assert.ok(success, `${path}: ${JSON.stringify(scenario)} ${error?.message}`)
    assert.ok(!isDeepStrictEqual(example, schema.default), path)
  }
  const examples = scenarioKeys.filter(({ example }) => example !== undefined)
  assert.ok(examples.length > 60, `${examples.length} examples`)
})

/**
 * The smallest scenario that says so: maps above the key begin with their own example where the key fits into
 * it.
 */
function scenarioWith(path: string, example: unknown): Record<string, unknown> {
  const isOther = /^source\.(synthetic|arrivals)/.test(path)
  const scenario: Record<string, unknown> = { source: isOther ? {} : { capture: 'a.pcap' } }
  const steps = path.split('.')
  let node = scenario
  steps.slice(0, -1).forEach((step, i) => {
    const above = scenarioKeys.find((key) => key.path === steps.slice(0, i + 1).join('.'))!
    const given = (above.example ?? {}) as Record<string, unknown>
    const fits = above.schema.properties !== undefined || Object.hasOwn(given, steps[i + 1]!)
    node[step] ??= fits ? structuredClone(given) : {}
    node = node[step] as Record<string, unknown>
  })
  node[steps.at(-1)!] = example
  return scenario
}

test('every scenario on the page is one', () => {
  const blocks = [...pageNamed('scenarios.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!)
  assert.ok(blocks.length >= 3)
  for (const text of blocks) {
    const { success, error } = scenarioSchema.safeParse(parse(text))
    assert.ok(success, `${text}${error?.message}`)
  }
})

test('every random stream of the simulator is on the page', () => {
  const sources = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.ts$/.test(file) && !/\.(test|testing)\.ts$/.test(file),
  )
  const named = sources.flatMap((file) =>
    [...readFileSync(`${sourceFolder}${file}`, 'utf8').matchAll(/\bstream\((?:\w+\)\()?['`]([^'`$]+)/g)].map(
      ([, name]) => name!.trim(),
    ),
  )
  assert.ok(new Set(named).size >= 10, named.join(', '))
  const page = pageNamed('scenarios.md')
  assert.deepEqual(
    named.filter((name) => !page.includes(`| \`${name}`)),
    [],
  )
})
