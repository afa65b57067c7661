/**
 * Random machines from an input's bytes, each simulated in several ways that must give the same: on the path
 * that suits it, on the general path (an observer who hears of every packet), and now and then by two threads.
 * Every packet must be accounted for.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { RunResult } from '../../src/metrics/result.ts'
import type * as runs from '../../src/node/runs.ts'
import { simulateWithFiles } from '../../src/node/simulate.ts'
import { planOf } from '../../src/run/plan.ts'
import { policiesOf } from '../../src/scenario/policy-specs.ts'
import { type Scenario, type ScenarioInput, scenarioSchema } from '../../src/scenario/schema/schema.ts'
import { randomStream } from '../../src/sim/random.ts'
import type { Draw } from './mutate.ts'

/** One in so many is simulated by threads as well, of the compiled program: others take seconds to start. */
const THREADS_EVERY = 40
const COMPILED = new URL('../../dist/node/runs.js', import.meta.url).href
const POLICIES = [
  ...['any-idle', 'round-robin', 'hash', 'rss', 'rss-rebalance', 'flow-pinned', 'flow-pinned:ttl', 'flowlet'],
  ...['least-loaded', 'two-choices', 'sprayer', 'random', 'maglev', 'rendezvous', 'openvpn-fork', 'drained'],
  ...['oracle', 'linux-tun', 'dpdk-distributor', 'split-by-protocol'],
]

export function randomScenario(input: Uint8Array): Scenario {
  const random = randomStream(createHash('sha256').update(input).digest('hex'), 0, 'fuzz')
  const draw: Draw = () => random()
  const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!
  const us = (most: number) => `${1 + Math.floor(most * draw())}us`
  const packetsPerSecond = Math.round(10 ** (3.5 + 2.5 * draw()))
  const jitter = pick([
    'none',
    { exponential: { mean: us(100) } },
    { lognormal: { median: us(50), sigma: 1 + draw() } },
    { uniform: { low: '0us', high: us(80) } },
  ] as const)
  const names = [pick(POLICIES), pick(POLICIES), pick(POLICIES)]
  const policies = [...new Set(names)].map((name) =>
    name === 'flow-pinned:ttl' ? { 'flow-pinned': { ttl: us(5000) } } : name,
  )
  const scenario = {
    source: {
      synthetic: {
        packetsPerSecond,
        arrivals: pick(['poisson', 'periodic'] as const),
        flows: { count: 1 + Math.floor(60 * draw()) },
      },
    },
    tunQueue: { capacityPackets: pick([1, 4, 50, 500] as const) },
    reader: {
      perPacket: pick(['0ns', '500ns', '5us'] as const),
      perPass: pick(['0ns', '2us'] as const),
      batch: pick([1, 8, 64] as const),
      ...(draw() < 0.3 && {
        stage: pick([
          { perLane: 1, total: 1 },
          { perLane: 6, total: 24 },
        ] as const),
      }),
      whenLaneBusy: pick(['sleep', 'spin'] as const),
    },
    lanes: {
      count: 1 + Math.floor(8 * draw()),
      queue: { capacityPackets: pick([1, 4, 64, 1000] as const), onFull: pick(['drop', 'hold'] as const) },
      service: { fixed: us(60), perByte: pick(['0ns', '10ns'] as const), jitter, write: us(20) },
      idleAt: pick(['end', 'start-of-write'] as const),
      ...(draw() < 0.3 && {
        stalls: { perSecond: 1 + Math.floor(500 * draw()), length: { constant: { value: us(900) } } },
      }),
    },
    ...(draw() < 0.4 && { cores: { count: 1 + Math.floor(6 * draw()), timeSlice: us(3000) } }),
    ...(draw() < 0.4 && {
      receiver: {
        assign: pick(['own', 'shared'] as const),
        service: { fixed: us(40), perByte: '0ns', jitter },
        wakeUp: pick(['none', { exponential: { mean: us(20) } }] as const),
      },
    }),
    link: {
      delay: pick(['0ns', '300us'] as const),
      ...pick([{}, { loss: 0.01 }, { stream: {} }, { stream: { pingpong: true } }] as const),
    },
    release: pick(['none', 'none', { window: { size: 2 ** (1 + Math.floor(6 * draw())) } }] as const),
    policies,
    duration: `${Math.ceil(((100 + 900 * draw()) / packetsPerSecond) * 1e6)}us`,
    warmup: pick(['0s', '100us'] as const),
    runs: 2,
    seed: Math.floor(1e6 * draw()),
  }
  return scenarioSchema.parse(scenario as unknown as ScenarioInput)
}

let count = 0

/** Throws an AssertionError where ways of running it differ, or a packet isn't accounted for. */
export async function sameHoweverRun(scenario: Scenario): Promise<void> {
  const resolved = { scenario, policies: policiesOf(scenario) }
  const plan = planOf(resolved)
  const plain: RunResult[] = []
  for (const run of [0, 1]) {
    plain.push(await simulateWithFiles(plan, run))
    assert.deepEqual(
      outcomes(await simulateWithFiles(plan, run, { observe: () => ({ onChoice() {} }) })),
      outcomes(plain[run]!),
    )
  }
  plain.forEach(assertConserved)
  if (++count % THREADS_EVERY !== 0) return
  const { runScenario } = (await import(COMPILED)) as typeof runs
  const byThreads = await runScenario(resolved, { jobs: 2 })
  assert.deepEqual(byThreads.map(outcomes), plain.map(outcomes))
}

function outcomes({ policies }: RunResult): unknown {
  return policies.map(({ label, metrics, error }) => ({ label, metrics, error }))
}

/** Of the packets of the sample each was delivered or dropped in one place. */
function assertConserved({ policies }: RunResult): void {
  for (const { label, metrics, error } of policies) {
    assert.equal(error, null, label)
    const events = (name: string) => (metrics[name] as { count: number } | null)?.count ?? 0
    const gone = ['tunQueueDropRatio', 'laneDropRatio', 'linkLossRatio'].reduce(
      (sum, name) => sum + events(name),
      0,
    )
    assert.equal((metrics.delivered as number) + gone, metrics.packets, `${label}: packets that are nowhere`)
  }
}
