import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Winner } from '../../metrics/statistics/winner.ts'
import { scenarioSchema } from '../../scenario/schema/schema.ts'
import { madePolicy, madeReport, madeResults } from '../made-results.testing.ts'
import { headFacts, hints, legend, winnerText } from './comparison-text.ts'

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

test('who reorders least is said in a sentence, by short names where they are unique', () => {
  const labels = ['hash', 'flow-pinned:ttl=1s', 'flow-pinned:ttl=2s', 'linux-tun:capacity=9']
  const said = (verdict: Winner['verdict'], policies: string[], mean: number, runs = 5) =>
    winnerText({
      ...madeReport(),
      labels,
      runs,
      winner: { metric: 'reorderedRatio', verdict, policies, mean },
    }).join()
  for (const [text, words] of [
    [said('clear', ['hash'], 0.1), 'Fewest reordered: hash (each difference is beyond chance, 95 %).'],
    [
      said('equal', ['hash', 'linux-tun:capacity=9'], 0),
      'Fewest reordered: hash, linux-tun (equal: 0 in every run).',
    ],
    [
      said('equal', ['flow-pinned:ttl=1s', 'flow-pinned:ttl=2s'], 0.2),
      'Fewest reordered: flow-pinned:ttl=1s, flow-pinned:ttl=2s (equal: in every run).',
    ],
    [
      said('unclear', ['hash', 'flow-pinned:ttl=1s'], 0.1),
      'Fewest reordered: no clear winner: hash, flow-pinned:ttl=1s (a difference may be chance, 95 %).',
    ],
    [
      said('no-interval', ['hash'], 0, 1),
      "Fewest reordered in the only run: hash (0; one run can't rule out chance).",
    ],
  ]) {
    assert.equal(text, words)
  }
  assert.deepEqual(winnerText({ ...madeReport(), winner: null }), [])
})

test('the legend says when intervals are over parts of the only run', () => {
  const batches = {
    reorderedRatio: { sizePackets: 250, batches: [20, 30, 40, 10].map((count) => ({ count, of: 250 })) },
  }
  const [result] = madeResults
  const policies = [madePolicy('any-idle', 100), madePolicy('hash', 0)].map((policy, i) => ({
    ...policy,
    ...(i === 0 && { batches }),
  }))
  const lines = legend(madeReport([{ ...result!, policies }]), '±')
  assert.ok(lines.includes('±: half of the 95 % interval over 4 parts of the run.'), lines.join())
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
