import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from '../../sim/random.ts'
import { bootstrap } from './bootstrap.ts'

const mean = (sample: readonly number[]) => sample.reduce((sum, value) => sum + value, 0) / sample.length
/** In whole numbers until the end, so that equal samples are equal to the last bit. */
const variance = (sample: readonly number[]) => {
  const n = sample.length
  const sum = sample.reduce((total, value) => total + value, 0)
  const squares = sample.reduce((total, value) => total + value * value, 0)
  return (n * squares - sum * sum) / (n * (n - 1))
}
const VALUES = [1, 2, 4, 8, 16]

/** Draws that go through all 5^5 samples of five values, each once. */
function everySample() {
  let draw = 0
  return () => {
    const sample = Math.floor(draw / 5)
    const digit = Math.floor(sample / 5 ** (draw % 5)) % 5
    draw++
    return (digit + 0.5) / 5
  }
}

test('over all possible samples the intervals are those of numpy and scipy 1.17.1', () => {
  // numpy.percentile of all 3125 statistics; scipy.stats._resampling._bca_interval for the levels of BCa.
  const cases = [
    [mean, 'percentile', 6.2, 2, 11.4],
    [mean, 'bca', 6.2, 2.6, 12.8],
    [variance, 'percentile', 37.2, 1.2, 61.8],
    [variance, 'bca', 37.2, 6.8, 67.5],
  ] as const
  for (const [statistic, method, value, low95, high95] of cases) {
    const options = { resamples: 5 ** 5, random: everySample(), method }
    const found = bootstrap(VALUES, statistic, options)
    for (const [actual, expected] of [
      [found.value, value],
      [found.low95, low95],
      [found.high95, high95],
    ] as const) {
      assert.ok(Math.abs(actual! - expected) < 1e-9, `${method} ${statistic.name}: ${actual} for ${expected}`)
    }
  }
})

test('the same stream gives the same interval, another one another', () => {
  const values = Array.from({ length: 30 }, (_, i) => (i * i) % 37)
  const interval = (run: number) => bootstrap(values, mean, { random: randomStream(1, run, 'bootstrap') })
  assert.deepEqual(interval(0), interval(0))
  assert.notDeepEqual(interval(0), interval(1))
})

test('equal values have an interval of no width; one value has none', () => {
  const random = randomStream(1, 0, 'bootstrap')
  assert.deepEqual(bootstrap([3, 3, 3], mean, { random }), { value: 3, low95: 3, high95: 3 })
  assert.deepEqual(bootstrap([3], mean, { random }), { value: 3, low95: null, high95: null })
  assert.deepEqual(bootstrap([], mean, { random }), { value: null, low95: null, high95: null })
})

test('about 95 of 100 intervals of a skewed mean hold the true one', () => {
  // Exponential with mean 1, 40 values: the percentile interval is known to hold a little less often than it
  // says.
  let held = 0
  for (let run = 0; run < 400; run++) {
    const random = randomStream(3, run, 'exponential')
    const values = Array.from({ length: 40 }, () => -Math.log(1 - random()))
    const { low95, high95 } = bootstrap(values, mean, { resamples: 500, random })
    if (low95! <= 1 && high95! >= 1) held++
  }
  assert.ok(held >= 360 && held <= 390, `${held} of 400`)
})
