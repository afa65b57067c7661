import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BulkDraws } from './bulk-draws.ts'
import { exp } from './elementary.ts'
import { exponentialDraws } from './exponential.ts'
import { normalDraws } from './normal.ts'
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
      const draw = exponentialDraws(random)
      return () => draw() * 12_345.678
    },
  ],
  [
    'lognormal',
    (bulk, out, count) => bulk.lognormals(15_000, 0.8, out, count),
    (random) => {
      const normal = normalDraws(0, 0.8, random)
      return () => 15_000 * exp(normal())
    },
  ],
]

for (const [name, fill, one] of kinds) {
  test(`${name}: draws in bulk are those one by one, bit for bit`, () => {
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
