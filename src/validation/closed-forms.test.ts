/**
 * The closed forms against ../shared's list of them, computed by another program: every one must be a row of
 * the table, with the same value. Beside it printed values for eight lanes, and limits.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readSharedJson, skipWithout } from '../shared.testing.ts'
import { integral } from './integral.testing.ts'
import * as jitter from './jitter-forms.testing.ts'
import { displacements, occupancies } from './meter.testing.ts'
import { allModels } from './models.testing.ts'
import * as pool from './pool-forms.testing.ts'
import { type Quantity, quantities } from './quantities.testing.ts'
import * as queue from './queue-forms.testing.ts'

const near = (actual: number, expected: number, relative = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} instead of ${expected}`)

interface Oracle {
  readonly model: string
  readonly params: Readonly<Record<string, number>>
  readonly metric: string
  readonly value: number
}

/** Their model to our name and parameters. */
const models: Readonly<Record<string, (p: Oracle['params']) => string>> = {
  'M/M/inf': (p) => `M/M/inf, arrivals per mean delay ${p.alpha}`,
  'D/M/inf': (p) => `D/M/inf, q ${p.q}`,
  'M/U(0,J)/inf': (p) => `M/U(0,J)/inf, J ${p.lambdaJ} mean spacings`,
  'D/U(0,J)/inf': (p) => `D/U(0,J)/inf, J ${p.J} mean spacings`,
  'two fixed-delay paths, Poisson': (p) =>
    `two paths, poisson, fast ${p.pFast}, ${p.delta} mean spacings apart`,
  'two fixed-delay paths, periodic': (p) =>
    `two paths, periodic, fast ${p.pFast}, ${p.delta} mean spacings apart`,
  'k private M/M/1, Poisson, random routing': (p) => `private M/M/1 queues, random, ${lanes(p)}`,
  'k private queues, periodic arrivals, round robin, exp service': (p) =>
    `private D/M/1 queues, round-robin, ${lanes(p)}`,
  'shared FIFO, k exp workers (M/M/k)': (p) => `M/M/k, any-idle, ${lanes(p)}`,
  'M/M/k': (p) => `M/M/k, any-idle, ${lanes(p)}`,
  'saturated pool of c exp workers, shared FIFO': (p) => `saturated pool, any-idle, ${p.c} lanes`,
  'saturated pool of 2 exp workers': (p) => `saturated pool, any-idle, ${p.c} lanes`,
  'M/M/1': (p) => `M/M/1, load ${p.rho}`,
  'M/D/1': (p) => `M/D/1, load ${p.rho}`,
  'D/M/1': (p) => `D/M/1, load ${p.rho}`,
  'M/D/c or any shared FIFO with equal deterministic service': (p) =>
    `M/D/k, any-idle, ${p.c} ${p.c === 1 ? 'lane' : 'lanes'}, load 0.8`,
}
const lanes = (p: Oracle['params']) => `${p.k} lanes, load ${p.rhoPerQueue}`

/** The start of their metric's name to our quantity. */
const metrics: ReadonlyArray<readonly [start: string, quantity: Quantity]> = [
  ['P(Type-P-Reordered)', 'reordered'],
  ['mean number of later packets arriving first', 'overtakers'],
  ['P(>=3 overtakers)', 'sackLost'],
  ['P(max seq before - s >= 3)', 'quicLost'],
  ['degree of 1-reordering', 'degree1'],
  ['degree of 2-reordering', 'degree2'],
  ['degree of 3-reordering', 'degree3'],
  ['degree of 4-reordering', 'degree4'],
  ['E[extent | reordered]', 'extent'],
  ['E[LateTime | reordered]', 'lateTime'],
  ['P(held', 'held'],
  ['E[resequencing delay]', 'resequencing'],
  ['mean wait Wq', 'wait'],
  ['P(wait>0)', 'waited'],
  ['sigma = P(wait>0)', 'waited'],
  ...displacements.map((d) => [`RD[${d}] (`, `displacement=${d}`] as const),
  ...occupancies.map((b) => [`RBD[${b}] (`, `buffered=${b}`] as const),
]

const skip = skipWithout('metrics/oracles.json')
test('the table has every closed form of ../shared, with its value', { skip }, () => {
  const rows = new Map<string, number>()
  for (const { name, parameters, expected } of allModels) {
    for (const [quantity, value] of Object.entries(expected)) {
      rows.set(`${name}, ${parameters}: ${quantity}`, value)
    }
  }
  const { oracles } = readSharedJson<{ oracles: Oracle[] }>('metrics/oracles.json')
  assert.ok(oracles.length >= 225, `${oracles.length} closed forms`)
  for (const { model, params, metric, value } of oracles) {
    const quantity = metrics.find(([start]) => metric.startsWith(start))?.[1]
    const key = `${models[model]?.(params)}: ${quantity}`
    assert.ok(rows.has(key), `${model} ${JSON.stringify(params)} ${metric} is no row (${key})`)
    const found = rows.get(key)!
    assert.ok(Math.abs(found - value) <= 1e-8 * value, `${key}: ${found} instead of ${value}`)
  }
})

test('the committed table has every row', () => {
  const table = readFileSync(new URL('../../results/golden/validation.md', import.meta.url), 'utf8')
  const rows = allModels.flatMap(({ name, parameters, expected }) =>
    Object.keys(expected).map((quantity) => [name, parameters, quantities[quantity as Quantity].title]),
  )
  for (const cells of rows) {
    const start = `| ${cells.join(' | ')} |`
    assert.ok(table.includes(start), `no "${start}": npm run validate -- --update`)
  }
  assert.match(table, new RegExp(`^- rows: ${rows.length},`, 'm'))
})

test('no row stands twice', () => {
  const keys = allModels.flatMap(({ name, parameters, expected }) =>
    Object.keys(expected).map((quantity) => `${name}, ${parameters}: ${quantity}`),
  )
  assert.equal(new Set(keys).size, keys.length)
  assert.equal(
    new Set(Object.values(quantities).map(({ title }) => title)).size,
    Object.keys(quantities).length,
  )
})

test('eight lanes reorder and hold as printed in the notes', () => {
  const printed: ReadonlyArray<readonly number[]> = [
    // load, private: reordered, resequencing; round-robin: reordered; shared: reordered, resequencing
    [0.5, 0.613357925, 2.299237351, 0.535530166, 0.520779043, 1.20810537],
    [0.8, 0.773542562, 7.629817905, 0.723186484, 0.578785661, 1.55839554],
    [0.9, 0.828447871, 16.263855161, 0.794012198, 0.588050352, 1.643865662],
  ]
  for (const [load, ...values] of printed) {
    const rho = load!
    const made = [
      queue.reorderedPrivate(8, rho),
      queue.resequencingPrivate(8, rho),
      queue.reorderedRoundRobin(8, rho),
      queue.reorderedShared(8, rho),
      queue.resequencingShared(8, rho),
    ]
    for (const [i, value] of values.entries()) near(made[i]!, value, 2e-9)
  }
})

test('two lanes have formulas of their own', () => {
  for (const rho of [0.1, 0.5, 0.95]) {
    near(queue.reorderedPrivate(2, rho), (rho * (4 - 3 * rho)) / (2 * (2 - rho) ** 2), 1e-8)
    near(queue.heldPrivate(2, rho), rho / 2)
    near(queue.reorderedShared(2, rho), (rho * (1 - rho)) / (1 + 2 * rho) + rho ** 2 / (2 * (1 + rho)))
    near(queue.heldShared(2, rho), rho / (1 + rho))
    near(queue.erlangC(2, rho), (2 * rho ** 2) / (1 + rho))
  }
})

test('one lane reorders and holds nothing', () => {
  near(queue.erlangC(1, 0.7), 0.7)
  for (const zero of [
    queue.reorderedShared(1, 0.7),
    queue.reorderedPrivate(1, 0.7),
    queue.reorderedRoundRobin(1, 0.7),
    queue.heldShared(1, 0.7),
    queue.heldPrivate(1, 0.7),
    queue.resequencingPrivate(1, 0.7),
    pool.reorderedInPool(1),
    pool.quicLostInPool(1),
    pool.sackLostInPool(1),
  ]) {
    assert.ok(Math.abs(zero) < 1e-9, String(zero))
  }
})

test('special values are those known otherwise', () => {
  near(jitter.overtakenByExponential(1, 1), 3 - Math.E)
  near(jitter.degreeByExponential(2, 1), 1 / 3)
  near(jitter.reorderedPeriodicUniform(1.5), 1 / 18)
  near(jitter.reorderedPeriodicUniform(3.5), 0.296577815, 2e-9)
  near(jitter.reorderedPoissonUniform(2), 0.253175867, 2e-9)
  near(pool.reorderedInPool(8), 0.594372749, 2e-9)
  near(pool.sackLostInPool(8), 0.364129871, 2e-9)
  near(pool.quicLostInPool(8), 0.455066636, 2e-9)
  near(queue.sigmaDM1(0.9), 0.806899833, 2e-9)
})

test('displacements are a distribution with mean 0, and as printed in the notes', () => {
  const range = Array.from({ length: 421 }, (_, i) => i - 20)
  for (const density of [
    (d: number) => (d < 80 ? jitter.displacementByExponential(2, d) : 0),
    (d: number) => pool.displacementInPool(4, d),
    (d: number) => pool.displacementInPool(16, d),
  ]) {
    const shares = range.map(density)
    near(
      shares.reduce((sum, share) => sum + share, 0),
      1,
      1e-8,
    )
    const mean = shares.reduce((sum, share, i) => sum + share * range[i]!, 0)
    assert.ok(Math.abs(mean) < 1e-6, `mean displacement ${mean}`)
  }
  const printed = [0.018022, 0.073805, 0.226076, 0.43769, 0.13335, 0.056505, 0.026013]
  for (const [i, value] of printed.entries()) near(jitter.displacementByExponential(1, i - 3), value, 5e-5)
  assert.deepEqual(
    [-2, -1, 0, 1].map((d) => pool.displacementInPool(2, d)),
    [0, 0.5, 0.25, 0.125],
  )
  assert.deepEqual([0, 1, 2].map(pool.bufferedInPoolOfTwo), [0.5, 0.25, 0.125])
})

test('Simpson is exact for cubics', () => {
  near(
    integral((x) => x ** 3 - 2 * x, 0, 2, 2),
    0,
    0,
  )
  near(
    integral((x) => x ** 3, 1, 3, 4),
    20,
    1e-15,
  )
})
