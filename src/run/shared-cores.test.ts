/** Shared cores and receivers through the scenario's keys: whatever runs beside, the same numbers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runScenario } from '../node/runs.ts'
import { policiesOf } from '../scenario/policy-specs.ts'
import { type ScenarioInput, scenarioSchema } from '../scenario/schema/schema.ts'
import { simulate } from './simulate.testing.ts'
import { withoutEffect } from './without-effect.ts'

const base: ScenarioInput = {
  source: { synthetic: { packetsPerSecond: 40_000, flows: { count: 20 } } },
  reader: { perPacket: '3us', whenLaneBusy: 'spin', stage: { perLane: 1, total: 2 } },
  cores: { count: 2 },
  lanes: {
    idleAt: 'start-of-write',
    service: { fixed: '5us', perByte: '0ns', write: '3us', jitter: { exponential: { mean: '10us' } } },
    wakeUp: { exponential: { mean: '2us' } },
    stalls: { perSecond: 50, length: { constant: '100us' } },
  },
  receiver: {
    service: { fixed: '4us', perByte: '0ns', jitter: { exponential: { mean: '4us' } } },
    wakeUp: { exponential: { mean: '2us' } },
    stalls: { perSecond: 50, length: { constant: '100us' } },
  },
  duration: '100ms',
  runs: 4,
}
const count = (value: unknown) => (value as { count: number }).count

test('cores draw for each policy apart: which others run beside it changes nothing', async () => {
  const both = await simulate({ ...base, policies: ['hash', 'any-idle'] })
  const alone = await simulate({ ...base, policies: ['any-idle'] })
  assert.deepEqual(alone.policies[0]!.metrics, both.policies[1]!.metrics)
  const again = await simulate({ ...base, policies: ['any-idle'] }, { run: 1 })
  assert.notDeepEqual(again.policies[0]!.metrics, alone.policies[0]!.metrics)
})

test('one thread of this program or two simulate the same', async () => {
  const scenario = scenarioSchema.parse({ ...base, policies: ['any-idle', 'hash'] })
  const resolved = { scenario, policies: policiesOf(scenario) }
  const [one, two] = [await runScenario(resolved, { jobs: 1 }), await runScenario(resolved, { jobs: 2 })]
  assert.equal(one.length, 4)
  assert.deepEqual(two, one)
})

test('lanes that read for themselves share cores with receivers, and no packet is nowhere', async () => {
  for (const topology of ['shared', 'multi-queue'] as const) {
    const { load, policies } = await simulate({ ...base, topology, reader: { perPacket: '3us' } })
    for (const { label, metrics } of policies) {
      const dropped = count(metrics.tunQueueDropRatio) + count(metrics.laneDropRatio)
      assert.equal((metrics.delivered as number) + dropped, load.packets, `${topology}, ${label}`)
    }
    // 3 + 15 us of a lane and 8 of a receiver, 40,000 times a second on two cores.
    assert.ok(Math.abs(load.load! - 0.52) < 0.03, `${topology}: ${load.load}`)
  }
})

test('a core for each thread, where none starts at its waker, is no different from no cores', async () => {
  const reader = { perPacket: '3us', whenLaneBusy: 'spin' as const }
  const policies = ['hash', 'round-robin', 'any-idle']
  const cores = { count: 9, wakeOnSameCore: 0 }
  const nine = await simulate({ ...base, reader, policies, cores })
  const { cores: _, ...none } = base
  const own = await simulate({ ...none, reader, policies })
  assert.deepEqual(nine.policies, own.policies)
  assert.notDeepEqual((await simulate({ ...base, reader, policies })).policies, own.policies)
})

test('keys that need another one say so', () => {
  const lines = (input: Partial<ScenarioInput>) =>
    withoutEffect(scenarioSchema.parse({ source: base.source, ...input }))
  assert.deepEqual(lines(base), [])
  assert.deepEqual(lines({ reader: { whenLaneBusy: 'spin' } }), [
    'reader.whenLaneBusy: spin has no effect, as each thread has a core of its own - give cores, or leave it out',
  ])
  assert.deepEqual(lines({ lanes: { idleAt: 'start-of-write' } }), [
    'lanes.idleAt: start-of-write has no effect alone - give lanes.service.write too, or leave it out',
  ])
  assert.deepEqual(lines({ lanes: { service: { write: '2us' } } }), [
    'lanes.service.write has no effect alone - give lanes.idleAt: start-of-write too, or leave it out',
  ])
  assert.deepEqual(lines({ receiver: { count: 2 } }), [
    'receiver.count has no effect, as each lane has a thread of its own there - use receiver.assign: shared, or leave it out',
  ])
  assert.deepEqual(lines({ topology: 'shared', cores: { count: 2 }, reader: { whenLaneBusy: 'spin' } }), [
    'topology shared: reader.whenLaneBusy has no effect, as each lane takes the next packet itself - use topology dispatcher, or leave out what has none',
  ])
  assert.deepEqual(lines({ link: { stream: { nagle: false, pingpong: true } } }), [
    'link.stream.pingpong has no effect, as each packet goes at once - use link.stream.nagle: true, or leave it out',
  ])
})
