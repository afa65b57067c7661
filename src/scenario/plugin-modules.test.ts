import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { UserError } from '../errors.ts'
import { simulate } from '../index.ts'
import type { PolicyPlugin } from '../model/policy.ts'
import { loadScenario } from './load.ts'
import { runScenario } from './runs.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-plugins-'))
after(() => rmSync(folder, { recursive: true }))
const written = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text)
  return path.join(folder, name)
}
const scenarioWith = (name: string, policies: string) =>
  written(
    name,
    `source: { synthetic: { packetsPerSecond: 50000 } }\nduration: 20ms\nruns: 2\npolicies: ${policies}\n`,
  )
const lane = (number: string) =>
  `export const policy = { name: 'fixed-lane', create: () => ({ name: 'fixed-lane', keepsFlowOrder: true, choose: () => ${number} }) }\n`

test('a module named in a scenario is found from its folder, in TypeScript and JavaScript, in any number of threads', async () => {
  written('typed.ts', `const second: number = 1\n${lane('second').replace('fixed-lane', 'typed')}`)
  written('plain.mjs', lane('2'))
  const loaded = await loadScenario(scenarioWith('both.yaml', '[hash, ./typed.ts, ./plain.mjs]'))
  assert.deepEqual(
    loaded.policies.map(({ label }) => label),
    ['hash', 'typed', 'fixed-lane'],
  )
  const results = await runScenario(loaded, { jobs: 2 })
  for (const { policies } of results) {
    assert.deepEqual(
      policies.map(({ error }) => error),
      [null, null, null],
    )
    assert.ok((policies[1]!.metrics['laneUtilization[1]'] as number) > 0.5)
    assert.equal(policies[1]!.metrics['laneUtilization[0]'], 0)
    assert.ok((policies[2]!.metrics['laneUtilization[2]'] as number) > 0.5)
  }
})

test('the documented example runs, and its parameters are checked by its own schema', async () => {
  const example = fileURLToPath(new URL('../../examples/small-first.ts', import.meta.url))
  const file = scenarioWith('example.yaml', '[hash]')
  const { policies } = await loadScenario(file, { policies: [`${example}:belowBytes=300`] })
  assert.deepEqual(
    policies.map(({ label }) => label),
    ['small-first:belowBytes=300'],
  )
  await assert.rejects(loadScenario(file, { policies: [`${example}:belowBytes=0`] }), /-p .*belowBytes/)
})

const broken: ReadonlyArray<[name: string, text: string | undefined, reason: RegExp]> = [
  ['missing.ts', undefined, /there is no file .*missing\.ts - check the path$/],
  ['nothing.ts', 'export const other = 1\n', /exports no policy - write: export const policy = /],
  ['nameless.ts', 'export const policy = { create() {} }\n', /has no proper name/],
  ['idle.ts', "export const policy = { name: 'idle' }\n", /has no create function/],
  ['loose.ts', "export const policy = { name: 'x', parameters: {}, create() {} }\n", /are no zod schema/],
  ['throws.ts', "throw new Error('no\\nway')\n", /can't be loaded, no - mend the module$/],
  ['syntax.ts', 'export const = 1\n', /can't be loaded, .* - mend the module$/],
]
for (const [name, text, reason] of broken) {
  test(`a module like ${name} is refused in one line`, async () => {
    if (text !== undefined) written(name, text)
    const file = scenarioWith('refused.yaml', `[./${name}]`)
    await assert.rejects(loadScenario(file), (error) => {
      assert.ok(error instanceof UserError)
      assert.equal(error.exitCode, 2)
      assert.equal(error.lines.length, 1)
      assert.ok(error.lines[0]!.startsWith(`${file} policies: ./${name}: `), error.lines[0])
      assert.match(error.lines[0]!, reason)
      return true
    })
  })
}

test('a module whose policy fails in a run ends with one line, and the others go on', async () => {
  written('wrong.ts', lane('packet.index').replace('choose: ()', 'choose: (packet: { index: number })'))
  const loaded = await loadScenario(scenarioWith('wrong.yaml', '[hash, ./wrong.ts]'))
  const [first] = await runScenario(loaded, { jobs: 1 })
  assert.equal(first!.policies[0]!.error, null)
  assert.match(
    first!.policies[1]!.error!,
    /^policy fixed-lane: chose lane 4 for packet 4 - choose must return/,
  )
})

test('a program simulates with policies of its own, beside those of the scenario', async () => {
  const parameters = z.strictObject({ lane: z.int() })
  const own: PolicyPlugin<typeof parameters> = {
    name: 'own',
    description: '',
    parameters,
    create: ({ lane }) => ({ name: 'own', keepsFlowOrder: true, choose: () => lane }),
  }
  const { scenario, policies, runs } = await simulate(
    {
      source: { synthetic: { packetsPerSecond: 50_000 } },
      duration: '20ms',
      runs: 2,
      policies: ['any-idle'],
    },
    { policies: [{ plugin: own as unknown as PolicyPlugin, parameters: { lane: 3 } }] },
  )
  assert.equal(scenario.lanes.count, 4)
  assert.equal(runs.length, 2)
  assert.deepEqual(
    policies.map(({ label, error }) => [label, error]),
    [
      ['any-idle', null],
      ['own', null],
    ],
  )
  assert.equal(policies[1]!.metrics.reorderedRatio!.mean, 0)
  assert.ok(policies[1]!.difference!.latencyNsMean!.mean! > 0)
})
