import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policiesOf } from '../scenario/policy-specs.ts'
import { type ScenarioInput, scenarioSchema } from '../scenario/schema/schema.ts'
import { estimateOf } from './estimate.ts'

const synthetic = (packetsPerSecond: number, more: Partial<ScenarioInput> = {}): ScenarioInput => ({
  source: { synthetic: { packetsPerSecond, sizes: { fixed: '1000B' } } },
  duration: '10s',
  policies: ['hash', 'any-idle'],
  runs: 1,
  ...more,
})

function estimate(input: ScenarioInput, options: Partial<Parameters<typeof estimateOf>[1]> = {}) {
  const scenario = scenarioSchema.parse(input)
  return estimateOf({ scenario, policies: policiesOf(scenario) }, { threads: 1, ...options })
}
/** What a change adds to the memory, MB. */
const added = (more: Partial<ScenarioInput>, packetsPerSecond = 1000) =>
  (estimate(synthetic(packetsPerSecond, more)).memoryBytes -
    estimate(synthetic(packetsPerSecond)).memoryBytes) /
  1e6

test('packets are the rate times the duration, and each costs a microsecond per policy', () => {
  const { packets, runNs, runs } = estimate(synthetic(5000))
  assert.deepEqual([packets, runNs, runs], [50_000, 50_000 * 2 * 1000, 1])
})

test('a capture has as many packets as its bytes hold at least, in every round', () => {
  const capture = { capture: 'a.pcap', loop: 10 }
  assert.equal(estimate({ source: capture }, { captureBytes: 160_000 }).packets, 1000)
  assert.equal(estimate({ source: capture, duration: '1s' }, { captureBytes: 160_000 }).packets, 100)
})

test('a release window counts four bytes a place, for every policy and thread', () => {
  const release = { window: { size: 1 << 20 } }
  assert.equal(added({ release }), (2 * 4 * (1 << 20)) / 1e6)
  const four = { threads: 4 }
  const runs = { runs: 8 }
  const grown =
    estimate(synthetic(1000, { release, ...runs }), four).memoryBytes -
    estimate(synthetic(1000, runs), four).memoryBytes
  assert.equal(grown, 4 * 2 * 4 * (1 << 20))
})

test('an unlimited queue counts what comes faster than it is served, a bounded one its places', () => {
  // A lane takes 8 us + 4 us + a mean of 20.7 us: four serve 122,000 a second, so 8.8 million wait.
  const unlimited = { tunQueue: { capacityPackets: 'unlimited' as const } }
  const waiting = added(unlimited, 1e6)
  assert.ok(waiting > 2 * 8e6 * 160e-6 && waiting < 2 * 9e6 * 160e-6, `${waiting} MB`)
  assert.ok(added(unlimited, 1000) < 1)
  assert.ok(added({ tunQueue: { capacityPackets: 1000 } }, 1e6) < 1)
})

test('packets on long links and runs without end are counted', () => {
  const far = added({ link: { delay: '1h' } }, 100_000)
  assert.ok(Math.abs(far / (2 * 1e6 * 160e-6) - 1) < 0.01, `${far} MB`)
  assert.ok(added({ runs: 100_000 }) > 10_000)
})

test('distributions without a mean and times without end give numbers', () => {
  const wild = { pareto: { minimum: '1h', shape: 0.5 } }
  const { memoryBytes } = estimate(
    synthetic(1e9, {
      lanes: { service: { jitter: wild } },
      link: { jitter: wild },
      duration: '2400h',
      tunQueue: { capacityPackets: 'unlimited' },
    }),
  )
  assert.ok(memoryBytes > 1e12 && Number.isFinite(memoryBytes), `${memoryBytes}`)
})

test('receivers that are slower than the lanes let packets wait there, without a bound', () => {
  // 20,000 a second come; four threads of 200 us take just as many, two leave 10,000 for each of 10 seconds.
  const service = { fixed: '200us', perByte: '0ns', jitter: 'none' as const }
  const own = added({ receiver: { service } }, 20_000)
  const perPacket = 2 * 160e-6
  const base = added({}, 20_000)
  assert.ok(Math.abs(own - base) < 10 * perPacket, `${own} MB`)
  const shared = added({ receiver: { assign: 'shared', count: 2, service } }, 20_000)
  assert.ok(Math.abs((shared - base) / (100_000 * perPacket) - 1) < 0.01, `${shared} MB`)
})
