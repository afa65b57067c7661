import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DispatchPolicy } from '../model/policy.ts'
import { type Plan, planOf } from './build.ts'
import { resolvePolicies } from './policies.ts'
import { simulateRun } from './run.ts'
import { type ScenarioInput, scenarioSchema } from './schema.ts'
import { simulate } from './simulate.testing.ts'

const base: ScenarioInput = {
  source: { synthetic: { packetsPerSecond: 50_000, flows: { count: 20 } } },
  duration: '50ms',
  runs: 1,
}

function planWith(policies: Record<string, DispatchPolicy['choose']>): Plan {
  const scenario = scenarioSchema.parse({ ...base, policies: ['hash'] })
  const plan = planOf({ scenario, policies: resolvePolicies(scenario.policies) })
  const own = Object.entries(policies).map(([label, choose]) => ({
    label,
    create: (): DispatchPolicy => ({ name: label, keepsFlowOrder: false, choose }),
  }))
  return { ...plan, policies: [...plan.policies, ...own] }
}

test('a policy that fails ends alone, with one line that names it, the packet and the answer', async () => {
  const plan = planWith({
    'not-a-number': (packet) => (packet.index === 7 ? Number.NaN : 0),
    'out-of-range': () => 4,
    throws: () => {
      throw new Error('table is\nfull')
    },
    'throws-text': () => {
      throw 'no'
    },
    fine: () => 1,
  })
  const { policies } = await simulateRun(plan, 0)
  const cure = 'choose must return a whole number from 0 to 3, or HOLD (-1)'
  assert.deepEqual(
    policies.map((policy) => policy.error),
    [
      null,
      `policy not-a-number: chose lane NaN for packet 7 - ${cure}`,
      `policy out-of-range: chose lane 4 for packet 0 - ${cure}`,
      'policy throws: threw at packet 0, table is full',
      'policy throws-text: threw at packet 0, no',
      null,
    ],
  )
  assert.deepEqual(policies[1]!.metrics, {})
  assert.ok((policies[5]!.metrics.delivered as number) > 500)
})

test('a policy gets the same packets, work and choices whatever other policies there are', async () => {
  const alone = await simulate({ ...base, policies: ['random'] })
  const among = await simulate({ ...base, policies: ['any-idle', 'random', 'hash'] })
  assert.deepEqual(among.policies[1], alone.policies[0])
  assert.deepEqual(among.load, alone.load)
})

test('runs differ, and each can be had alone', async () => {
  const [first, second] = [await simulate(base, { run: 0 }), await simulate(base, { run: 1 })]
  assert.notDeepEqual(first.load, second.load)
  assert.deepEqual(await simulate(base, { run: 1 }), second)
})

test('the warm-up is simulated but not in the sample', async () => {
  const whole = await simulate({ ...base, warmup: '0s' })
  const later = await simulate({ ...base, warmup: '25ms' })
  assert.ok(later.load.packets < whole.load.packets * 0.6)
  const { metrics } = later.policies[0]!
  assert.equal(metrics.packets, later.load.packets)
  assert.equal((metrics['tunnel.reorderedRatio'] as { of: number }).of, later.load.packets)
})

test('a source ends at the duration, and what is inside still leaves', async () => {
  const { load, policies } = await simulate({ ...base, duration: '10ms', warmup: '0s' })
  assert.ok(load.spanNs < 10e6)
  assert.equal(policies[0]!.metrics.delivered, load.packets)
})

test('nothing random means one run', () => {
  const still: ScenarioInput = {
    source: { synthetic: { arrivals: 'periodic', packetsPerSecond: 1000, flows: { count: 1 } } },
    lanes: { service: { jitter: 'none' } },
    policies: ['round-robin', 'hash'],
    runs: 7,
  }
  const runsOf = (input: ScenarioInput) => {
    const scenario = scenarioSchema.parse(input)
    return planOf({ scenario, policies: resolvePolicies(scenario.policies) }).runs
  }
  assert.equal(runsOf(still), 1)
  assert.equal(runsOf({ ...still, lanes: { service: { jitter: { constant: '5us' } } } }), 1)
  assert.equal(runsOf({ ...still, policies: ['random'] }), 7)
  assert.equal(runsOf({ ...still, lanes: {} }), 7)
  assert.equal(runsOf(base), 1)
})
