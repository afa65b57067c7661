/**
 * Models with closed forms, as scenarios of this product, each with the values that it must show: what `npm
 * run validate` simulates at full length and oracles.test.ts in part. The mean service or delay is 1 ms
 * throughout, so times come out in units of it; the seed is 1. Where a model is also judged by how long
 * packets wait for their turn, a second simulation of the same packets has `release: { sequence: {} }`.
 */
import type { ScenarioInput } from '../scenario/schema/schema.ts'
import * as jitter from './jitter-forms.testing.ts'
import { displacements, extents, occupancies } from './meter.testing.ts'
import * as pool from './pool-forms.testing.ts'
import type { Quantity } from './quantities.testing.ts'
import * as queue from './queue-forms.testing.ts'

export interface Model {
  readonly name: string
  /** As the table shows them. */
  readonly parameters: string
  /** Are delays judged at load 0.9 or above? Then it takes ten times as many packets. */
  readonly isSlow: boolean
  readonly scenario: ScenarioInput
  readonly expected: Partial<Record<Quantity, number>>
}

/** Everything of a scenario but how long it lasts. */
interface Setting {
  readonly arrivals: 'poisson' | 'periodic'
  /** Arrivals per mean service time or delay, all lanes together. */
  readonly rate: number
  readonly policy: NonNullable<ScenarioInput['policies']>[number]
  readonly rest: Partial<ScenarioInput>
}

const EXPONENTIAL = { exponential: { mean: '1ms' } }
const CONSTANT = { constant: '1ms' }

function scenarioOf({ arrivals, rate, policy, rest }: Setting): ScenarioInput {
  const source = { synthetic: { arrivals, packetsPerSecond: rate * 1000, flows: { count: 1 } } }
  return { source, policies: [policy], runs: 1, seed: 1, ...rest }
}

/** Lanes with unlimited queues that take their time, and nothing else that does. */
function served(count: number, jitter: object): Partial<ScenarioInput> {
  return {
    tunQueue: { capacityPackets: 'unlimited' },
    lanes: {
      count,
      service: { fixed: '0ns', perByte: '0ns', jitter: jitter as never },
      queue: { capacityPackets: 'unlimited' },
    },
  }
}

/** Lanes that take no time, in front of links that do. */
function delayed(count: number, link: ScenarioInput['link']): Partial<ScenarioInput> {
  return { lanes: { count, service: { fixed: '0ns', perByte: '0ns', jitter: 'none' } }, link }
}

/**
 * RFC 5236's DT and BT: in these models nothing comes that late or waits for so many, as if they were
 * infinite.
 */
const ASSUME = { rfc5236: { thresholdPackets: 1024 } }

/** P(value) of each value of a distribution, by quantity. */
function density<Value extends number, Name extends Quantity>(
  values: readonly Value[],
  name: (value: Value) => Name,
  share: (value: Value) => number,
): Record<Name, number> {
  return Object.fromEntries(values.map((value) => [name(value), share(value)])) as Record<Name, number>
}

/** Extents are geometric: the chance that it ends with the next arrival is 1 over the mean. */
const extentsOfMean = (mean: number) =>
  density(
    extents,
    (k) => `extent=${k}` as const,
    (k) => (1 / mean) * (1 - 1 / mean) ** (k - 1),
  )

/** Displacements no earlier than -3, and `earliest`. */
const displacementsBy = (share: (d: number) => number, earliest = -3) =>
  density(
    displacements.filter((d) => d >= -3 || d === earliest),
    (d) => `displacement=${d}` as const,
    share,
  )

const models: Model[] = []

function add(
  name: string,
  parameters: string,
  setting: Setting,
  expected: Model['expected'],
  inSequence: Model['expected'] = {},
  isSlow = false,
): void {
  const scenario = scenarioOf(setting)
  models.push({ name, parameters, isSlow, scenario, expected })
  if (Object.keys(inSequence).length === 0) return
  const released = { ...scenario, release: { sequence: {} } }
  models.push({ name, parameters, isSlow, scenario: released, expected: inSequence })
}

const LOADS = [0.5, 0.8, 0.9]
const LANES_AND_LOADS = [
  ...[0.3, ...LOADS].map((load) => [2, load] as const),
  ...LOADS.map((load) => [4, load] as const),
]
/** From here on delays are correlated over so long that a million packets are few. */
const SLOW_LOAD = 0.9

const independent = (jitter: object) => delayed(1, { jitter: jitter as never, keepsOrder: false })

for (const a of [0.1, 0.5, 1, 5, 50]) {
  const setting: Setting = {
    arrivals: 'poisson',
    rate: a,
    policy: 'round-robin',
    rest: { ...independent(EXPONENTIAL), assume: ASSUME },
  }
  const expected = {
    reordered: jitter.overtakenByExponential(a, 1),
    overtakers: a / 2,
    degree1: jitter.degreeByExponential(a, 1),
    degree2: jitter.degreeByExponential(a, 2),
    degree3: jitter.degreeByExponential(a, 3),
    degree4: jitter.degreeByExponential(a, 4),
    extent: 1 + a,
    ...extentsOfMean(1 + a),
    lateTime: 1,
    sackLost: jitter.overtakenByExponential(a, 3),
    quicLost: jitter.quicLostByExponential(a),
    ...displacementsBy((d) => jitter.displacementByExponential(a, d)),
  }
  add('M/M/inf', `arrivals per mean delay ${a}`, setting, expected, {
    held: jitter.heldByExponential(a),
    resequencing: jitter.resequencingByExponential(a),
  })
}

for (const q of [0.1, 0.3679, 0.5, 0.9, 0.99]) {
  const rate = -1 / Math.log(q)
  const setting: Setting = {
    arrivals: 'periodic',
    rate,
    policy: 'round-robin',
    rest: independent(EXPONENTIAL),
  }
  add('D/M/inf', `q ${q}`, setting, { reordered: jitter.reorderedPeriodicExponential(q), lateTime: 1 })
}

for (const [arrivals, spacings, reorderedBy] of [
  ['poisson', [0.5, 2, 10], jitter.reorderedPoissonUniform],
  ['periodic', [1.5, 2, 3.5], jitter.reorderedPeriodicUniform],
] as const) {
  for (const J of spacings) {
    const rest = independent({ uniform: { low: '0ns', high: `${J}ms` } })
    const name = arrivals === 'poisson' ? 'M/U(0,J)/inf' : 'D/U(0,J)/inf'
    const setting: Setting = { arrivals, rate: 1, policy: 'round-robin', rest }
    add(name, `J ${J} mean spacings`, setting, { reordered: reorderedBy(J) })
  }
}

for (const [arrivals, pFast, spacings] of [
  ['poisson', 0.5, 2],
  ['poisson', 0.9, 5],
  ['periodic', 0.5, 2.5],
  ['periodic', 0.9, 5.5],
] as const) {
  const rest = delayed(2, { delay: ['1ms', `${1 + spacings}ms`] })
  const policy = { random: { weights: [pFast, 1 - pFast] } }
  const reorderedBy = arrivals === 'poisson' ? jitter.reorderedPoissonPaths : jitter.reorderedPeriodicPaths
  const parameters = `fast ${pFast}, ${spacings} mean spacings apart`
  const setting: Setting = { arrivals, rate: 1, policy, rest }
  add(`two paths, ${arrivals}`, parameters, setting, { reordered: reorderedBy(pFast, spacings) })
}

for (const load of LOADS) {
  const isSlow = load >= SLOW_LOAD
  const single = (
    name: string,
    arrivals: Setting['arrivals'],
    service: object,
    expected: Model['expected'],
  ) =>
    add(
      name,
      `load ${load}`,
      { arrivals, rate: load, policy: 'round-robin', rest: served(1, service) },
      expected,
      {},
      isSlow,
    )
  single('M/M/1', 'poisson', EXPONENTIAL, { wait: queue.waitMG1(load, 2) })
  single('M/D/1', 'poisson', CONSTANT, { wait: queue.waitMG1(load, 1) })
  const sigma = queue.sigmaDM1(load)
  single('D/M/1', 'periodic', EXPONENTIAL, { wait: sigma / (1 - sigma), waited: sigma })
  if (isSlow) continue
  // E[S^2] of a uniform one is 4/3; of the mixture 2 (0.9 x 0.5^2 + 0.1 x 5.5^2).
  const uniform = { uniform: { low: '0ns', high: '2ms' } }
  single('M/G/1, uniform', 'poisson', uniform, { wait: queue.waitMG1(load, 4 / 3), waited: load })
  const part = (weight: number, mean: string) => ({ weight, exponential: { mean } })
  const mixture = { mixture: [part(0.9, '500us'), part(0.1, '5500us')] }
  single('M/G/1, hyperexponential', 'poisson', mixture, { wait: queue.waitMG1(load, 6.5), waited: load })
}

for (const [k, load] of LANES_AND_LOADS) {
  const parameters = `${k} lanes, load ${load}`
  const isSlow = load >= SLOW_LOAD
  const rest = served(k, EXPONENTIAL)
  const expected = { reordered: queue.reorderedPrivate(k, load), lateTime: 1 / (1 - load) }
  const inSequence = { held: queue.heldPrivate(k, load), resequencing: queue.resequencingPrivate(k, load) }
  const setting: Setting = { arrivals: 'poisson', rate: k * load, policy: 'random', rest }
  add('private M/M/1 queues, random', parameters, setting, expected, inSequence, isSlow)
}

for (const [k, load] of LANES_AND_LOADS) {
  const rest = served(k, EXPONENTIAL)
  const setting: Setting = { arrivals: 'periodic', rate: k * load, policy: 'round-robin', rest }
  const expected = { reordered: queue.reorderedRoundRobin(k, load) }
  add('private D/M/1 queues, round-robin', `${k} lanes, load ${load}`, setting, expected)
}

for (const [k, load] of LANES_AND_LOADS) {
  const waited = queue.erlangC(k, load)
  const expected = {
    reordered: queue.reorderedShared(k, load),
    lateTime: 1,
    wait: waited / (k * (1 - load)),
    waited,
  }
  const inSequence = { held: queue.heldShared(k, load), resequencing: queue.resequencingShared(k, load) }
  const rest = served(k, EXPONENTIAL)
  const setting: Setting = { arrivals: 'poisson', rate: k * load, policy: 'any-idle', rest }
  add('M/M/k, any-idle', `${k} lanes, load ${load}`, setting, expected, inSequence, load >= SLOW_LOAD)
}

for (const k of [1, 2, 4]) {
  const setting: Setting = {
    arrivals: 'poisson',
    rate: k * 0.8,
    policy: 'any-idle',
    rest: served(k, CONSTANT),
  }
  add('M/D/k, any-idle', `${k} ${k === 1 ? 'lane' : 'lanes'}, load 0.8`, setting, { reordered: 0 })
}

for (const c of [2, 3, 4, 16]) {
  // Arrivals 10 % faster than the lanes: by the end of the warm-up the backlog can't run out any more.
  const rest: Partial<ScenarioInput> = {
    ...served(c, EXPONENTIAL),
    tunQueue: { onFull: 'stop' },
    assume: ASSUME,
  }
  const setting: Setting = { arrivals: 'periodic', rate: 1.1 * c, policy: 'any-idle', rest }
  add('saturated pool, any-idle', `${c} lanes`, setting, {
    reordered: pool.reorderedInPool(c),
    degree1: pool.degreeInPool(c, 1),
    degree2: pool.degreeInPool(c, 2),
    degree3: pool.degreeInPool(c, 3),
    degree4: pool.degreeInPool(c, 4),
    extent: c,
    ...extentsOfMean(c),
    sackLost: pool.sackLostInPool(c),
    quicLost: pool.quicLostInPool(c),
    ...displacementsBy((d) => pool.displacementInPool(c, d), 1 - c),
    ...(c === 2 ? density(occupancies, (b) => `buffered=${b}` as const, pool.bufferedInPoolOfTwo) : {}),
  })
}

/** Every model; those of one name follow each other, and a simulation in sequence follows the one without. */
export const allModels: readonly Model[] = models
