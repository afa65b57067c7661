/** The far end against closed forms, and worked out by hand: behind links, before and behind releases. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from '../../sim/random.ts'
import {
  choosing,
  happenings,
  inTurn,
  type MadePacket,
  orderOf,
  type Setup,
  timesOf,
} from '../pipeline.testing.ts'
import { SequenceRelease } from '../release/sequence.ts'

const byFlow = () => choosing((packet) => packet.flow.index)
/** Of one chunk. */
const PACKETS = 16_000
const RUNS = 12
const MEAN_NS = 1e6

/** Poisson arrivals, of the mean gap, with exponential times of the mean where there is one. */
function poisson(run: number, gapNs: number, lanes: number, workNs: number, farWorkNs: number): MadePacket[] {
  const draw = randomStream(5, run, 'tandem')
  const exponential = (meanNs: number) => Math.round(-Math.log(1 - draw()) * meanNs)
  let at = 0
  return Array.from({ length: PACKETS }, () => {
    at += exponential(gapNs)
    const flow = Math.floor(draw() * lanes)
    return { at, flow, work: exponential(workNs), farWork: exponential(farWorkNs) }
  })
}

/** The mean time from arrival to delivery is `meanNs`, as far as the spread of several runs tells. */
function assertMean(meanNs: number, packetsOf: (run: number) => MadePacket[], setup: Setup) {
  const means = Array.from({ length: RUNS }, (_, run) => {
    const packets = packetsOf(run)
    const times = timesOf(happenings(packets, byFlow(), setup), 'delivery')
    return packets.reduce((sum, { at }, i) => sum + times[i]! - at, 0) / packets.length
  })
  const mean = means.reduce((sum, one) => sum + one, 0) / RUNS
  const variance = means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (RUNS - 1)
  const errors = (mean - meanNs) / Math.sqrt(variance / RUNS)
  assert.ok(Math.abs(errors) < 4, `${mean} for ${meanNs} ns: ${errors} standard errors`)
  assert.ok(Math.abs(mean / meanNs - 1) < 0.05, `${mean} for ${meanNs} ns`)
}

// What leaves M/M/1 is Poisson again (Burke, The Output of a Queuing System, 1956): with mu = 1 / mean
// service, a packet takes 1 / (mu1 - lambda) + 1 / (mu2 - lambda).
test('lane and receiver are M/M/1 twice', () => {
  const gapNs = 2 * MEAN_NS
  const lambda = 1 / gapNs
  const meanNs = 1 / (1 / MEAN_NS - lambda) + 1 / (1 / (0.6 * MEAN_NS) - lambda)
  assertMean(meanNs, (run) => poisson(run, gapNs, 1, MEAN_NS, 0.6 * MEAN_NS), { lanes: 1, receiver: {} })
})

test('threads of their own are M/M/1 each, and threads that share a queue are M/M/2', () => {
  const load = 0.6
  const packetsOf = (run: number) => poisson(run, MEAN_NS / (2 * load), 2, 0, MEAN_NS)
  assertMean(MEAN_NS / (1 - load), packetsOf, { lanes: 2, receiver: {} })
  assertMean(MEAN_NS / (1 - load ** 2), packetsOf, { lanes: 2, receiver: { assign: 'shared' } })
})

test('a receiver begins when a packet has come over its link, and wakes up for it first if it was idle', () => {
  const packets = [0, 0, 50].map((at) => ({ at, work: 10, farWork: 7, farWakeUp: 5 }))
  const setup: Setup = { lanes: 1, receiver: {}, link: { delayNs: [100] } }
  // Over the link at 110, 120 and 160: 115-122, then at once to 129, then 165-172.
  assert.deepEqual(timesOf(happenings(packets, byFlow(), setup), 'delivery'), { 0: 122, 1: 129, 2: 172 })
})

test('a release behind the links lets go what receivers have finished', () => {
  const packets = [40, 1, 1].map((farWork) => ({ at: 0, work: 10, farWork }))
  const create = (host: ConstructorParameters<typeof SequenceRelease>[1]) =>
    new SequenceRelease({ timeoutNs: Number.POSITIVE_INFINITY, boundPackets: 9 }, host)
  const plain = happenings(packets, inTurn(), { lanes: 3, receiver: {} })
  assert.deepEqual(timesOf(plain, 'delivery'), { 0: 50, 1: 11, 2: 11 })
  const behind = happenings(packets, inTurn(), {
    lanes: 3,
    receiver: {},
    release: { at: 'receiver', create },
  })
  assert.deepEqual(timesOf(behind, 'delivery'), { 0: 50, 1: 50, 2: 50 })
  assert.deepEqual(orderOf(behind, 'delivery'), [0, 1, 2])
  // Before the links there is nothing to put in order, and receivers reorder behind it.
  const before = happenings(packets, inTurn(), { lanes: 3, receiver: {}, release: { at: 'sender', create } })
  assert.deepEqual(timesOf(before, 'release'), { 0: 10, 1: 10, 2: 10 })
  assert.deepEqual(orderOf(before, 'delivery'), [1, 2, 0])
})

test('a packet that its link loses keeps no thread busy', () => {
  const packets = [0, 1].map((linkLossDraw) => ({ at: 0, work: 1, farWork: 10, linkLossDraw }))
  const setup: Setup = { lanes: 1, receiver: {}, link: { lossRatio: [0.5] } }
  assert.deepEqual(timesOf(happenings(packets, byFlow(), setup), 'delivery'), { 1: 12 })
})
