/**
 * Defaults as the design lists them, and that an expanded scenario is itself a scenario with the same
 * meaning.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type ScenarioInput, scenarioSchema } from './schema.ts'

const assumed = {
  rtt: '20ms',
  playout: ['20ms', '60ms'],
  replayWindows: [64, 129, 1024, 8128],
  rfc5236: { variant: 'corrected', thresholdPackets: 64 },
}

const DEFAULTS = {
  topology: 'dispatcher',
  tunQueue: { capacityPackets: 500, onFull: 'drop' },
  reader: { perPacket: '0ns', perPass: '0ns', batch: 1, feedbackDelay: '0ns', stage: 'off' },
  lanes: {
    count: 4,
    cores: 'all',
    timeSlice: '3ms',
    speed: 1,
    service: { fixed: '8us', perByte: '4ns', jitter: { lognormal: { median: '15us', sigma: 0.8 } } },
    wakeUp: 'none',
    stalls: 'none',
    queue: { capacityPackets: 1000, onFull: 'drop' },
  },
  link: { perLane: true, delay: '0ns', jitter: 'none', loss: 0, rateBps: 'unlimited', keepsOrder: true },
  release: 'none',
  policies: [
    'any-idle',
    'round-robin',
    'hash',
    { 'flow-pinned': { ttl: '30s', key: 'address-pair' } },
    { 'openvpn-fork': { ttl: '30s' } },
  ],
  assume: assumed,
  runs: 5,
  seed: 1,
}

describe('a scenario', () => {
  it('of a capture needs nothing else', () => {
    assert.deepEqual(scenarioSchema.parse({ source: { capture: 'a.pcap' } }), {
      source: { capture: 'a.pcap', speed: 1, loop: 1, clock: 'poisson', sort: false, direction: 'both' },
      ...DEFAULTS,
      warmup: '0s',
    })
  })

  it('of synthetic packets needs their rate', () => {
    assert.deepEqual(scenarioSchema.parse({ source: { synthetic: { packetsPerSecond: 1e5 } } }), {
      source: {
        synthetic: {
          arrivals: 'poisson',
          packetsPerSecond: 1e5,
          flows: { count: 1000, popularity: 'uniform' },
          sizes: { fixed: '700B' },
          protocols: { tcp: 0.8, udp: 0.2 },
        },
        direction: 'both',
      },
      ...DEFAULTS,
      duration: '10s',
      warmup: '500ms',
    })
  })

  const warmups: [duration: string, warmup: string][] = [
    ['1s', '50ms'],
    ['1min', '3s'],
    ['100ms', '5ms'],
    ['0.5s', '25ms'],
    ['10ns', '1ns'],
    ['1.234567s', '61728350ns'],
  ]
  for (const [duration, warmup] of warmups) {
    it(`of synthetic packets over ${duration} warms up for 5 %: ${warmup}`, () => {
      const source = { synthetic: { packetsPerSecond: 1 } }
      assert.equal(scenarioSchema.parse({ source, duration }).warmup, warmup)
      assert.equal(scenarioSchema.parse({ source, duration, warmup: '0s' }).warmup, '0s')
      assert.equal(scenarioSchema.parse({ source: { capture: 'a' }, duration }).warmup, '0s')
    })
  }

  it('keeps a protocol that is left out at no share', () => {
    const source = { synthetic: { packetsPerSecond: 1, protocols: { udp: 1 } } }
    assert.deepEqual(scenarioSchema.parse({ source }).source, {
      synthetic: {
        arrivals: 'poisson',
        packetsPerSecond: 1,
        flows: { count: 1000, popularity: 'uniform' },
        sizes: { fixed: '700B' },
        protocols: { tcp: 0, udp: 1 },
      },
      direction: 'both',
    })
  })

  it('takes a policy without parameters in any spelling as its name', () => {
    const { policies } = scenarioSchema.parse({
      source: { capture: 'a' },
      policies: ['hash', { 'round-robin': null }, { 'any-idle': {} }],
    } as unknown as ScenarioInput)
    assert.deepEqual(policies, ['hash', 'round-robin', 'any-idle'])
  })

  it('expanded gives itself, key by key in the same order', () => {
    fc.assert(
      fc.property(someScenario, (input) => {
        const expanded = scenarioSchema.parse(input)
        assert.equal(JSON.stringify(scenarioSchema.parse(expanded)), JSON.stringify(expanded))
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

const duration = fc.constantFrom('0ns', '8us', '1.5ms', '2s')
const somePolicy = fc.constantFrom('hash', 'round-robin', { 'flow-pinned': { ttl: 'never' } }, { random: {} })
const some = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { requiredKeys: [] })

const someScenario = fc
  .record(
    {
      title: fc.string(),
      source: fc.oneof(
        fc.record(
          {
            capture: fc.constant('a.pcap'),
            packetsPerSecond: fc.constantFrom(1, 0.5, 20000),
            loop: fc.constant(3),
          },
          { requiredKeys: ['capture'] },
        ),
        fc.record({
          synthetic: fc.record(
            {
              packetsPerSecond: fc.constantFrom(1, 1e6),
              arrivals: fc.constantFrom(
                'poisson',
                'periodic',
                { poisson: {} },
                { 'pareto-on-off': { on: '10ms', off: '90ms' } },
              ),
              flows: some({
                count: fc.integer({ min: 1, max: 1_000_000 }),
                popularity: fc.constant({ zipf: { exponent: 1.1 } }),
                lifetime: fc.constantFrom('none', { exponential: { mean: '1s' } }),
              }),
              sizes: fc.constantFrom('imix', { fixed: '64B' }, { empirical: { values: ['64B', '1.5kB'] } }),
            },
            { requiredKeys: ['packetsPerSecond'] },
          ),
        }),
      ),
      tunQueue: some({ capacityPackets: fc.constantFrom(1, 'unlimited'), onFull: fc.constant('stop') }),
      reader: some({
        perPacket: duration,
        batch: fc.constant(24),
        feedbackDelay: duration,
        stage: fc.constantFrom('off', {}, { perLane: 2 }),
      }),
      lanes: some({
        cores: fc.constantFrom('all', 1, 4),
        timeSlice: fc.constantFrom('3ms', '1us'),
        speed: fc.constantFrom(0.5, [1, 2, 3, 4]),
        service: some({
          fixed: duration,
          perByte: fc.constant(['0.8ns', '1ns', '1ns', '0ns']),
          jitter: fc.constantFrom('none', { constant: '5us' }, { gamma: { mean: '1us', shape: 2 } }),
        }),
      }),
      link: some({ delay: duration }),
      policies: fc.uniqueArray(somePolicy, { minLength: 1 }),
      runs: fc.constant(3),
      seed: fc.oneof(fc.integer(), fc.string()),
      duration: fc.constantFrom('5s', '3min'),
      warmup: duration,
    },
    { requiredKeys: ['source'] },
  )
  .map((input) => input as unknown as ScenarioInput)
