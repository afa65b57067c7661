/**
 * --set where one key says which of several things is meant: the new one replaces what stood there; and
 * beside other flags, whatever their order.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserError } from '../errors.ts'
import { scenarioFromText } from './loaded-scenario.ts'
import type { Overrides } from './overrides.ts'
import type { ScenarioInput } from './schema/schema.ts'

const source = { synthetic: { packetsPerSecond: 1000 } }
const chosen: [flags: Overrides & { set: string[] }, text: string, expected: Partial<ScenarioInput>][] = [
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
  [
    { set: ['policies.0.ttl=5s', 'policies.1=random'], policies: ['flow-pinned:key=3-tuple', 'hash'] },
    'policies: [any-idle, hash]',
    { policies: [{ 'flow-pinned': { key: '3-tuple', ttl: '5s' } }, 'random'] },
  ],
  [
    { set: ['lanes.speed[0]=2', 'lanes.count=8'] },
    'lanes: { count: 2 }',
    { lanes: { count: 8, speed: [2, 1, 1, 1, 1, 1, 1, 1] } },
  ],
  [
    { set: ['lanes.count=8', 'lanes={ count: 3 }', 'link.loss[2]=0.5'] },
    '',
    { lanes: { count: 3 }, link: { loss: [0, 0, 0.5] } },
  ],
]

for (const [flags, text, expected] of chosen) {
  test(`--set ${flags.set.join(' --set ')}${flags.policies === undefined ? '' : ` -p ${flags.policies.join(' -p ')}`} over "${text}" is as if the file said so`, () => {
    const { scenario } = scenarioFromText(`source: ${JSON.stringify(source)}\n${text}`, 'x.yaml', flags)
    assert.deepEqual(scenario, scenarioFromText(JSON.stringify({ source, ...expected }), 'x.yaml').scenario)
  })
}

const mistakes: [flags: Overrides, lines: string[]][] = [
  [
    { set: ['policies.0.ttl=nonsense'], policies: ['flow-pinned'] },
    ['--set policies.0.ttl=nonsense: "nonsense" is not a quantity - write it like "8us", "30ms" or "5s"'],
  ],
  [
    { set: ['policies=[hash]'], policies: ['flow-pinned'] },
    ['--set policies=[hash]: -p names all policies too - leave out one of the two'],
  ],
]
for (const [flags, lines] of mistakes) {
  test(`--set ${flags.set} beside -p ${flags.policies} is told, not lost`, () => {
    assert.throws(
      () => scenarioFromText(JSON.stringify({ source }), 'x.yaml', flags),
      (error: UserError) => {
        assert.deepEqual(error.lines, lines)
        return error.exitCode === 2
      },
    )
  })
}

test('what a scan sets leads into the list of -p, and knows the lanes of the same point', () => {
  const { scenario } = scenarioFromText(JSON.stringify({ source }), 'x.yaml', {
    policies: ['hash', 'flow-pinned'],
    set: ['link.loss.1=0.5'],
    settings: [
      { flag: '-L policies.1.ttl=1s,2s, at 2s', path: ['policies', 1, 'ttl'], value: '2s' },
      { flag: '-P lanes.speed.0=1:2:1, at 2', path: ['lanes', 'speed', 0], value: 2 },
      { flag: '-P lanes.count=3:4:1, at 3', path: ['lanes', 'count'], value: 3 },
    ],
  })
  assert.deepEqual(scenario.policies, ['hash', { 'flow-pinned': { ttl: '2s' } }])
  assert.deepEqual(
    [scenario.lanes.speed, scenario.link.loss],
    [
      [2, 1, 1],
      [0, 0.5, 0],
    ],
  )
})
