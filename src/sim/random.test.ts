import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from './random.ts'

const draws = (count: number, random: () => number) => Array.from({ length: count }, random)

test('a stream is a function of seed, run and name, the same on every version of Node', () => {
  assert.deepEqual(draws(2, randomStream(1, 0, 'work')), [0.7502881470543007, 0.7680878809070251])
  assert.deepEqual(draws(5, randomStream(1, 0, 'work')), draws(5, randomStream('1', 0, 'work')))
})

test('streams of other seeds, runs and names are other streams', () => {
  const firsts = new Set<number>()
  for (const seed of [1, 2]) {
    for (let run = 0; run < 100; run++) {
      for (const name of ['work', 'arrivals', 'flows']) firsts.add(randomStream(seed, run, name)())
    }
  }
  assert.equal(firsts.size, 600)
})

test('draws are uniform on [0, 1) with more than 32 bits', () => {
  const values = draws(100_000, randomStream(3, 0, 'test'))
  assert.ok(values.every((value) => value >= 0 && value < 1))
  assert.ok(values.some((value) => !Number.isInteger(value * 2 ** 32)))
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  assert.ok(Math.abs(mean - 0.5) < 4 / Math.sqrt(12 * values.length))
})
