/**
 * The simulator against closed forms, a million packets each, seed 1: a result may be off by four standard errors,
 * taken from 100 batch means because neighbouring packets are correlated. Service mean is 1 ms throughout, so waits
 * come out in units of the service time. Formulas: Kleinrock, Queueing Systems I (M/M/1, M/G/1, G/M/1); the
 * reordering probabilities are derived in the project's notes and checked by an independent simulator.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowReordering } from '../metrics/reordering.ts'
import type { PacketStore } from '../model/packet-store.ts'
import { readSharedJson, skipWithout } from '../shared.testing.ts'
import type { ScenarioInput } from './schema.ts'
import { batchMeans, Collector, simulate } from './simulate.testing.ts'

const PACKETS = 1_000_000
const MEAN_NS = 1e6
const exponential = { exponential: { mean: '1ms' } }
const constant = { constant: '1ms' }

interface Model {
  readonly arrivals: 'poisson' | 'periodic'
  readonly service: typeof exponential | typeof constant
  readonly lanes: number
  /** Load per lane. */
  readonly load: number
  readonly policy: string
}

function scenarioOf({ arrivals, service, lanes, load, policy }: Model): ScenarioInput {
  const packetsPerSecond = (load * lanes * 1e9) / MEAN_NS
  return {
    source: { synthetic: { arrivals, packetsPerSecond, flows: { count: 1 } } },
    tunQueue: { capacityPackets: 'unlimited' },
    lanes: {
      count: lanes,
      service: { fixed: '0ns', perByte: '0ns', jitter: service },
      queue: { capacityPackets: 'unlimited' },
    },
    policies: [policy],
    duration: `${Math.round((PACKETS * 1.05 * 1e9) / packetsPerSecond)}ns`,
    runs: 1,
  }
}

type Quantity = (store: PacketStore, row: number, reordering: FlowReordering) => number
const waitOf: Quantity = (store, row) => (store.startNs[row]! - store.arrivalNs[row]!) / MEAN_NS
const reorderedOf: Quantity = (_store, _row, reordering) => Number(reordering.lastReordered)

/** Asserts |z| < 4 and prints the z, so that a drift is seen before it fails. */
async function compare(
  name: string,
  scenario: ScenarioInput,
  expected: number,
  quantity: Quantity,
  print: (text: string) => void,
): Promise<void> {
  let collector: Collector | undefined
  await simulate(scenario, {
    observe(_label, store, reordering) {
      collector = new Collector(store, (rows, row) => quantity(rows, row, reordering))
      return collector
    },
  })
  const { mean, error } = batchMeans(collector!.values)
  const z = (mean - expected) / error
  print(`${name}: ${mean.toFixed(6)} expected ${expected.toFixed(6)} z ${z.toFixed(2)}`)
  assert.ok(collector!.values.length > 0.98 * PACKETS, `${collector!.values.length} packets`)
  assert.ok(Math.abs(z) < 4, `${name}: ${mean} instead of ${expected}, z = ${z}`)
}

/** The root of sigma = exp(-(1 - sigma) / rho) below 1: P(wait) of D/M/1. */
function sigmaOf(rho: number): number {
  let sigma = rho
  for (let i = 0; i < 10_000; i++) sigma = Math.exp(-(1 - sigma) / rho)
  return sigma
}

for (const load of [0.5, 0.8]) {
  const single = { lanes: 1, load, policy: 'round-robin' } as const
  test(`waits at load ${load} are those of M/M/1, M/D/1 and D/M/1`, async (t) => {
    const print = (text: string) => t.diagnostic(text)
    const mm1 = { ...single, arrivals: 'poisson', service: exponential } as const
    await compare('M/M/1 wait', scenarioOf(mm1), load / (1 - load), waitOf, print)
    const md1 = { ...single, arrivals: 'poisson', service: constant } as const
    await compare('M/D/1 wait', scenarioOf(md1), load / (2 * (1 - load)), waitOf, print)
    const sigma = sigmaOf(load)
    const dm1 = { ...single, arrivals: 'periodic', service: exponential } as const
    await compare('D/M/1 wait', scenarioOf(dm1), sigma / (1 - sigma), waitOf, print)
  })
}

test('two private M/M/1 queues under random reorder rho (4 - 3 rho) / (2 (2 - rho)^2)', async (t) => {
  for (const load of [0.5, 0.8]) {
    const expected = (load * (4 - 3 * load)) / (2 * (2 - load) ** 2)
    const model = { arrivals: 'poisson', service: exponential, lanes: 2, load, policy: 'random' } as const
    await compare(`random, 2 lanes, load ${load}`, scenarioOf(model), expected, reorderedOf, (text) =>
      t.diagnostic(text),
    )
  }
})

test('two lanes that share a queue under any-idle reorder as M/M/2 does', async (t) => {
  for (const load of [0.5, 0.8]) {
    const expected = (load * (1 - load)) / (1 + 2 * load) + load ** 2 / (2 * (1 + load))
    const model = { arrivals: 'poisson', service: exponential, lanes: 2, load, policy: 'any-idle' } as const
    await compare(`any-idle, 2 lanes, load ${load}`, scenarioOf(model), expected, reorderedOf, (text) =>
      t.diagnostic(text),
    )
  }
})

test('periodic arrivals under round-robin reorder as k D/M/1 queues do', async (t) => {
  const k = 2
  const sigma = sigmaOf(0.5)
  let expected = 0
  for (let n = 1; n < k; n++) expected += sigma ** ((n * (n + 1)) / (2 * k)) / (n * (n + 1))
  const model = {
    arrivals: 'periodic',
    service: exponential,
    lanes: k,
    load: 0.5,
    policy: 'round-robin',
  } as const
  await compare('round-robin, 2 lanes, load 0.5', scenarioOf(model), expected, reorderedOf, (text) =>
    t.diagnostic(text),
  )
})

/** Packets that only a link delays: one lane without work, a link that keeps no order. */
const linkOnly = (
  packetsPerSecond: number,
  arrivals: 'poisson' | 'periodic',
  jitter: object,
): ScenarioInput => ({
  source: { synthetic: { arrivals, packetsPerSecond, flows: { count: 1 } } },
  lanes: { count: 1, service: { fixed: '0ns', perByte: '0ns', jitter: 'none' } },
  link: { jitter: jitter as never, keepsOrder: false },
  policies: ['round-robin'],
  duration: `${Math.round((PACKETS * 1.05 * 1e9) / packetsPerSecond)}ns`,
  runs: 1,
})

test('Poisson arrivals over independent exponential delays reorder as M/M/inf does', async (t) => {
  // Load 1: reordered 3 - e.
  const scenario = linkOnly(1000, 'poisson', exponential)
  await compare('M/M/inf, load 1', scenario, 3 - Math.E, reorderedOf, (text) => t.diagnostic(text))
})

test('uniform delays reorder periodic packets by 1/18 and 1/8 at 1.5 and 2 spacings', async (t) => {
  for (const [high, expected] of [
    ['1500us', 1 / 18],
    ['2ms', 1 / 8],
  ] as const) {
    const scenario = linkOnly(1000, 'periodic', { uniform: { low: '0ns', high } })
    await compare(`D + U(0, ${high})`, scenario, expected, reorderedOf, (text) => t.diagnostic(text))
  }
})

test('two paths of different delay reorder what the fast one overtakes', async (t) => {
  // Fast with p = 3/4, 5 ms apart, Poisson 1000/s: (1 - p)(1 - exp(-lambda p delta)).
  const scenario: ScenarioInput = {
    ...linkOnly(1000, 'poisson', exponential),
    lanes: { count: 2, service: { fixed: '0ns', perByte: '0ns', jitter: 'none' } },
    link: { delay: ['1ms', '6ms'] },
    policies: [{ random: { weights: '3:1' } }],
  }
  const expected = 0.25 * (1 - Math.exp(-0.75 * 5))
  await compare('two paths', scenario, expected, reorderedOf, (text) => t.diagnostic(text))
})

test('equal service times in a shared queue never reorder', async () => {
  const model = { arrivals: 'poisson', service: constant, lanes: 4, load: 0.8, policy: 'any-idle' } as const
  const { policies } = await simulate({ ...scenarioOf(model), duration: '30s' })
  const ratio = policies[0]!.metrics.reorderedRatio as { count: number; of: number }
  assert.equal(ratio.count, 0)
  assert.ok(ratio.of > 80_000)
})

const skip = skipWithout('metrics/oracles.json')
test('the formulas above are those of ../shared', { skip }, () => {
  const { oracles } = readSharedJson<{ oracles: Array<{ model: string; metric: string; value: number }> }>(
    'metrics/oracles.json',
  )
  const values = oracles.map((oracle) => oracle.value)
  for (const expected of [5 / 18, 4 / 9, 0.20833333333333334, 0.23931623931623933, 0.2253818262]) {
    const near = values.some((value) => Math.abs(value - expected) < 1e-8)
    assert.ok(near, `${expected} is among the oracles`)
  }
})
