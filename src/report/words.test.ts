import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scenarioSchema } from '../scenario/schema.ts'
import { madeReport } from './made-results.testing.ts'
import { headFacts } from './words.ts'

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
