/** --set where one key says which of several things is meant: the new one replaces what stood there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scenarioFromText } from './loaded-scenario.ts'
import type { ScenarioInput } from './schema/schema.ts'

const source = { synthetic: { packetsPerSecond: 1000 } }
const chosen: [flags: { set: string[] }, text: string, expected: Partial<ScenarioInput>][] = [
  [
    { set: ['lanes.wakeUp.constant=5us'] },
    'lanes: { wakeUp: { exponential: { mean: 1us } } }',
    { lanes: { wakeUp: { constant: '5us' } } },
  ],
  [
    { set: ['lanes.wakeUp.exponential.mean=2us', 'link.jitter.uniform={ low: 0us, high: 9us }'] },
    'link: { jitter: { constant: 1us } }',
    {
      lanes: { wakeUp: { exponential: { mean: '2us' } } },
      link: { jitter: { uniform: { low: '0us', high: '9us' } } },
    },
  ],
  [
    { set: ['lanes.stalls.length.constant=1ms'] },
    'lanes: { stalls: { perSecond: 5, length: { pareto: { minimum: 200us, shape: 1.8 } } } }',
    { lanes: { stalls: { perSecond: 5, length: { constant: '1ms' } } } },
  ],
  [
    { set: ['lanes.stalls.perSecond=5', 'lanes.stalls.length.exponential.mean=1ms'] },
    '',
    { lanes: { stalls: { perSecond: 5, length: { exponential: { mean: '1ms' } } } } },
  ],
  [
    { set: ['release.sequence.timeout=5ms'] },
    'release: { window: { size: 64 } }',
    { release: { sequence: { timeout: '5ms' } } },
  ],
  [
    { set: ['release.sequence.timeout=5ms', 'release.sequence.bound=8'] },
    '',
    { release: { sequence: { timeout: '5ms', bound: 8 } } },
  ],
  [
    { set: ['release.window.size=32'] },
    'release: { window: { size: 64, at: sender } }',
    { release: { window: { size: 32, at: 'sender' } } },
  ],
  [
    { set: ['policies.0.ttl=5s', 'policies.1.ttl=7s', 'policies.2=random'] },
    'policies: [flow-pinned, { flow-pinned: { key: 3-tuple, ttl: 1s } }, hash]',
    {
      policies: [
        { 'flow-pinned': { ttl: '5s' } },
        { 'flow-pinned': { key: '3-tuple', ttl: '7s' } },
        'random',
      ],
    },
  ],
  [
    { set: ['policies.3.key=5-tuple'] },
    '',
    {
      policies: [
        'any-idle',
        'round-robin',
        'hash',
        { 'flow-pinned': { ttl: '30s', key: '5-tuple' } },
        { 'openvpn-fork': { ttl: '30s' } },
      ],
    },
  ],
  [
    { set: ['policies[0].hash.key=symmetric', 'policies[0].key=address-pair'] },
    'policies: [random]',
    { policies: [{ hash: { key: 'address-pair' } }] },
  ],
]

for (const [flags, text, expected] of chosen) {
  test(`--set ${flags.set.join(' --set ')} over "${text}" is as if the file said so`, () => {
    const { scenario } = scenarioFromText(`source: ${JSON.stringify(source)}\n${text}`, 'x.yaml', flags)
    assert.deepEqual(scenario, scenarioFromText(JSON.stringify({ source, ...expected }), 'x.yaml').scenario)
  })
}
