import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DispatchPolicy, Packet } from '../model/policy.ts'
import { simulateWithFiles } from '../node/simulate.ts'
import { resolvePolicies } from '../scenario/policy-specs.ts'
import { type ScenarioInput, scenarioSchema } from '../scenario/schema/schema.ts'
import { type Plan, planOf } from './plan.ts'
import { simulate } from './simulate.testing.ts'

const base: ScenarioInput = {
  source: { synthetic: { packetsPerSecond: 50_000, flows: { count: 20 } } },
  duration: '50ms',
  runs: 1,
}

function planWith(policies: Record<string, DispatchPolicy['choose']>): Plan {
  const instance = (name: string, choose: DispatchPolicy['choose']) => ({
    name,
    keepsFlowOrder: false,
    choose,
  })
  const own = Object.entries(policies).map(
    ([label, choose]) => [label, () => instance(label, choose)] as const,
  )
  return planMaking(Object.fromEntries(own))
}

/** hash, and policies whose create does as the test says. */
function planMaking(policies: Record<string, () => unknown>, more: ScenarioInput = base): Plan {
  const scenario = scenarioSchema.parse({ ...more, policies: ['hash'] })
  const plan = planOf({ scenario, policies: resolvePolicies(scenario.policies) })
  const own = Object.entries(policies).map(([label, create]) => ({
    label,
    create: create as () => DispatchPolicy,
  }))
  return { ...plan, policies: [...plan.policies, ...own] }
}

test('a policy that fails ends alone, with one line that names it, the packet and the answer', async () => {
  const plan = planWith({
    'not-a-number': (packet) => (packet.index === 7 ? Number.NaN : 0),
    'out-of-range': () => 4,
    text: () => '1' as unknown as number,
    promise: () => Promise.resolve(1) as unknown as number,
    nothing: () => undefined as unknown as number,
    big: () => 1n as unknown as number,
    throws: () => {
      throw new Error('table is\nfull')
    },
    'throws-text': () => {
      throw 'no'
    },
    'throws-object': () => {
      throw Object.create(null)
    },
    fine: () => 1,
  })
  const { policies } = await simulateWithFiles(plan, 0)
  const cure = 'choose must return a whole number from 0 to 3, or HOLD (-1)'
  assert.deepEqual(
    policies.map((policy) => policy.error),
    [
      null,
      `policy not-a-number: chose lane NaN for packet 7 - ${cure}`,
      `policy out-of-range: chose lane 4 for packet 0 - ${cure}`,
      `policy text: chose lane "1" for packet 0 - ${cure}`,
      `policy promise: chose lane [Promise] for packet 0 - ${cure}`,
      `policy nothing: chose lane undefined for packet 0 - ${cure}`,
      `policy big: chose lane 1n for packet 0 - ${cure}`,
      'policy throws: threw at packet 0, table is full',
      'policy throws-text: threw at packet 0, no',
      'policy throws-object: threw at packet 0, [Object]',
      null,
    ],
  )
  assert.deepEqual(policies[1]!.metrics, {})
  assert.ok((policies.at(-1)!.metrics.delivered as number) > 500)
})

const sound = { name: 'x', keepsFlowOrder: false, choose: () => 1 }

test('an error in onPass names the packet that the policy was asked of last', async () => {
  let passes = 0
  const onPass = () => {
    if (++passes === 513) throw new Error('broken')
  }
  const create = () => ({ name: 'fails', keepsFlowOrder: false, choose: () => 0, onPass })
  const { policies } = await simulateWithFiles(planMaking({ fails: create }, { ...base, warmup: '0s' }), 0)
  assert.equal(policies[1]!.error, 'policy fails: threw at packet 511, broken')
})

test('a policy that writes to the packet or its flow ends alone, and changes nothing for those after it', async () => {
  const writes: Record<string, (packet: Packet) => void> = {
    index: (packet) => Object.assign(packet.flow, { index: 0 }),
    hash: (packet) => Object.assign(packet.flow, { hash5Tuple: 0 }),
    mark: (packet) => Object.assign(packet.flow, { lane: 1 }),
    defined: (packet) => Object.defineProperty(packet.flow, 'index', { value: 0 }),
    removed: (packet) => Object.setPrototypeOf(packet.flow, null),
    packet: (packet) => Object.assign(packet, { sizeBytes: 0 }),
    flow: (packet) => Object.assign(packet, { flow: 0 }),
    row: (packet) => Object.assign(packet, { row: 1 }),
  }
  const choices = Object.entries(writes).map(([name, write]): [string, DispatchPolicy['choose']] => [
    name,
    (packet) => {
      write(packet)
      return 0
    },
  ])
  const plan = planWith(Object.fromEntries(choices))
  const [hash, ...writers] = plan.policies
  const alone = await simulateWithFiles({ ...plan, policies: [hash!] }, 0)
  const { policies } = await simulateWithFiles({ ...plan, policies: [...writers, hash!] }, 0)
  for (const { label, error } of policies.slice(0, -1)) {
    assert.match(error!, new RegExp(`^policy ${label}: threw at packet 0, .*(property|extensible)`))
  }
  assert.deepEqual(policies.at(-1), alone.policies[0])
})

test('a policy whose create fails ends alone, with one line', async () => {
  const plan = planMaking({
    throws: () => {
      throw new Error('no table')
    },
    nothing: () => undefined,
    later: async () => sound,
    'no-choose': () => ({ name: 'x' }),
    'choose-no-function': () => ({ ...sound, choose: 1 }),
    'timer-no-function': () => ({ ...sound, nextTimerNs: 5e9 }),
    fine: () => sound,
  })
  const { policies } = await simulateWithFiles(plan, 0)
  const cure = 'it must return an object with choose(packet, lanes, nowNs)'
  assert.deepEqual(
    policies.map(({ error }) => error),
    [
      null,
      'policy throws: threw at create, no table',
      `policy nothing: create gave undefined - ${cure}`,
      `policy later: create gave [Promise] - ${cure}`,
      `policy no-choose: create gave [Object] - ${cure}`,
      `policy choose-no-function: create gave [Object] - ${cure}`,
      'policy timer-no-function: nextTimerNs is 5000000000 - it must be a function, or be left out',
      null,
    ],
  )
  assert.deepEqual(policies[1]!.metrics, {})
  assert.deepEqual(policies.at(-1)!.metrics['laneUtilization[0]'], 0)
})

for (const warmup of ['0s', '5ms']) {
  test(`a policy whose counters are no numbers ends alone, with one line (warm-up ${warmup})`, async () => {
    const counting = (counters: () => unknown) => () => ({ ...sound, counters })
    const plan = planMaking(
      {
        throws: counting(() => {
          throw new Error('lost\ncount')
        }),
        nan: counting(() => ({ tableHits: 1, rate: Number.NaN })),
        text: counting(() => ({ rate: '7' })),
        nothing: counting(() => undefined),
        taken: counting(() => ({ delivered: 3 })),
        fine: counting(() => ({ drops: 7 })),
      },
      { ...base, warmup },
    )
    const { policies } = await simulateWithFiles(plan, 0)
    assert.deepEqual(
      policies.map(({ error }) => error),
      [
        null,
        'policy throws: counters threw, lost count',
        'policy nan: counters gave NaN for rate - it must be a number, and finite',
        'policy text: counters gave "7" for rate - it must be a number, and finite',
        'policy nothing: counters gave undefined - it must return numbers by name',
        'policy taken: counters has delivered, which is a metric already - give it another name',
        null,
      ],
    )
    assert.deepEqual(policies[1], { ...policies[1], metrics: {}, flows: [], distributions: [] })
    assert.equal(policies[6]!.metrics.drops, warmup === '0s' ? 7 : 0)
  })
}

test('what policies say of a run stands among its warnings; what is no list of lines ends a policy alone', async () => {
  const remarking = (remarks: () => unknown) => () => ({ ...sound, remarks })
  const plan = planMaking({
    two: remarking(() => ['one thing', 'and another']),
    none: remarking(() => []),
    throws: remarking(() => {
      throw new Error('lost')
    }),
    text: remarking(() => 'one thing'),
    numbers: remarking(() => [7]),
  })
  const { policies, warnings } = await simulateWithFiles(plan, 0)
  assert.deepEqual(warnings, ['policy two: one thing', 'policy two: and another'])
  assert.deepEqual(
    policies.flatMap(({ error }) => error ?? []),
    [
      'policy throws: remarks threw, lost',
      'policy text: remarks gave "one thing" - it must return a list of lines',
      'policy numbers: remarks gave [Array] - it must return a list of lines',
    ],
  )
})

test('a policy that says it keeps the order of flows and does not is warned about, where links keep it', async () => {
  let next = 0
  const create = () => ({ name: 'x', keepsFlowOrder: true, choose: () => next++ % 4 })
  const warnings = async (more: Partial<ScenarioInput>) => {
    const { policies, warnings } = await simulateWithFiles(
      planMaking({ liar: create }, { ...base, ...more }),
      0,
    )
    assert.ok((policies[1]!.metrics.reorderedRatio as { count: number }).count > 0)
    return warnings
  }
  const line =
    'policy liar: says keepsFlowOrder, but packets of a flow were overtaken - fix its rule, or say false'
  assert.deepEqual(await warnings({}), [line])
  assert.deepEqual(await warnings({ link: { delay: '5ms' } }), [line])
  assert.deepEqual(await warnings({ receiver: {} }), [])
  assert.deepEqual(await warnings({ link: { stream: {} } }), [])
  assert.deepEqual(await warnings({ link: { perLane: false, jitter: { exponential: { mean: '1ms' } } } }), [
    line,
  ])
  assert.deepEqual(await warnings({ link: { delay: ['0ns', '1ms', '0ns', '1ms'] } }), [])
  assert.deepEqual(await warnings({ link: { jitter: { exponential: { mean: '1ms' } } } }), [])
  assert.deepEqual(await warnings({ link: { rateBps: 1e9 } }), [])
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
