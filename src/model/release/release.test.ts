import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosing, happenings, inTurn, orderOf, type Setup, timesOf } from '../pipeline.testing.ts'
import type { PipelineSettings } from '../pipeline-settings.ts'
import { SequenceRelease } from './sequence.ts'
import { TurnsRelease } from './turns.ts'
import { WindowRelease } from './window.ts'

const never = Number.POSITIVE_INFINITY
const sequence = (timeoutNs = never, boundPackets = never): PipelineSettings['release'] => ({
  at: 'receiver',
  create: (host) => new SequenceRelease({ timeoutNs, boundPackets }, host),
})
const window = (size: number): PipelineSettings['release'] => ({
  at: 'receiver',
  create: (host) => new WindowRelease(size, host),
})
const turns = (packets = 1): PipelineSettings['release'] => ({
  at: 'sender',
  create: (host, lanes) => new TurnsRelease(packets, host, lanes),
})
/** One lane per packet, all at time 0: packet i is finished at `work[i]`. */
const deliveries = (work: readonly number[], setup: Setup) =>
  happenings(
    work.map((ns) => ({ at: 0, work: ns })),
    choosing((packet) => packet.index),
    { lanes: work.length, ...setup },
  )

test('a sequence holds packets until those before them have come', () => {
  const log = deliveries([30, 10, 20, 5], { release: sequence() })
  assert.deepEqual(orderOf(log, 'delivery'), [0, 1, 2, 3])
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 30, 1: 30, 2: 30, 3: 30 })
})

test('a sequence gives a packet up when it has held others up for the timeout, and lets it go when it comes', () => {
  const log = deliveries([50, 10, 12, 90], { release: sequence(15) })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 50, 1: 25, 2: 25, 3: 90 })
})

test('each missing packet has a timeout of its own, from when it holds something up', () => {
  const log = deliveries([10, 90, 12, 80, 13], { release: sequence(20) })
  // 1 is missing from 12 on; given up at 32, when 3 begins to hold up 4.
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 10, 1: 90, 2: 32, 3: 80, 4: 52 })
})

test('a sequence with a bound lets go when more packets wait', () => {
  const log = deliveries([50, 10, 11, 12], { release: sequence(never, 2) })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 50, 1: 12, 2: 12, 3: 12 })
})

test('a packet dropped by its lane frees its turn at once', () => {
  const policy = choosing((packet) => (packet.index === 2 ? 1 : 0))
  const packets = [0, 1, 2, 3].map((at) => ({ at, work: 100 }))
  const laneQueue = { capacityPackets: 1, onFull: 'drop' } as const
  // 3 is dropped at lane 0, 2 is finished on lane 1 at 102, after 0 at 100 and before 1 at 200.
  const log = happenings(packets, policy, { laneQueue, release: sequence() })
  assert.deepEqual(orderOf(log, 'lane drop'), [3])
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 100, 1: 200, 2: 200 })
  const first = choosing((packet) => (packet.index < 3 ? 0 : 1))
  // 2 is dropped at 2; 3 only waits for 0 and 1.
  const freed = happenings(packets, first, { laneQueue, release: sequence() })
  assert.deepEqual(timesOf(freed, 'delivery'), { 0: 100, 1: 200, 3: 200 })
})

test('a sequence behind a lossy link waits for the timeout, at the sender it does not notice', () => {
  const packets = [0, 10, 20].map((at, i) => ({ at, work: 1, linkLossDraw: i === 0 ? 0 : 1 }))
  const link = { lossRatio: [0.5], delayNs: [100] }
  const one = choosing(() => 0)
  const receiver = happenings(packets, one, { lanes: 1, link, release: sequence(1000) })
  assert.deepEqual(timesOf(receiver, 'delivery'), { 1: 1111, 2: 1111 })
  const atSender = { ...sequence()!, at: 'sender' as const }
  const sender = happenings(packets, one, { lanes: 1, link, release: atSender })
  assert.deepEqual(timesOf(sender, 'delivery'), { 1: 111, 2: 121 })
})

test('what a sequence still holds when nothing else can come goes out in order', () => {
  const packets = [0, 10, 20, 30].map((at, i) => ({ at, work: 1, linkLossDraw: i % 2 === 0 ? 0 : 1 }))
  const log = happenings(
    packets,
    choosing(() => 0),
    {
      lanes: 1,
      link: { lossRatio: [0.5] },
      release: sequence(),
    },
  )
  assert.deepEqual(orderOf(log, 'delivery'), [1, 3])
})

test('a thousand packets in any order come out in sequence', () => {
  const work = Array.from({ length: 1000 }, (_, i) => 1 + ((i * 7919) % 997))
  const log = deliveries(work, { release: sequence() })
  assert.deepEqual(orderOf(log, 'delivery'), [...work.keys()])
})

test('a window keeps what is within it, and slides over what is missing', () => {
  // Turn 0 comes first and sets the window; 1 is late, 2 to 4 wait, 5 slides a window of four past 1.
  const log = deliveries([1, 60, 10, 20, 30, 40], { release: window(4) })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 1, 1: 60, 2: 40, 3: 40, 4: 40, 5: 40 })
})

test('a packet beyond two windows is not reordered and leaves at once, and the window stays', () => {
  const work = [1, 50, ...Array.from({ length: 7 }, () => 60), 10]
  const log = deliveries(work, { release: window(4) })
  const times = timesOf(log, 'delivery')
  assert.equal(times[9], 10)
  assert.equal(times[1], 50)
})

test('the first packet to come sets the window, and one before it is late', () => {
  const log = deliveries([20, 10], { release: window(4) })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 20, 1: 10 })
})

test('lanes that write in turn restore the order of round-robin', () => {
  const packets = [50, 10, 20, 5, 5, 5].map((work, i) => ({ at: i, work }))
  const log = happenings(packets, inTurn(), { lanes: 3, release: turns() })
  assert.deepEqual(orderOf(log, 'delivery'), [0, 1, 2, 3, 4, 5])
})

test('a lane without anything to write is skipped, a working one is waited for', () => {
  // Lanes 0 and 2 of 3: 0 works until 50, 2 is finished at 11 and waits for it.
  const policy = choosing((packet) => (packet.index === 0 ? 0 : 2))
  const packets = [50, 10].map((work, i) => ({ at: i, work }))
  const log = happenings(packets, policy, { lanes: 3, release: turns() })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 50, 1: 50 })
})

test('two packets per turn go out together', () => {
  const policy = choosing((packet) => packet.index >> 1)
  const packets = [1, 1, 1, 1].map((work) => ({ at: 0, work }))
  assert.deepEqual(orderOf(happenings(packets, policy, { release: turns(2) }), 'delivery'), [0, 1, 2, 3])
  assert.deepEqual(orderOf(happenings(packets, policy, { release: turns(1) }), 'delivery'), [0, 2, 1, 3])
})

test('a packet dropped by its lane does not hold up the turns', () => {
  const policy = choosing((packet) => (packet.index < 3 ? 0 : 1))
  const packets = [0, 1, 2, 3].map((at) => ({ at, work: 10 }))
  const laneQueue = { capacityPackets: 1, onFull: 'drop' } as const
  const log = happenings(packets, policy, { laneQueue, release: turns() })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 10, 1: 20, 3: 13 })
})
