import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPolicy } from '../scenario/known-policies.ts'
import { scenarioSchema } from '../scenario/schema/schema.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { type CreatePolicy, Simulated } from './simulated.ts'

const COUNT = 2000
const run: SentRun = {
  name: 'made',
  count: COUNT,
  sentNs: Float64Array.from({ length: COUNT }, (_, i) => 60_000 * i - 55_000 * (i % 2)),
  receivedNs: new Float64Array(COUNT),
  sizeBytes: new Int32Array(COUNT).fill(700),
  flow: Int32Array.from({ length: COUNT }, (_, i) => i % 3),
  flowCount: 3,
}
const create: CreatePolicy = (lanes, random) => {
  const plugin = findPolicy('any-idle')!
  return plugin.create(plugin.parameters.parse({}), lanes, random)
}
const scenarioOf = (keys: object) =>
  scenarioSchema.parse({ source: { synthetic: { packetsPerSecond: 1 } }, ...keys })

test('packets that leave at one instant are told apart, in the order in which they leave', () => {
  // Two threads that begin at one instant on two cores, and take the same time.
  const scenario = scenarioOf({
    cores: { count: 2 },
    receiver: { service: { fixed: '9us', perByte: '0ns', jitter: 'none' } },
  })
  const receivedNs = new Simulated(run, 0, 1).receivedNs(scenario, create)
  assert.ok(new Set(receivedNs.map(Math.floor)).size < COUNT - 10)
  assert.equal(new Set(receivedNs).size, COUNT)
})

test('one seed gives the same times, another run or seed others', () => {
  const scenario = scenarioOf({})
  const first = new Simulated(run, 0, 1).receivedNs(scenario, create)
  assert.deepEqual(new Simulated(run, 0, 1).receivedNs(scenario, create), first)
  assert.notDeepEqual(new Simulated(run, 1, 1).receivedNs(scenario, create), first)
  assert.notDeepEqual(new Simulated(run, 0, 2).receivedNs(scenario, create), first)
})

test('what is dropped has no time', () => {
  const scenario = scenarioOf({
    lanes: { count: 1, service: { fixed: '1ms', perByte: '0ns', jitter: 'none' } },
    tunQueue: { capacityPackets: 5 },
  })
  const receivedNs = new Simulated(run, 0, 1).receivedNs(scenario, create)
  const arrived = receivedNs.filter((ns) => !Number.isNaN(ns))
  assert.ok(arrived.length > 100 && arrived.length < 140, `${arrived.length}`)
  assert.equal(receivedNs[0], 1e6)
})
