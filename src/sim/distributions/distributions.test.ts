import assert from 'node:assert/strict'
import { test } from 'node:test'
import jstat from 'jstat'
import { randomStream } from '../random.ts'
import { gammaFunction } from './gamma-function.ts'
import { distributions } from './index.ts'

const { jStat } = jstat

interface Case {
  readonly name: string
  readonly parameters: unknown
  readonly meanNs: number
  /** Distribution function; x in ns. */
  cdf(x: number): number
}

const cases: readonly Case[] = [
  {
    name: 'uniform',
    parameters: { low: '2us', high: '6us' },
    meanNs: 4000,
    cdf: (x) => jStat.uniform.cdf(x, 2000, 6000),
  },
  {
    name: 'exponential',
    parameters: { mean: '5us' },
    meanNs: 5000,
    cdf: (x) => jStat.exponential.cdf(x, 1 / 5000),
  },
  {
    name: 'lognormal',
    parameters: { median: '15us', sigma: 0.8 },
    meanNs: 15000 * Math.exp(0.32),
    cdf: (x) => jStat.lognormal.cdf(x, Math.log(15000), 0.8),
  },
  {
    name: 'gamma',
    parameters: { mean: '10us', shape: 2.5 },
    meanNs: 10000,
    cdf: (x) => jStat.gamma.cdf(x, 2.5, 4000),
  },
  {
    name: 'gamma',
    parameters: { mean: '10us', shape: 0.5 },
    meanNs: 10000,
    cdf: (x) => jStat.gamma.cdf(x, 0.5, 20000),
  },
  {
    name: 'weibull',
    parameters: { scale: '10us', shape: 1.7 },
    meanNs: 10000 * jStat.gammafn(1 + 1 / 1.7),
    cdf: (x) => jStat.weibull.cdf(x, 10000, 1.7),
  },
  {
    name: 'pareto',
    parameters: { minimum: '2us', shape: 3 },
    meanNs: 3000,
    cdf: (x) => jStat.pareto.cdf(x, 2000, 3),
  },
]

for (const { name, parameters, meanNs, cdf } of cases) {
  test(`${name} ${JSON.stringify(parameters)} has its mean and its distribution function`, () => {
    const distribution = distributions.get(name)!
    const parsed = distribution.parameters.parse(parameters)
    assert.ok(Math.abs(distribution.meanNs(parsed) / meanNs - 1) < 1e-7)
    const sample = distribution.create(parsed, randomStream(1, 0, name))
    const count = 200_000
    const values = Array.from({ length: count }, sample).toSorted((a, b) => a - b)
    // Kolmogorov-Smirnov: sqrt(n) D stays below 1.95 with probability 0.999.
    const distance = values.reduce((most, x, i) => Math.max(most, Math.abs(cdf(x) - (i + 0.5) / count)), 0)
    assert.ok(distance * Math.sqrt(count) < 1.95, `D sqrt(n) = ${distance * Math.sqrt(count)}`)
    assert.ok(values[0]! >= 0)
  })
}

test('constant is constant, in both spellings', () => {
  const { parameters, create } = distributions.get('constant')!
  for (const spelling of ['5us', { value: '5us' }]) {
    const sample = create(parameters.parse(spelling), randomStream(1, 0, 'c'))
    assert.deepEqual([sample(), sample()], [5000, 5000])
  }
})

test('a pareto of shape 1 or below has no mean', () => {
  const { parameters, meanNs } = distributions.get('pareto')!
  assert.equal(meanNs(parameters.parse({ minimum: '1us', shape: 1 })), Number.POSITIVE_INFINITY)
})

test('wrong parameters are refused', () => {
  const wrong: Array<[string, unknown]> = [
    ['uniform', { low: '5us', high: '2us' }],
    ['exponential', { mean: 5 }],
    ['lognormal', { median: '5us', sigma: -1 }],
    ['gamma', { mean: '5us', shape: 0 }],
    ['pareto', { minimum: '5us', shape: 2, scale: 1 }],
  ]
  for (const [name, parameters] of wrong) {
    assert.equal(distributions.get(name)!.parameters.safeParse(parameters).success, false, name)
  }
})

test('the gamma function has its known values', () => {
  for (const [x, value] of [
    [1, 1],
    [5, 24],
    [0.5, Math.sqrt(Math.PI)],
    [10.5, 1133278.3889487856],
  ] as const) {
    assert.ok(Math.abs(gammaFunction(x) / value - 1) < 1e-13, `${x}`)
  }
})

test('the longest draw is known where there is one, and reached by none longer', () => {
  const bounded: Array<[string, unknown, number]> = [
    ['constant', '5us', 5000],
    ['uniform', { low: '2us', high: '6us' }, 6000],
    ['empirical', { values: ['3us', '9us', '50us'], weights: [1, 1, 0] }, 9000],
    [
      'mixture',
      [
        { weight: 9, constant: '1us' },
        { weight: 1, uniform: { low: '1us', high: '7us' } },
        { weight: 0, exponential: { mean: '1s' } },
      ],
      7000,
    ],
  ]
  for (const [name, given, longestNs] of bounded) {
    const { parameters, maxNs, create } = distributions.get(name)!
    const parsed = parameters.parse(given)
    assert.equal(maxNs!(parsed), longestNs, name)
    const sample = create(parsed, randomStream(1, 0, name))
    const longest = Math.max(...Array.from({ length: 5000 }, sample))
    assert.ok(longest <= longestNs && longest > 0.99 * longestNs, `${name}: ${longest}`)
  }
  const mixture = distributions.get('mixture')!
  const tailed = mixture.parameters.parse([
    { weight: 1, constant: '1us' },
    { weight: 1, exponential: { mean: '1us' } },
  ])
  assert.equal(mixture.maxNs!(tailed), Number.POSITIVE_INFINITY)
  for (const name of ['exponential', 'lognormal', 'gamma', 'weibull', 'pareto']) {
    assert.equal(distributions.get(name)!.maxNs, undefined, name)
  }
})
