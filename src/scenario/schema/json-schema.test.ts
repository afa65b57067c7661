/** The committed schema file is the generated one, and it accepts what the zod schema accepts. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { policies } from '../../policies/index.ts'
import { distributions } from '../../sim/distributions/index.ts'
import { arrivalProcesses } from '../../traffic/synthetic/index.ts'
import { scenarioJsonSchema } from './json-schema.ts'
import { scenarioSchema } from './schema.ts'

const FILE = new URL('../../../scenarios/scenario.schema.json', import.meta.url)

describe('the JSON Schema of scenarios', () => {
  it('is what scenarios/scenario.schema.json holds', () => {
    const generated = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`
    if (process.env.LANEWISE_UPDATE === '1') writeFileSync(FILE, generated)
    assert.equal(readFileSync(FILE, 'utf8'), generated, 'scenario.schema.json is stale - run npm run docs')
  })

  it('accepts what the scenario schema accepts, expanded or not, and refuses unknown keys', () => {
    const check = z.fromJSONSchema(scenarioJsonSchema() as Parameters<typeof z.fromJSONSchema>[0])
    const written = {
      source: { capture: 'a.pcap' },
      lanes: { service: { jitter: { uniform: { low: '1us', high: '2us' } } } },
      policies: ['hash', { 'flow-pinned': { ttl: 'never', capacity: 16 } }, { 'any-idle': null }],
    }
    assert.equal(check.safeParse(written).success, true)
    assert.equal(check.safeParse(scenarioSchema.parse(written)).success, true)
    assert.equal(check.safeParse({ ...written, lans: {} }).success, false)
    assert.equal(check.safeParse({ ...written, policies: ['hsah'] }).success, false)
    assert.equal(check.safeParse({ ...written, policies: [{ hash: { tll: '5s' } }] }).success, false)
    assert.equal(check.safeParse({ ...written, warmup: '5' }).success, false)
    const arrivals = (entry: unknown) =>
      check.safeParse({ source: { synthetic: { packetsPerSecond: 1, arrivals: entry } } }).success
    assert.deepEqual(['poisson', { poisson: null }, { 'on-off': { on: '1ms', off: '2ms' } }].map(arrivals), [
      true,
      true,
      true,
    ])
    assert.deepEqual(['on-off', { 'on-off': null }, { 'on-off': { on: '1ms' } }].map(arrivals), [
      false,
      false,
      false,
    ])
  })

  it('knows every policy, distribution and arrival process', () => {
    const text = JSON.stringify(scenarioJsonSchema())
    for (const name of [...policies.keys(), ...distributions.keys(), ...arrivalProcesses.keys()]) {
      assert.ok(text.includes(`"${name}":{"description":`), name)
    }
  })
})
