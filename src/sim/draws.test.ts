import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomExponential, randomNormal, randomUniform } from 'd3-random'
import { uniform } from './distributions/uniform.ts'
import { IS_NODE_20, OTHER_MATH } from './elementary.testing.ts'
import { exponentialDraws } from './exponential.ts'
import { normalDraws } from './normal.ts'
import { type Random, randomStream } from './random.ts'

const DRAWS = 200_000
const skip = IS_NODE_20 ? false : OTHER_MATH

type Draws = (random: Random) => () => number

const kinds: ReadonlyArray<readonly [name: string, own: Draws, d3: Draws]> = [
  ['exponential', exponentialDraws, (random) => randomExponential.source(random)(1)],
  ['standard normal', (random) => normalDraws(0, 1, random), (random) => randomNormal.source(random)()],
  [
    'normal',
    (random) => normalDraws(-3.25, 0.8, random),
    (random) => randomNormal.source(random)(-3.25, 0.8),
  ],
  [
    'uniform',
    (random) => uniform.create({ low: 2000.5, high: 6000 }, random),
    (random) => randomUniform.source(random)(2000.5, 6000),
  ],
]

for (const [name, own, d3] of kinds) {
  test(`${name}: one by one, draws are those of d3-random, bit for bit`, { skip }, () => {
    for (let seed = 0; seed < 5; seed++) {
      const draw = own(randomStream(seed, 0, name))
      const expected = d3(randomStream(seed, 0, name))
      for (let i = 0; i < DRAWS; i++) {
        const is = draw()
        const shall = expected()
        if (!Object.is(is, shall)) assert.fail(`draw ${i} of seed ${seed}: ${is}, not ${shall}`)
      }
    }
  })
}

test('a normal draw takes no point at the centre of the circle and none outside', () => {
  const given = [0.5, 0.5, 1, 1, 0.75, 0.25]
  const draw = normalDraws(0, 1, () => given.shift()!)
  const second = draw()
  assert.ok(second < 0)
  assert.equal(draw(), -second)
  assert.deepEqual(given, [])
})
