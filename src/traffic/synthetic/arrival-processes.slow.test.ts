/** Arrival processes against what theory says about them: shares of time, index of dispersion, tails. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { randomStream } from '../../sim/random.ts'
import { arrivalProcesses } from './index.ts'

/** Gaps of the arrival process, in ns. */
function gapsOf(name: string, given: unknown, packetsPerSecond: number, seed = 1): () => number {
  const { parameters, create } = arrivalProcesses.get(name)!
  return create(parameters.parse(given), packetsPerSecond, randomStream(seed, 0, name))
}

/** Numbers of packets in consecutive windows from time zero on. */
function countsOf(nextGapNs: () => number, windowNs: number, windows: number): Float64Array {
  const counts = new Float64Array(windows)
  for (let ns = nextGapNs(); ns < windowNs * windows; ns += nextGapNs()) counts[Math.floor(ns / windowNs)]!++
  return counts
}

/** Mean and its standard error. */
function meanOf(values: ArrayLike<number>): { mean: number; error: number } {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  const mean = sum / values.length
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) * (values[i]! - mean)
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) }
}

function assertMean(values: ArrayLike<number>, expected: number, what: string): void {
  const { mean, error } = meanOf(values)
  assert.ok(Math.abs(mean - expected) < 4 * error, `${what}: ${mean} +- ${error}, expected ${expected}`)
  assert.ok(error < 0.1 * Math.abs(expected), `${what}: a standard error of ${error} says little`)
}

const ON_OFF = { on: '10ms', off: '90ms' }

test('on-off: the rate while on follows from the mean rate, and a tenth of the time has packets', () => {
  // 20,000 packets/s on average are 200,000 while on, 20 in each window of 100 us.
  const shares: number[] = []
  const rates: number[] = []
  for (let seed = 1; seed <= 20; seed++) {
    const counts = countsOf(gapsOf('on-off', ON_OFF, 20_000, seed), 100e3, 100_000)
    shares.push(counts.filter((count) => count > 0).length / counts.length)
    // Windows whose neighbours have packets are on from end to end.
    const inside = counts.filter((_, i) => counts[i - 1]! > 0 && counts[i + 1]! > 0)
    rates.push(meanOf(inside).mean)
  }
  // Silent: off at the window's start, which 9 of 10 are, and still off at its end.
  assertMean(shares, 1 - 0.9 * Math.exp(-0.1 / 90), 'share of windows with packets')
  assert.ok(Math.abs(meanOf(rates).mean - 20) < 0.1, `${meanOf(rates).mean} packets per window`)
})

interface Dispersion {
  readonly name: string
  readonly given: unknown
  /** Variance of the rate over its mean, packets per ns; and how fast its correlation falls, per ns. */
  readonly excess: (packetsPerNs: number) => number
  readonly decayPerNs: number
}

/**
 * With correlation exp(-decay t) of the rate, Var N(t) / E N(t) = 1 + 2 excess / decay (1 - (1 - exp(-decay
 * t)) / (decay t)).
 */
const dispersions: readonly Dispersion[] = [
  {
    // Rates r/p and 0 with shares p and 1 - p: variance r^2 (1 - p) / p.
    name: 'on-off',
    given: ON_OFF,
    excess: (rate) => rate * 9,
    decayPerNs: 1 / 10e6 + 1 / 90e6,
  },
  {
    // Heffes and Lucantoni, IEEE JSAC 4(6), 1986. Shares 0.75 and 0.25, rates 4/7 r and 16/7 r: variance
    // 27/49 r^2.
    name: 'markov-modulated',
    given: {
      states: [
        { rate: 1, sojourn: '30ms' },
        { rate: 4, sojourn: '10ms' },
      ],
    },
    excess: (rate) => (rate * 27) / 49,
    decayPerNs: 1 / 10e6 + 1 / 30e6,
  },
  {
    // Three equal stays of s: the generator's other eigenvalues are both -3 / (2 s). Rates 0, 1.5 r, 1.5 r.
    name: 'markov-modulated',
    given: {
      states: [
        { rate: 0, sojourn: '10ms' },
        { rate: 3, sojourn: '10ms' },
        { rate: 3, sojourn: '10ms' },
      ],
    },
    excess: (rate) => rate / 2,
    decayPerNs: 3 / 20e6,
  },
]

for (const { name, given, excess, decayPerNs } of dispersions) {
  test(`${name} ${JSON.stringify(given)}: its index of dispersion is the closed form, from 1 ms to 1 s`, () => {
    const packetsPerNs = 1e-5
    const windows: readonly number[] = [1e6, 10e6, 100e6, 1000e6]
    const found = windows.map((): number[] => [])
    for (let seed = 1; seed <= 200; seed++) {
      const counts = countsOf(gapsOf(name, given, packetsPerNs * 1e9, seed), 1e6, 3000)
      for (const [k, windowNs] of windows.entries()) {
        const size = windowNs / 1e6
        const expected = windowNs * packetsPerNs
        let squares = 0
        for (let at = 0; at < counts.length; at += size) {
          const count = counts.subarray(at, at + size).reduce((sum, one) => sum + one, 0)
          squares += (count - expected) * (count - expected)
        }
        found[k]!.push(squares / (counts.length / size) / expected)
      }
    }
    for (const [k, windowNs] of windows.entries()) {
      const decays = decayPerNs * windowNs
      const bursts = ((2 * excess(packetsPerNs)) / decayPerNs) * (1 + Math.expm1(-decays) / decays)
      assertMean(found[k]!, 1 + bursts, `${windowNs / 1e6} ms`)
    }
  })
}

test('markov-modulated: each state has its share of the time and its rate', () => {
  const states = [
    { rate: 0, sojourn: '200ms' },
    { rate: 1, sojourn: '500ms' },
    { rate: 5, sojourn: '300ms' },
  ]
  // Mean relative rate 2: 40,000 packets/s on average are 20,000 and 100,000 in the states, 20 and 100 a
  // window.
  const shares: [number[], number[], number[]] = [[], [], []]
  const rates: number[][] = [[], []]
  for (let seed = 1; seed <= 20; seed++) {
    const counts = countsOf(gapsOf('markov-modulated', { states }, 40_000, seed), 1e6, 30_000)
    const stateOf = (count: number) => (count === 0 ? 0 : count < 50 ? 1 : 2)
    for (const state of [0, 1, 2] as const) {
      const inState = counts.filter((count) => stateOf(count) === state)
      shares[state].push(inState.length / counts.length)
    }
    for (const state of [1, 2] as const) {
      const inside = counts.filter((count, i) =>
        [counts[i - 1]!, count, counts[i + 1]!].every((one) => stateOf(one) === state),
      )
      rates[state - 1]!.push(meanOf(inside).mean)
    }
  }
  for (const [state, share] of [0.2, 0.5, 0.3].entries()) assertMean(shares[state]!, share, `state ${state}`)
  assert.ok(Math.abs(meanOf(rates[0]!).mean - 20) < 0.1, `${meanOf(rates[0]!).mean}`)
  assert.ok(Math.abs(meanOf(rates[1]!).mean - 100) < 0.4, `${meanOf(rates[1]!).mean}`)
})

/** Maximum likelihood (Hill): n / sum ln(x / least), over the values of at least that. */
function tailExponent(values: readonly number[], least: number): { exponent: number; error: number } {
  const tail = values.filter((value) => value >= least)
  const exponent = tail.length / tail.reduce((sum, value) => sum + Math.log(value / least), 0)
  return { exponent, error: exponent / Math.sqrt(tail.length) }
}

for (const shape of [1.2, 1.5, 2.5]) {
  test(`pareto-on-off of shape ${shape}: on and off periods have that tail exponent and their minimum`, () => {
    // Off lasts at least 40 ms (shape - 1) / shape; between packets of an on period there are 18 us.
    const minimum = (mean: number) => (mean * (shape - 1)) / shape
    const next = gapsOf('pareto-on-off', { on: '4ms', off: '40ms', shape }, 5_000)
    const [offNs, onNs] = [[] as number[], [] as number[]]
    next()
    let burstNs = 0
    for (let i = 0; i < 3_000_000; i++) {
      const gapNs = next()
      if (gapNs < minimum(40e6)) burstNs += gapNs
      else {
        offNs.push(gapNs)
        onNs.push(burstNs)
        burstNs = 0
      }
    }
    const off = tailExponent(offNs, minimum(40e6))
    assert.ok(Math.abs(off.exponent - shape) < 4 * off.error + 0.01, `off: ${off.exponent}`)
    // A burst is a packet's gap shorter than its period at either end; far out that doesn't matter.
    const on = tailExponent(onNs, 3 * minimum(4e6))
    assert.ok(Math.abs(on.exponent - shape) < 4 * on.error + 0.03, `on: ${on.exponent} +- ${on.error}`)
    assert.ok(Math.max(off.error, on.error) < 0.05 * shape, `standard errors ${off.error}, ${on.error}`)
  })
}

test('pareto-on-off begins in the middle of a period, with the equilibrium distribution', () => {
  // Off 9 of 10 times; P(rest > x) = (x / minimum)^(1 - shape) / shape beyond the minimum of 30 ms.
  const seeds = 20_000
  const first = Array.from({ length: seeds }, (_, seed) => gapsOf('pareto-on-off', ON_OFF, 1e6, seed)())
  for (const [ns, share] of [
    [15e6, 1 - 15 / 90],
    [30e6, 1 / 1.5],
    [120e6, 1 / 1.5 / 2],
    [3000e6, 1 / 1.5 / 10],
  ] as const) {
    const later = first.filter((gapNs) => gapNs > ns).length / seeds
    const p = 0.9 * share
    assert.ok(
      Math.abs(later - p) < 4 * Math.sqrt((p * (1 - p)) / seeds),
      `${ns / 1e6} ms: ${later}, not ${p}`,
    )
  }
})

test('bursts of pareto-on-off do not average out: its variance grows as t^1.5, that of on-off as t', () => {
  const growth = (name: string) => {
    const squares: [number, number] = [0, 0]
    for (let seed = 1; seed <= 1500; seed++) {
      const counts = countsOf(gapsOf(name, { on: '1ms', off: '1ms' }, 4000, seed), 40e6, 16)
      const [short, long] = [counts[0]!, counts.reduce((sum, count) => sum + count, 0)]
      squares[0] += (short - 160) * (short - 160)
      squares[1] += (long - 2560) * (long - 2560)
    }
    return Math.log(squares[1] / squares[0]) / Math.log(16)
  }
  const [pareto, exponential] = [growth('pareto-on-off'), growth('on-off')]
  assert.ok(Math.abs(pareto - 1.5) < 0.1, `pareto-on-off: t^${pareto}`)
  assert.ok(Math.abs(exponential - 1) < 0.1, `on-off: t^${exponential}`)
})

test('whatever the parameters, gaps are finite and never negative, and periods follow each other for ever', () => {
  const time = fc.integer({ min: 1, max: 5_000_000 }).map((us) => `${us}us`)
  const onOff = fc.record({ on: time, off: fc.oneof(time, fc.constant('0ns')) })
  const state = fc.record({
    rate: fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 1e6 })),
    sojourn: time,
  })
  const any = fc.oneof(
    fc.tuple(fc.constant('on-off'), onOff),
    fc
      .tuple(onOff, fc.double({ min: 1.01, max: 20 }))
      .map(([given, shape]) => ['pareto-on-off', { ...given, shape }] as const),
    fc
      .array(state, { minLength: 2, maxLength: 6 })
      .filter((states) => states.some(({ rate }) => rate > 0))
      .map((states) => ['markov-modulated', { states }] as const),
  )
  fc.assert(
    fc.property(any, fc.double({ min: 10, max: 1e7 }), fc.nat(), ([name, given], rate, seed) => {
      const next = gapsOf(name, given, rate, seed)
      for (let i = 0; i < 200; i++) {
        const gapNs = next()
        assert.ok(gapNs >= 0 && gapNs < Number.POSITIVE_INFINITY, `${gapNs}`)
      }
    }),
    { seed: 1997, numRuns: 200 },
  )
})

test('wrong parameters are refused', () => {
  const wrong: Array<[string, unknown, RegExp]> = [
    ['poisson', { on: '1ms' }, /./],
    ['on-off', {}, /./],
    ['on-off', { on: '10ns', off: '1ms' }, /^is too short - use at least 1us$/],
    ['on-off', { on: 10, off: '1ms' }, /^10 has no unit/],
    ['pareto-on-off', { on: '1ms', off: '1ms', shape: 1 }, /./],
    [
      'markov-modulated',
      { states: [{ rate: 1, sojourn: '1ms' }] },
      /^has fewer than two states - use poisson/,
    ],
    ['markov-modulated', { states: Array(2).fill({ rate: 0, sojourn: '1ms' }) }, /^all rates are 0/],
  ]
  for (const [name, given, reason] of wrong) {
    const { success, error } = arrivalProcesses.get(name)!.parameters.safeParse(given)
    assert.equal(success, false, name)
    assert.match(error!.issues[0]!.message, reason)
  }
})

test('periods a billion times shorter than the gaps keep the mean rate, and cost little', () => {
  const cases: ReadonlyArray<readonly [name: string, given: unknown]> = [
    ['on-off', { on: '1us', off: '3us' }],
    ['pareto-on-off', { on: '1us', off: '3us', shape: 1.9 }],
    [
      'markov-modulated',
      {
        states: [
          { rate: 1, sojourn: '1us' },
          { rate: 0, sojourn: '2us' },
        ],
      },
    ],
  ]
  for (const [name, given] of cases) {
    const nextGapNs = gapsOf(name, given, 1e-6)
    assertMean(Float64Array.from({ length: 150 }, nextGapNs), 1e15, name)
  }
})
