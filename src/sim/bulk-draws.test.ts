import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomExponential, randomNormal } from 'd3-random'
import { BulkDraws } from './bulk-draws.ts'
import { type Random, randomStream } from './random.ts'

/** Sizes of the fills, so that pairs of normals are cut apart between them. */
const FILLS = [1, 2, 3, 1000, 1, 4093, 16_384]

const kinds: ReadonlyArray<
  readonly [
    name: string,
    fill: (bulk: BulkDraws, out: Float64Array, count: number) => void,
    one: (random: Random) => () => number,
  ]
> = [
  ['uniform', (bulk, out, count) => bulk.uniforms(out, count), (random) => random],
  [
    'exponential',
    (bulk, out, count) => bulk.exponentials(12_345.678, out, count),
    (random) => {
      const draw = randomExponential.source(random)(1)
      return () => draw() * 12_345.678
    },
  ],
  [
    'lognormal',
    (bulk, out, count) => bulk.lognormals(15_000, 0.8, out, count),
    (random) => {
      const normal = randomNormal.source(random)(0, 0.8)
      return () => 15_000 * Math.exp(normal())
    },
  ],
]

for (const [name, fill, one] of kinds) {
  test(`${name}: draws in bulk are those of seedrandom and d3-random, bit for bit`, () => {
    for (let seed = 0; seed < 20; seed++) {
      const draw = one(randomStream(seed, 3, name))
      const bulk = BulkDraws.of(randomStream(seed, 3, name))!
      for (const count of FILLS) {
        const out = new Float64Array(count)
        fill(bulk, out, count)
        for (let i = 0; i < count; i++) assert.equal(out[i], draw())
      }
    }
  })
}

test('a stream whose state nobody knows is drawn from one by one', () => {
  assert.equal(
    BulkDraws.of(() => 0.5),
    undefined,
  )
})
