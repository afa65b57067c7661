/** Lanes that share cores against closed forms of queues, and through the scenario's keys. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScenarioInput } from '../scenario/schema/schema.ts'
import { batchMeans, Collector, simulate } from './simulate.testing.ts'

const MEAN_NS = 1e6

interface Model {
  readonly service: 'exponential' | 'constant'
  readonly lanes: number
  readonly timeSlice: string
  readonly policy: string
  readonly packets: number
}

/** Poisson arrivals at half of what the one core can do. */
function onOneCore({ service, lanes, timeSlice, policy, packets }: Model): ScenarioInput {
  const jitter = service === 'constant' ? { constant: '1ms' } : { exponential: { mean: '1ms' } }
  return {
    source: { synthetic: { packetsPerSecond: 500, flows: { count: 1 } } },
    tunQueue: { capacityPackets: 'unlimited' },
    lanes: {
      count: lanes,
      cores: 1,
      timeSlice,
      service: { fixed: '0ns', perByte: '0ns', jitter },
      queue: { capacityPackets: 'unlimited' },
    },
    policies: [policy],
    duration: `${packets * 2}ms`,
    runs: 1,
  }
}

/** Mean time in the system in units of the service's mean, and the z of `expected`. */
async function sojourn(model: Model, expected: number): Promise<{ mean: number; z: number }> {
  let collector: Collector | undefined
  await simulate(onOneCore(model), {
    observe(_label, store) {
      collector = new Collector(store, (rows, row) => (rows.dueNs[row]! - rows.arrivalNs[row]!) / MEAN_NS)
      return collector
    },
  })
  const { mean, error } = batchMeans(collector!.values)
  return { mean, z: (mean - expected) / error }
}

test('four lanes on one core hold as many packets as M/M/1: 1 / (1 - rho) in the system, whatever the slice', async () => {
  for (const timeSlice of ['3ms', '200us']) {
    const model = { service: 'exponential', lanes: 4, timeSlice, policy: 'random', packets: 400_000 } as const
    const { mean, z } = await sojourn(model, 2)
    assert.ok(Math.abs(z) < 4, `${mean} instead of 2, z = ${z}`)
  }
})

test('a lane per packet and tiny slices share the core equally: 1 / (1 - rho), not the 1.5 of M/D/1', async () => {
  const model = {
    service: 'constant',
    lanes: 64,
    timeSlice: '10us',
    policy: 'any-idle',
    packets: 50_000,
  } as const
  const { mean, z } = await sojourn(model, 2)
  assert.ok(Math.abs(z) < 4, `${mean} instead of 2, z = ${z}`)
})

test('a slice longer than any packet lets a lane per packet serve first come, first served: M/D/1', async () => {
  const model = {
    service: 'constant',
    lanes: 64,
    timeSlice: '1s',
    policy: 'any-idle',
    packets: 400_000,
  } as const
  const { mean, z } = await sojourn(model, 1.5)
  assert.ok(Math.abs(z) < 4, `${mean} instead of 1.5, z = ${z}`)
})

test('as many cores as lanes give the same results as none named', async () => {
  const scenario = (cores: number | 'all'): ScenarioInput => ({
    source: { synthetic: { packetsPerSecond: 80_000 } },
    lanes: { cores, wakeUp: { exponential: { mean: '20us' } } },
    duration: '200ms',
    runs: 1,
  })
  assert.deepEqual(await simulate(scenario(4)), await simulate(scenario('all')))
  const [two, all] = await Promise.all([simulate(scenario(2)), simulate(scenario('all'))])
  assert.equal(two.load.load, all.load.load! * 2)
  assert.notDeepEqual(two.policies, all.policies)
})
