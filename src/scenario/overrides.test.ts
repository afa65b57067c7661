/** --set where one key says which of several things is meant: the new one replaces what stood there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scenarioFromText } from './load.ts'
import type { ScenarioInput } from './schema.ts'

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
]

for (const [flags, text, expected] of chosen) {
  test(`--set ${flags.set.join(' --set ')} over "${text}" is as if the file said so`, () => {
    const { scenario } = scenarioFromText(`source: ${JSON.stringify(source)}\n${text}`, 'x.yaml', flags)
    assert.deepEqual(scenario, scenarioFromText(JSON.stringify({ source, ...expected }), 'x.yaml').scenario)
  })
}
