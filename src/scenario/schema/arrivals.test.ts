/**
 * Synthetic sources in a scenario: what may be written, what comes of it, and what is told about mistakes.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserError } from '../../errors.ts'
import { CHUNK_PACKETS, PacketChunk } from '../../model/packets/chunk.ts'
import { openBytes } from '../../node/open-bytes.ts'
import { planOf } from '../../run/plan.ts'
import { refill } from '../../traffic/refill.testing.ts'
import { scenarioFromText } from '../loaded-scenario.ts'

const withSynthetic = (text: string) =>
  `source: { synthetic: { packetsPerSecond: 10000, ${text} } }\npolicies: [hash]\nlanes: { service: { jitter: none } }\n`

function loaded(text: string, set: readonly string[] = []) {
  const { scenario, policies } = scenarioFromText(withSynthetic(text), 's.yaml', { set })
  assert.ok('synthetic' in scenario.source)
  return { scenario, policies, synthetic: scenario.source.synthetic }
}

test('an arrival process is kept as written, without parameters as its name', () => {
  const onOff = { 'on-off': { on: '10ms', off: '90ms' } }
  for (const [written, kept] of [
    ['periodic', 'periodic'],
    ['{ poisson: {} }', 'poisson'],
    ['{ poisson: }', 'poisson'],
    ['{ on-off: { on: 10ms, off: 90ms } }', onOff],
  ] as const) {
    assert.deepEqual(loaded(`arrivals: ${written}`).synthetic.arrivals, kept)
  }
})

test('--set changes one parameter, or the process', () => {
  const set = (...changes: string[]) =>
    loaded('arrivals: { on-off: { on: 10ms, off: 90ms } }', changes).synthetic
  const arrivals = 'source.synthetic.arrivals'
  assert.deepEqual(set(`${arrivals}.on-off.on=1ms`).arrivals, { 'on-off': { on: '1ms', off: '90ms' } })
  assert.deepEqual(set(`${arrivals}.pareto-on-off.on=1ms`, `${arrivals}.pareto-on-off.off=2ms`).arrivals, {
    'pareto-on-off': { on: '1ms', off: '2ms' },
  })
  const lifetime = 'source.synthetic.flows.lifetime'
  assert.deepEqual(set(`${lifetime}.constant=1s`, `${lifetime}.exponential.mean=2s`).flows.lifetime, {
    exponential: { mean: '2s' },
  })
})

test('flows without a lifetime have no such key', () => {
  assert.deepEqual(loaded('flows: { count: 7 }').synthetic.flows, { count: 7, popularity: 'uniform' })
})

test('what a scenario says about packets reaches the source', async () => {
  const states = '{ markov-modulated: { states: [{ rate: 1, sojourn: 9ms }, { rate: 100, sojourn: 1ms }] } }'
  const { scenario, policies } = loaded(
    `arrivals: ${states}, flows: { count: 2, lifetime: { exponential: { mean: 10ms } } }, ` +
      'sizes: { empirical: { values: [64B, 1.5kB], weights: [3, 1] } }',
  )
  const source = await planOf({ scenario, policies }).openTraffic(0, openBytes)
  const chunk = new PacketChunk()
  await refill(source, chunk)
  assert.equal(chunk.count, CHUNK_PACKETS)
  assert.deepEqual(new Set(chunk.sizeBytes), new Set([64, 1500]))
  const small = chunk.sizeBytes.filter((size) => size === 64).length / CHUNK_PACKETS
  assert.ok(Math.abs(small - 0.75) < 0.02, `${small}`)
  // About 1.6 s at 2 / 10 ms new flows per second, of which not all have packets.
  assert.ok(source.flows.count > 100 && source.flows.count < 500, `${source.flows.count}`)
  // 100 of 109 packets come in the bursts, 91,743 per second; 1 - 1/e of their gaps are shorter than the
  // mean.
  const gaps = chunk.arrivalNs.map((ns, i) => ns - (chunk.arrivalNs[i - 1] ?? 0))
  const short = gaps.filter((gap) => gap < 1e9 / 91_743).length / CHUNK_PACKETS
  assert.ok(Math.abs(short - (100 / 109) * (1 - Math.exp(-1))) < 0.05, `${short}`)
})

test('whatever is random about the packets makes several runs worth while', () => {
  const runs = (text: string) => {
    const { scenario, policies } = loaded(text)
    return planOf({ scenario, policies }).runs
  }
  assert.equal(runs('arrivals: periodic, flows: { count: 1 }'), 1)
  assert.equal(runs('arrivals: poisson, flows: { count: 1 }'), 5)
  assert.equal(runs('arrivals: { on-off: { on: 1ms, off: 1ms } }, flows: { count: 1 }'), 5)
  assert.equal(runs('arrivals: periodic, flows: { count: 2 }'), 5)
  assert.equal(runs('arrivals: periodic, flows: { count: 1, lifetime: { constant: 1s } }'), 5)
  assert.equal(runs('arrivals: periodic, flows: { count: 1, lifetime: none }'), 1)
  assert.equal(runs('arrivals: periodic, flows: { count: 1 }, sizes: imix'), 5)
  assert.equal(runs('arrivals: periodic, flows: { count: 1 }, sizes: { empirical: { values: [64B] } }'), 5)
})

const MISTAKES: ReadonlyArray<readonly [text: string, path: string, reason: string]> = [
  [
    'arrivals: poison',
    'arrivals',
    'unknown arrival process "poison" - did you mean "poisson"? (lanewise list sources)',
  ],
  [
    'arrivals: bursty',
    'arrivals',
    'unknown arrival process "bursty" - known are poisson, periodic, on-off, pareto-on-off and markov-modulated (lanewise list sources)',
  ],
  [
    'arrivals: on-off',
    'arrivals',
    'on-off needs its parameters - write it like { on-off: { ... } } (lanewise list sources)',
  ],
  ['arrivals: 5', 'arrivals', 'expected an arrival process, or a map from it to its parameters, got 5'],
  ['arrivals: {}', 'arrivals', 'expected one arrival process, got an empty map - keep one'],
  [
    'arrivals: { poisson: {}, periodic: {} }',
    'arrivals',
    'expected one arrival process, got a map with poisson and periodic - keep one',
  ],
  [
    'arrivals: { on-of: { on: 1ms } }',
    'arrivals.on-of',
    'unknown arrival process "on-of" - did you mean "on-off"? (lanewise list sources)',
  ],
  ['arrivals: { on-off: { on: 1ms } }', 'arrivals.on-off.off', 'missing - expected a duration like "8us"'],
  [
    'arrivals: { on-off: { on: 10, off: 1ms } }',
    'arrivals.on-off.on',
    '10 has no unit - write it like "8us", "30ms" or "5s"',
  ],
  [
    'arrivals: { pareto-on-off: { on: 1ms, off: 1ms, shape: 1 } }',
    'arrivals.pareto-on-off.shape',
    'expected a number above 1 and of at most 1000000, got 1',
  ],
  [
    'arrivals: { markov-modulated: { states: [{ rate: 1, sojurn: 1ms, sojourn: 9ms }, { rate: 2, sojourn: 1ns }] } }',
    'arrivals.markov-modulated.states[0].sojurn',
    'unknown key - did you mean "sojourn"?',
  ],
  [
    'flows: { lifetime: { exponental: { mean: 1s } } }',
    'flows.lifetime.exponental',
    'unknown distribution "exponental" - did you mean "exponential"? (lanewise list distributions)',
  ],
  [
    'flows: { lifetime: { constant: 0s } }',
    'flows.lifetime',
    'a flow of no lifetime sends nothing - give it a longer one, or leave lifetime out',
  ],
  [
    'flows: { lifetime: { pareto: { minimum: 1s, shape: 1 } } }',
    'flows.lifetime',
    'has no mean, so that no rate of new flows follows - use a shape above 1',
  ],
  [
    'sizes: { empirical: { values: [64B, 19B] } }',
    'sizes.empirical.values[1]',
    '19B is no size of an IP packet - use 20B to 65535B',
  ],
  [
    'sizes: { empirical: { values: [64B], weights: [1, 2] } }',
    'sizes.empirical',
    'values and weights differ in number - give one weight per value',
  ],
  [
    'sizes: { empirical: { values: [] } }',
    'sizes.empirical.values',
    'the list is empty - give at least one size',
  ],
  [
    'sizes: 700B',
    'sizes',
    'expected "imix", { fixed: 700B } or { empirical: { values: [64B,1500B], weights: [3,1] } }, got "700B"',
  ],
]

for (const [text, path, reason] of MISTAKES) {
  test(`${text} is told what is wrong`, () => {
    assert.throws(
      () => loaded(text),
      (error) => {
        assert.ok(error instanceof UserError)
        assert.equal(error.lines[0]!.replace(/^s\.yaml:1:\d+ /, ''), `source.synthetic.${path}: ${reason}`)
        return true
      },
    )
  })
}
