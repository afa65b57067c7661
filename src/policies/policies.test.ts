/** The contract that every policy keeps, whatever its rule; one case per policy and parameters. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { MetricValue } from '../metrics/metric.ts'
import { simulate } from '../run/simulate.testing.ts'
import type { ScenarioInput } from '../scenario/schema/schema.ts'
import { timeToLiveMistake } from '../scenario/time-to-live.ts'
import { policies } from './index.ts'
import { ask, packetBetween } from './policies.testing.ts'

interface Case {
  readonly name: string
  readonly parameters: Record<string, unknown>
  /** Cannot do with a feedbackDelay. */
  readonly needsFreshView?: boolean
  /** May answer HOLD. */
  readonly holds?: boolean
  /** Reorders in the random scenarios below; those with a TTL of seconds don't within 10 ms. */
  readonly reorders: boolean
  /** Meets a capture's packets from the inside, while lanes write the others. */
  readonly hasReturnTraffic?: boolean
}

const cases: readonly Case[] = [
  { name: 'round-robin', parameters: {}, reorders: true },
  { name: 'random', parameters: {}, reorders: true },
  { name: 'any-idle', parameters: {}, holds: true, reorders: true },
  { name: 'any-idle', parameters: { order: 'longest' }, holds: true, reorders: true },
  { name: 'any-idle', parameters: { order: 'last-look' }, holds: true, reorders: true },
  { name: 'least-loaded', parameters: {}, reorders: true },
  { name: 'two-choices', parameters: {}, reorders: true },
  { name: 'two-choices', parameters: { choices: 3 }, reorders: true },
  { name: 'hash', parameters: {}, reorders: false },
  { name: 'hash', parameters: { key: 'symmetric' }, reorders: false },
  { name: 'hash', parameters: { key: 'address-pair' }, reorders: false },
  { name: 'hash', parameters: { key: 'inner' }, reorders: false },
  { name: 'rss', parameters: {}, reorders: false },
  { name: 'rss', parameters: { key: 'random', udp: '2-tuple', sctp: '4-tuple' }, reorders: false },
  { name: 'rss', parameters: { key: 'symmetric', input: 'address-pair', tableSize: 2 }, reorders: false },
  { name: 'cpu', parameters: {}, reorders: false },
  { name: 'cpu', parameters: { cpus: 3, key: 'symmetric' }, reorders: false },
  { name: 'cpu', parameters: { cpus: 64, key: 'address-pair' }, reorders: false },
  { name: 'lowest-rtt', parameters: {}, holds: true, reorders: true },
  { name: 'lowest-rtt', parameters: { window: 'unlimited' }, holds: true, reorders: true },
  { name: 'rollover', parameters: {}, reorders: true },
  { name: 'rollover', parameters: { rule: 'hash' }, reorders: true },
  { name: 'maglev', parameters: {}, reorders: false },
  { name: 'maglev', parameters: { tableSize: 13 }, reorders: false },
  { name: 'rendezvous', parameters: {}, reorders: false },
  { name: 'flow-pinned', parameters: {}, reorders: false },
  { name: 'flow-pinned', parameters: { ttl: '100us' }, reorders: true },
  { name: 'flow-pinned', parameters: { ttl: 'never', assign: 'least-loaded' }, reorders: false },
  { name: 'flow-pinned', parameters: { ttl: '1ms', assign: 'hash', key: '3-tuple' }, reorders: false },
  {
    name: 'flow-pinned',
    parameters: { ttl: '1ms', assign: 'idle', key: 'address-pair', capacity: 16 },
    reorders: true,
  },
  { name: 'openvpn-fork', parameters: {}, reorders: false },
  // A stage is not foreseen, and nothing from a stale view.
  { name: 'oracle', parameters: {}, needsFreshView: true, reorders: true },
  { name: 'openvpn-fork', parameters: { ttl: '5s', cursor: 'free-running' }, reorders: false },
  // Learns from return traffic only.
  { name: 'linux-tun', parameters: {}, reorders: false },
  { name: 'linux-tun', parameters: {}, hasReturnTraffic: true, reorders: true },
  { name: 'flowlet', parameters: {}, reorders: true },
  { name: 'flowlet', parameters: { gap: '50us', assign: 'round-robin' }, reorders: true },
  { name: 'flowlet', parameters: { gap: '0s', assign: 'least-loaded' }, reorders: true },
  { name: 'drained', parameters: {}, reorders: false },
  { name: 'drained', parameters: { key: 'address-pair' }, reorders: false },
  { name: 'drained', parameters: { key: 'inner' }, reorders: false },
  { name: 'dpdk-distributor', parameters: {}, holds: true, reorders: false },
  { name: 'dpdk-distributor', parameters: { tags: 'as-coded' }, holds: true, reorders: true },
  { name: 'rss-rebalance', parameters: {}, reorders: true },
  { name: 'rss-rebalance', parameters: { tickMin: '100us', tickMax: '1ms' }, reorders: true },
  { name: 'split-by-protocol', parameters: {}, reorders: false },
  { name: 'split-by-protocol', parameters: { udpLanes: 1, rule: 'round-robin' }, reorders: true },
  { name: 'split-by-protocol', parameters: { rule: 'any-idle' }, holds: true, reorders: true },
  { name: 'sprayer', parameters: {}, reorders: true },
  { name: 'sprayer', parameters: { spray: 'any-idle' }, holds: true, reorders: true },
  { name: 'sprayer', parameters: { spray: 'round-robin' }, reorders: true },
]
const labelOf = ({ name, parameters, hasReturnTraffic }: Case) =>
  `${name} ${JSON.stringify(parameters)}${hasReturnTraffic ? ' with return traffic' : ''}`

test('every registered policy is in the contract suite', () => {
  assert.deepEqual([...new Set(cases.map((one) => one.name))].toSorted(), [...policies.keys()].toSorted())
})

test('what policies say of their TTL is true: name, step and grid are those that their schemas take', () => {
  const named = [...policies.values()].filter(({ timeToLive }) => timeToLive !== undefined)
  assert.deepEqual(
    named.map(({ name, timeToLive }) => `${name}:${timeToLive!.parameter}`),
    ['flow-pinned:ttl', 'openvpn-fork:ttl', 'linux-tun:ageing', 'flowlet:gap'],
  )
  for (const { name, timeToLive, parameters } of named) {
    assert.equal(timeToLiveMistake(timeToLive, parameters), undefined, name)
  }
})

/** A small random scenario: little of everything that can reorder, queue and drop. */
const scenarios: fc.Arbitrary<ScenarioInput> = fc
  .record({
    arrivals: fc.constantFrom('poisson' as const, 'periodic' as const),
    load: fc.double({ min: 0.1, max: 1.5, noNaN: true }),
    flows: fc.integer({ min: 1, max: 30 }),
    lanes: fc.integer({ min: 1, max: 6 }),
    cores: fc.constantFrom('all' as const, 'all' as const, 1, 2),
    timeSlice: fc.constantFrom('3ms', '7us'),
    speeds: fc.array(fc.constantFrom(0.25, 1, 3), { minLength: 6, maxLength: 6 }),
    jitter: fc.constantFrom(
      'none' as const,
      { exponential: { mean: '30us' } },
      { pareto: { minimum: '5us', shape: 1.3 } },
    ),
    batch: fc.integer({ min: 1, max: 24 }),
    reader: fc.constantFrom({ perPacket: '0ns', perPass: '0ns' }, { perPacket: '2us', perPass: '5us' }),
    feedbackDelay: fc.constantFrom('0ns', '0ns', '1us', '40us', '2ms'),
    stage: fc.constantFrom('off' as const, { perLane: 6, total: 24 }, { perLane: 2, total: 3 }),
    tunFull: fc.constantFrom('drop' as const, 'stop' as const),
    laneFull: fc.constantFrom('drop' as const, 'hold' as const),
    laneQueue: fc.integer({ min: 1, max: 20 }),
    delay: fc.constantFrom('0ns', '1ms'),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(
    (one): ScenarioInput => ({
      source: {
        synthetic: {
          arrivals: one.arrivals,
          packetsPerSecond: (one.load * one.lanes) / 30e-6,
          flows: { count: one.flows },
        },
      },
      tunQueue: { capacityPackets: 20, onFull: one.tunFull },
      reader: { ...one.reader, batch: one.batch, feedbackDelay: one.feedbackDelay, stage: one.stage },
      lanes: {
        count: one.lanes,
        cores: one.cores === 'all' ? one.cores : Math.min(one.cores, one.lanes),
        timeSlice: one.timeSlice,
        speed: one.speeds.slice(0, one.lanes),
        service: { fixed: '5us', perByte: '4ns', jitter: one.jitter },
        queue: { capacityPackets: one.laneQueue, onFull: one.laneFull },
      },
      link: { delay: one.delay },
      duration: '10ms',
      warmup: '1ms',
      runs: 1,
      seed: one.seed,
    }),
  )

const capture = fileURLToPath(new URL('../../scenarios/captures/ten-net.pcap.gz', import.meta.url))

/** The same machine for both directions of a whole capture, answers written by lanes in turn. */
function withReturnTraffic({ duration: _, warmup: __, ...machine }: ScenarioInput): ScenarioInput {
  const { packetsPerSecond } = (machine.source as { synthetic: { packetsPerSecond: number } }).synthetic
  const direction = { inside: ['10.8.0.2/32'], returnLane: 'round-robin' as const }
  return { ...machine, source: { capture, packetsPerSecond, direction } }
}

const count = (value: MetricValue) => (value as { count: number }).count

for (const one of cases) {
  const { name, parameters } = one
  const policy = [{ [name]: parameters }]

  test(`${labelOf(one)}: gives whole lane numbers in range, or HOLD only where it may`, () => {
    for (const lanes of [1, 2, 5]) {
      const asked = ask(name, parameters, lanes)
      for (let i = 0; i < 500; i++) {
        asked.idle = asked.idle.map((_, lane) => (i * 7 + lane) % 3 === 0)
        const packet = packetBetween(0x0b000000 + (i % 40), 0xc6120000 + (i % 7), i % 2 ? 6 : 17, i % 5, 443)
        const lane = asked.lane(packet, i * 1e5)
        assert.ok(Number.isInteger(lane) && lane < lanes, `lane ${lane}`)
        assert.ok(lane >= 0 || (one.holds === true && lane === -1), `lane ${lane}`)
      }
    }
  })

  test(`${labelOf(one)}: the same seed gives the same choices`, () => {
    const choices = () => {
      const asked = ask(name, parameters, 4)
      return Array.from({ length: 200 }, (_, i) => asked.lane(packetBetween(i % 9, 77), i * 1e6))
    }
    assert.deepEqual(choices(), choices())
  })

  test(`${labelOf(one)}: nothing is lost, one lane never reorders, and its claims on order hold`, async () => {
    let reorderedSomewhere = 0
    await fc.assert(
      fc.asyncProperty(scenarios, async (synthetic) => {
        const drawn = one.hasReturnTraffic ? withReturnTraffic(synthetic) : synthetic
        const reader = one.needsFreshView ? { ...drawn.reader, feedbackDelay: '0ns' } : drawn.reader
        const scenario = { ...drawn, ...(reader === undefined ? {} : { reader }) }
        const { load, warnings, policies: results } = await simulate({ ...scenario, policies: policy })
        const { metrics } = results[0]!
        const dropped = count(metrics.tunQueueDropRatio!) + count(metrics.laneDropRatio!)
        assert.equal((metrics.delivered as number) + dropped, load.packets, 'conservation')
        const reordered = metrics.reorderedRatio === null ? 0 : count(metrics.reorderedRatio!)
        reorderedSomewhere += reordered
        if (one.hasReturnTraffic) assert.ok(load.packets > 1000, 'the capture was played')
        assert.ok(!warnings.join().includes('keepsFlowOrder'), 'no claim is broken')
        const lanes = scenario.lanes!.count!
        const keepsOrder = ask(name, parameters, lanes).policy.keepsFlowOrder
        if (lanes === 1 || keepsOrder) assert.equal(reordered, 0, 'keepsFlowOrder')
        if (keepsOrder && lanes > 1) assert.equal(count(metrics.unsafeMoves ?? { count: 0, of: 0 }), 0)
        const unsafe = metrics.unsafeMoves === null ? 0 : count(metrics.unsafeMoves!)
        if (unsafe === 0) assert.equal(reordered, 0, 'no unsafe move, nothing reordered')
        if (lanes === 1) {
          const inTunnel = metrics['tunnel.reorderedRatio']!
          assert.equal(inTunnel === null ? 0 : count(inTunnel), 0, 'one lane keeps the order of the tunnel')
        }
      }),
      { seed: 2609, numRuns: 60 },
    )
    assert.equal(reorderedSomewhere > 0, one.reorders)
  })
}

test('unequal link delays reorder only after an unsafe move', async () => {
  const delays = fc.array(fc.constantFrom('0ns', '20us', '3ms'), { minLength: 6, maxLength: 6 })
  let reorderedSomewhere = 0
  await fc.assert(
    fc.asyncProperty(scenarios, delays, async (scenario, delay) => {
      const { policies: results } = await simulate({
        ...scenario,
        link: { delay: delay.slice(0, scenario.lanes!.count) },
        policies: ['round-robin', { 'flow-pinned': { ttl: '100us' } }, { 'flow-pinned': { ttl: 'never' } }],
      })
      for (const { metrics } of results) {
        const unsafe = metrics.unsafeMoves === null ? 0 : count(metrics.unsafeMoves!)
        const reordered = metrics.reorderedRatio === null ? 0 : count(metrics.reorderedRatio!)
        reorderedSomewhere += reordered
        if (unsafe === 0) assert.equal(reordered, 0)
      }
    }),
    { seed: 8699, numRuns: 100 },
  )
  assert.ok(reorderedSomewhere > 1000)
})

test('of all policies only those whose rule goes by real addresses or protocols say so', () => {
  const saying = [...policies.values()].filter(({ needsAddresses, parameters }) => {
    return needsAddresses?.(parameters.parse({})) !== undefined
  })
  assert.deepEqual(
    saying.map(({ name }) => name),
    ['openvpn-fork', 'split-by-protocol'],
  )
  const { needsAddresses, parameters } = policies.get('openvpn-fork')!
  assert.equal(needsAddresses!(parameters.parse({ exception: 'none' })), undefined)
})
