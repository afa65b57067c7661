import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScenarioInput } from '../scenario/schema/schema.ts'
import { simulate } from './simulate.testing.ts'

const base: ScenarioInput = {
  source: { synthetic: { packetsPerSecond: 80_000, flows: { count: 50 } } },
  reader: { perPacket: '2us', perPass: '1us' },
  duration: '100ms',
  runs: 1,
}
const count = (value: unknown) => (value as { count: number }).count

test('shared lanes read one queue: no policy, one row, even lanes and reordering', async () => {
  const { policies } = await simulate({ ...base, topology: 'shared' })
  assert.deepEqual(
    policies.map((policy) => policy.label),
    ['shared'],
  )
  const { metrics } = policies[0]!
  assert.ok(count(metrics['tunnel.reorderedRatio']) > 100)
  assert.ok((metrics.laneLoadJain as number) > 0.9)
})

test('shared lanes pay the reader in parallel: the same as any-idle with dearer packets and a free reader', async () => {
  const shared = await simulate({ ...base, topology: 'shared' })
  const dearer = await simulate({
    ...base,
    reader: {},
    lanes: { service: { fixed: '11us' } },
    policies: [{ 'any-idle': { order: 'longest' } }],
  })
  assert.deepEqual(shared.policies[0]!.metrics, dearer.policies[0]!.metrics)
})

test('a TUN queue per lane drops at the TUN device, and nothing is lost on the way', async () => {
  const { load, policies } = await simulate({
    ...base,
    topology: 'multi-queue',
    tunQueue: { capacityPackets: 5 },
    source: { synthetic: { packetsPerSecond: 150_000, flows: { count: 50 } } },
    policies: ['hash', { 'flow-pinned': { ttl: '1ms' } }],
  })
  for (const { metrics } of policies) {
    assert.ok(count(metrics.tunQueueDropRatio) > 100)
    assert.equal(count(metrics.laneDropRatio), 0)
    assert.equal((metrics.delivered as number) + count(metrics.tunQueueDropRatio), load.packets)
    // The tunnel's numbers are given behind the TUN queues: a drop there leaves no gap.
    assert.equal((metrics['tunnel.reorderedRatio'] as { of: number }).of, metrics.delivered)
  }
  assert.equal(count(policies[0]!.metrics.reorderedRatio), 0)
})

test('several queues keep flows in order that one shared queue reorders (ZeroTier #2609)', async () => {
  const heavy = { ...base, lanes: { service: { jitter: { exponential: { mean: '30us' } } } } }
  const shared = await simulate({ ...heavy, topology: 'shared' })
  const queues = await simulate({
    ...heavy,
    topology: 'multi-queue',
    policies: [{ hash: { key: 'symmetric' } }],
  })
  assert.ok(count(shared.policies[0]!.metrics.reorderedRatio) > 20)
  assert.equal(count(queues.policies[0]!.metrics.reorderedRatio), 0)
})

test('what lanes that read for themselves cannot use is said in one line, where it was asked for', async () => {
  const said = async (more: Partial<ScenarioInput>) => (await simulate({ ...base, ...more })).warnings
  const reader = { ...base.reader, feedbackDelay: '1ms', stage: { perLane: 2, total: 8 } }
  assert.deepEqual(await said({ topology: 'shared', policies: ['hash'], reader }), [
    'topology shared: policies, reader.feedbackDelay and reader.stage have no effect, as each lane takes the next packet itself - use topology dispatcher, or leave out what has none',
  ])
  assert.deepEqual(await said({ topology: 'multi-queue', policies: ['hash'], reader: { batch: 4 } }), [
    'topology multi-queue: reader.batch has no effect, as each lane reads its own TUN queue - use topology dispatcher, or leave out what has none',
  ])
  assert.deepEqual(await said({ topology: 'shared' }), [])
  assert.deepEqual(await said({ policies: ['hash'], reader }), [])
})
