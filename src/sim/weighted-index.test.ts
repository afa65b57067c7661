import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from './random.ts'
import { weightedIndex } from './weighted-index.ts'

test('indices come in proportion to their weights, those of weight 0 never', () => {
  const weights = [3, 0, 1, 6, 0]
  const pick = weightedIndex(weights, randomStream(1, 0, 'weights'))
  const counts = [0, 0, 0, 0, 0]
  const draws = 100_000
  for (let i = 0; i < draws; i++) counts[pick()]!++
  counts.forEach((count, i) => {
    const p = weights[i]! / 10
    assert.ok(Math.abs(count - draws * p) <= 4 * Math.sqrt(draws * p * (1 - p)), `${i}: ${count}`)
  })
})

test('a single item is always drawn, whatever its weight', () => {
  const pick = weightedIndex([0.1], randomStream(1, 0, 'one'))
  assert.deepEqual([pick(), pick()], [0, 0])
})
