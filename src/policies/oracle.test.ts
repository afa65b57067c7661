import assert from 'node:assert/strict'
import { test } from 'node:test'
import { happenings, timesOf } from '../model/pipeline.testing.ts'
import type { LaneView } from '../model/policy.ts'
import { simulate } from '../run/simulate.testing.ts'
import type { ScenarioInput } from '../scenario/schema/schema.ts'
import { randomStream } from '../sim/random.ts'
import { policies } from './index.ts'

const create = (lanes: LaneView) => policies.get('oracle')!.create({}, lanes, randomStream(1, 0, 'oracle'))

test('a packet moves only where it cannot finish before the one before it', () => {
  // 0 takes lane 0 until 100. 1 would be done at 11 on lane 1: too early, so it queues behind 0, until 110.
  // 2 would be done at 152 on lane 1, after 1, and before 260 behind it: it moves.
  const packets = [100, 10, 150].map((work, at) => ({ at, work }))
  const log = happenings(packets, create)
  const lanes = log.filter((entry) => entry[1] === 'choice').map((entry) => entry[3])
  assert.deepEqual(lanes, [0, 0, 1])
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 100, 1: 110, 2: 152 })
})

test('it foresees queue, service in progress and the speeds of the lanes', () => {
  // Lane 1 is four times faster: three packets of other flows are done there before one is on lane 0.
  const packets = [0, 1, 2].map((flow) => ({ at: 0, work: 100, flow }))
  const log = happenings(packets, create, { speed: [1, 4] })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 25, 1: 50, 2: 75 })
})

test('it keeps every flow in order, as drained does, and waits less', async () => {
  const scenario: ScenarioInput = {
    source: {
      synthetic: { packetsPerSecond: 100_000, flows: { count: 50, popularity: { zipf: { exponent: 1 } } } },
    },
    policies: ['drained', 'oracle', 'any-idle', 'hash'],
    duration: '300ms',
    runs: 1,
  }
  const { policies: results } = await simulate(scenario)
  const [drained, oracle, anyIdle, hash] = results.map(({ metrics }) => ({
    reordered: (metrics.reorderedRatio as { count: number }).count,
    waitNs: metrics.waitNsMean as number,
  }))
  assert.deepEqual([drained!.reordered, oracle!.reordered, hash!.reordered], [0, 0, 0])
  assert.ok(anyIdle!.reordered > 100, `${anyIdle!.reordered}`)
  assert.ok(oracle!.waitNs < drained!.waitNs && drained!.waitNs < hash!.waitNs, 'waits')
})
