import assert from 'node:assert/strict'
import { test } from 'node:test'
import { madePolicy, madeReport, madeResults } from '../made-results.testing.ts'
import { markdownText } from './markdown.ts'

test('markdown has the same columns with intervals and bounds, and nothing in it is markup by accident', () => {
  const lines = markdownText(madeReport()).split('\n')
  assert.equal(lines[0], '**Made by hand**')
  assert.deepEqual(lines.slice(7, 11), [
    '| policy | reordered | flows hit | SACK lost | QUIC lost | latency p50 | latency p99 | drops | lanes even |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --: |',
    '| `any-idle` | 20.0% ±2.5 | 100% ±0 | 2.00% ±0.25 | - | 42.3us ±0 | 1.23ms ±0 | 0 (<0.1%) | 0.875 ±0 |',
    '| `flow-pinned:ttl=30s,key=address-pair` | 0 (<0.1%) \\* | 0 (<10%) | 0 (<0.1%) | - | 42.3us ±0 | 1.23ms ±0 | 0 (<0.1%) | 0.875 ±0 |',
  ])
  assert.ok(lines.includes('Next: lanewise tune made.yaml -p flow-pinned:key=address-pair'))
  assert.ok(lines.includes('\\* reordered differs from any-idle (pairs of 3 runs, 95 % interval without 0).'))
})

test('the yardstick is marked behind its label', () => {
  const results = madeResults.map((result) => ({
    ...result,
    policies: [...result.policies, madePolicy('drained:key=address-pair', 0)],
  }))
  assert.match(markdownText(madeReport(results)), /^\| `drained:key=address-pair` \(yardstick\) \| 0 /m)
})
