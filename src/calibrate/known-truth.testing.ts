/**
 * Test support: machines made at random of which everything is known, runs of them as two captures would show
 * them, and what a calibration of such a run predicts beside what the machine does. Times of half of the
 * machines have a way in them, and of most of those the clock of the far end.
 */

import { findPolicy } from '../scenario/known-policies.ts'
import type { ScenarioInput } from '../scenario/schema/schema.ts'
import { scenarioSchema } from '../scenario/schema/schema.ts'
import { log } from '../sim/elementary.ts'
import { type Random, randomStream } from '../sim/random.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { writeDuration } from '../units.ts'
import type { Calibrated } from './calibrate.ts'
import { delaysOf } from './moments.ts'
import { orderMoments } from './order-moments.ts'
import { quantile } from './quantile.ts'
import { type CreatePolicy, Simulated } from './simulated.ts'

export const PACKETS = 50_000
export const SIZES_BYTES = [200, 1200] as const
const SEEDS = 3
/** Between two clocks delays are counted from those of the quickest hundredth. */
const QUICKEST = 0.01
/** Nobody asks how long packets are late of which there are next to none. */
const REORDERED_MIN = 0.0005

type Machine = Pick<ScenarioInput, 'reader' | 'lanes' | 'receiver' | 'link'>

export interface Truth {
  readonly number: number
  /** In words, for the table. */
  readonly description: string
  readonly machine: Machine
  readonly lanes: number
  readonly policy: string
  readonly otherPolicy: string
  readonly packetsPerSecond: number
  readonly flows: number
  /** Of the far end's clock; undefined: it is the same. */
  readonly clock: { readonly offsetNs: number; readonly ppm: number } | undefined
  /** Mean of what reader, waking up, lane and far end take of a packet of no size, ns. */
  readonly stagesNs: number
  readonly perByteNs: number
  readonly stalls: { readonly perSecond: number; readonly meanNs: number } | undefined
}

/** How often each quantity is right: within a tenth, shares also within half a point. */
export interface Cell {
  readonly what: string
  readonly isRight: boolean
  readonly truth: number
  readonly predicted: number
}

const us = (number: number) => writeDuration(Math.round(1000 * number))

/** Truth number 0, 1, 2 ...: the same each time. */
export function truthOf(number: number): Truth {
  const random = randomStream('known truth', number, 'machine')
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const between = (low: number, high: number) => low + (high - low) * random()
  const chance = (share: number) => random() < share
  const said: string[] = []
  const lanes = 2 + Math.floor(random() * 7)
  const fixedUs = between(5, 45)
  const perByteNs = pick([0, 2, 6])
  const shape = shapeOf(pick(SHAPES), between(5, 30))
  const meanUs = fixedUs + shape.meanUs + (perByteNs * (SIZES_BYTES[0] + SIZES_BYTES[1])) / 2000
  const policy = pick(['any-idle', 'any-idle', 'hash', 'round-robin'])
  const isPinned = policy === 'hash'
  const load = isPinned ? between(0.1, 0.2) : between(0.15, 0.3)
  const packetsPerSecond = (load * lanes * 1e6) / meanUs
  said.push(`${lanes} lanes`, policy, `load ${load.toFixed(2)}`, `${shape.name} ${perByteNs} ns/B`)
  let stagesUs = fixedUs + shape.meanUs
  let receiver: Machine['receiver']
  if (chance(0.3)) {
    const receiverUs = between(3, 23)
    const jitter = chance(0.5) ? ('none' as const) : { exponential: { mean: '5us' } }
    receiver = { service: { fixed: us(receiverUs), perByte: '0ns', jitter } }
    stagesUs += receiverUs + (jitter === 'none' ? 0 : 5)
    said.push('far end')
  }
  let reader: Machine['reader']
  if (chance(0.3)) {
    const readerUs = between(0.5, 3.5)
    reader = { perPacket: us(readerUs) }
    stagesUs += readerUs
    said.push('reader')
  }
  const isEarly = chance(0.3)
  if (isEarly) said.push('early idle')
  const wakesUp = chance(0.3)
  if (wakesUp) {
    stagesUs += 6
    said.push('waking up')
  }
  const stalls = chance(0.4)
    ? stallsOf(random, meanUs * between(7, 15), packetsPerSecond / lanes / between(100, 300))
    : undefined
  if (stalls !== undefined) said.push('stalls')
  const hasWay = number % 2 === 1
  const delay = pick(['0us', '50us', '5ms', '50ms'])
  const linkJitter = hasWay && chance(0.5) ? pick(LINK_JITTERS) : ('none' as const)
  const clock =
    hasWay && chance(0.7)
      ? { offsetNs: Math.round(between(-1e8, 1e8)), ppm: pick([-1, 1]) * between(1, 50) }
      : undefined
  if (hasWay) said.push(`way ${delay}${linkJitter === 'none' ? '' : ' with jitter'}`)
  if (clock !== undefined) said.push(`clock ${clock.ppm.toFixed(0)} ppm`)
  return {
    number,
    description: said.join(', '),
    machine: {
      ...(reader === undefined ? {} : { reader }),
      lanes: {
        count: lanes,
        service: {
          fixed: us(fixedUs),
          perByte: `${perByteNs}ns`,
          jitter: shape.jitter,
          ...(isEarly ? { write: us(0.3 * fixedUs) } : {}),
        },
        ...(isEarly ? { idleAt: 'start-of-write' as const } : {}),
        ...(wakesUp ? { wakeUp: { exponential: { mean: '6us' } } } : {}),
        ...(stalls === undefined ? {} : { stalls: stalls.keys }),
      },
      ...(receiver === undefined ? {} : { receiver }),
      ...(hasWay ? { link: { delay, jitter: linkJitter } } : {}),
    },
    lanes,
    policy,
    otherPolicy: policy === 'any-idle' ? 'hash' : 'any-idle',
    packetsPerSecond,
    flows: isPinned ? 32 : pick([16, 64]),
    clock,
    stagesNs: 1000 * stagesUs,
    perByteNs,
    stalls,
  }
}

const SHAPES = ['none', 'exponential', 'lognormal', 'gamma', 'uniform'] as const
const LINK_JITTERS = [{ exponential: { mean: '10us' } }, { uniform: { low: '0us', high: '30us' } }] as const

/** What is added to the least service. */
function shapeOf(name: (typeof SHAPES)[number], meanUs: number) {
  if (name === 'none') return { name, meanUs: 0, jitter: name }
  if (name === 'exponential') return { name, meanUs, jitter: { exponential: { mean: us(meanUs) } } }
  if (name === 'gamma') return { name, meanUs, jitter: { gamma: { mean: us(meanUs), shape: 2 } } }
  if (name === 'uniform') return { name, meanUs, jitter: { uniform: { low: '0us', high: us(2 * meanUs) } } }
  // The mean of a lognormal is median * e^(sigma^2 / 2), with a sigma of 0.8 1.377 medians.
  return { name, meanUs, jitter: { lognormal: { median: us(meanUs / 1.377), sigma: 0.8 } } }
}

function stallsOf(random: Random, lengthUs: number, perSecond: number) {
  const kind = Math.floor(random() * 3)
  const length =
    kind === 0
      ? { exponential: { mean: us(lengthUs) } }
      : kind === 1
        ? { constant: { value: us(lengthUs) } }
        : { gamma: { mean: us(lengthUs), shape: 2 } }
  const rounded = Math.max(1, Math.round(perSecond))
  return { keys: { perSecond: rounded, length }, perSecond: rounded, meanNs: 1000 * lengthUs }
}

/** Packets at Poisson times, of two sizes, over flows at random; nothing has arrived yet. */
export function sentOf(packetsPerSecond: number, flows: number, seed: number): SentRun {
  const random = randomStream('known truth', seed, 'traffic')
  const sentNs = new Float64Array(PACKETS)
  const sizeBytes = new Int32Array(PACKETS)
  const flow = new Int32Array(PACKETS)
  let atNs = 0
  for (let i = 0; i < PACKETS; i++) {
    sentNs[i] = Math.round(atNs)
    sizeBytes[i] = SIZES_BYTES[Math.floor(random() * SIZES_BYTES.length)]!
    flow[i] = Math.floor(random() * flows)
    atNs -= (log(1 - random()) * 1e9) / packetsPerSecond
  }
  const receivedNs = new Float64Array(PACKETS).fill(Number.NaN)
  return { name: 'truth', count: PACKETS, sentNs, receivedNs, sizeBytes, flow, flowCount: flows }
}

/** What two captures of this machine would show. */
export function measuredRun(truth: Truth): SentRun {
  const run = sentOf(truth.packetsPerSecond, truth.flows, truth.number)
  const receivedNs = simulated(run, truth.machine, truth.policy, `measured ${truth.number}`, 0)
  const { clock } = truth
  if (clock === undefined) return { ...run, receivedNs }
  return {
    ...run,
    receivedNs: receivedNs.map((ns) => Math.round(ns * (1 + clock.ppm / 1e6) + clock.offsetNs)),
  }
}

/** Twice and half the rate, and another policy: eight quantities each, means over several seeds. */
export function cellsOf(truth: Truth, { scenario, clock }: Calibrated): Cell[] {
  const { policy, otherPolicy, packetsPerSecond, flows, number } = truth
  const cases = [
    ['twice the rate', 2, policy],
    ['half the rate', 0.5, policy],
    [otherPolicy, 1, otherPolicy],
  ] as const
  return cases.flatMap(([name, faster, by], i) => {
    const run = sentOf(faster * packetsPerSecond, flows, 1000 + 3 * number + i)
    const hasClock = clock === 'same'
    const were = meanNumbers(run, truth.machine, by, 'truth', hasClock)
    const predicted = meanNumbers(run, scenario as Machine, by, 'predicted', hasClock)
    return Object.entries(were).flatMap(([what, was]) => {
      const group = what.split(' ')[0]!
      const isOrder = what.endsWith('extent') || what.endsWith('late p50')
      if (isOrder && were[`${group} reordered`]! < REORDERED_MIN) return []
      const willBe = predicted[what]!
      const off = Math.abs(willBe - was)
      const isRight = off <= 0.1 * was || (what.endsWith('reordered') && off <= 0.005)
      return [{ what: `${name}: ${what}`, isRight, truth: was, predicted: willBe }]
    })
  })
}

function meanNumbers(run: SentRun, machine: Machine, policy: string, seed: string, hasClock: boolean) {
  const all = Array.from({ length: SEEDS }, (_, k) =>
    numbersOf(run, simulated(run, machine, policy, seed, k), hasClock),
  )
  return Object.fromEntries(
    Object.keys(all[0]!).map((what) => [what, all.reduce((sum, one) => sum + one[what]!, 0) / SEEDS]),
  )
}

function numbersOf(run: SentRun, receivedNs: Float64Array, hasClock: boolean): Record<string, number> {
  const delays = delaysOf(
    run,
    receivedNs,
    Int32Array.from({ length: run.count }, (_, i) => i),
  )
  const leastNs = hasClock ? 0 : quantile(delays, QUICKEST)
  const tunnel = { ...run, flow: new Int32Array(run.count), flowCount: 1 }
  return {
    ...orderOf('flows', run, receivedNs),
    ...orderOf('tunnel', tunnel, receivedNs),
    'delay p50': quantile(delays, 0.5) - leastNs,
    'delay p99': quantile(delays, 0.99) - leastNs,
  }
}

function orderOf(name: string, run: SentRun, receivedNs: Float64Array) {
  const { arrived, reordered, extentMean, lateNsP50 } = orderMoments(run, receivedNs)
  return {
    [`${name} reordered`]: reordered / arrived,
    [`${name} extent`]: extentMean,
    [`${name} late p50`]: lateNsP50,
  }
}

function simulated(run: SentRun, machine: Machine, policy: string, seed: string, number: number) {
  const scenario = scenarioSchema.parse({ source: { synthetic: { packetsPerSecond: 1 } }, ...machine })
  return new Simulated(run, number, seed).receivedNs(scenario, createOf(policy))
}

function createOf(name: string): CreatePolicy {
  const plugin = findPolicy(name)!
  const parameters = plugin.parameters.parse({})
  return (lanes, random) => plugin.create(parameters, lanes, random)
}
