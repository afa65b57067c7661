import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scenarioSchema } from '../scenario/schema.ts'
import { madeReport } from './made-results.testing.ts'
import { headFacts, hints } from './words.ts'

test('the head names the source, an arrival process with its parameters', () => {
  const states = [
    { rate: 1, sojourn: '90ms' },
    { rate: 20, sojourn: '10ms' },
  ]
  for (const [arrivals, words] of [
    ['periodic', 'synthetic periodic'],
    [{ 'on-off': { on: '10ms', off: '90ms' } }, 'synthetic on-off (on 10ms, off 90ms)'],
    [{ 'markov-modulated': { states } }, 'synthetic markov-modulated (2 states)'],
  ] as const) {
    const scenario = scenarioSchema.parse({ source: { synthetic: { packetsPerSecond: 1, arrivals } } })
    const facts = new Map(headFacts({ ...madeReport(), scenario }))
    assert.equal(facts.get('source')?.split(':')[0], words)
  }
})

test('without a packet to judge, the hint names what may have left them out', () => {
  const empty = madeReport()
  const load = { ...empty.load, mean: { ...empty.load.mean, packets: 0 } }
  const capture = { capture: 'made.pcap' }
  const inside = { ...capture, direction: { inside: ['10.9.0.0/24', 'fd09::/64'] } }
  const synthetic = { synthetic: { packetsPerSecond: 1 } }
  const from = 'No packet arrived from 10.9.0.0/24, fd09::/64'
  for (const [more, hint] of [
    [
      { source: inside },
      `${from}, so there is nothing to compare: check the prefixes of source.direction.inside.`,
    ],
    [
      { source: inside, warmup: '1s' },
      `${from} after the warm-up, so there is nothing to compare: check the prefixes of source.direction.inside, or shorten the warm-up (-w 0s).`,
    ],
    [
      { source: capture, warmup: '1s' },
      'No packet arrived after the warm-up, so there is nothing to compare: shorten the warm-up (-w 0s).',
    ],
    [
      { source: capture, duration: '1ms' },
      'No packet arrived, so there is nothing to compare: lengthen the duration (-d 10s).',
    ],
    [
      { source: capture },
      'No packet arrived, so there is nothing to compare: see what the capture holds (lanewise inspect).',
    ],
    [
      { source: synthetic, duration: '1ms' },
      'No packet arrived after the warm-up, so there is nothing to compare: lengthen the duration (-d 10s).',
    ],
  ] as const) {
    const scenario = scenarioSchema.parse(structuredClone(more))
    assert.deepEqual(hints({ ...empty, load, scenario }), [hint])
  }
})
