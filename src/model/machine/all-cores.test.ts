/** Reader, lanes and receivers on shared cores, worked out by hand, and where sharing changes nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EventQueue } from '../../sim/event-queue.ts'
import {
  choosing,
  happenings,
  inTurn,
  type MadePacket,
  orderOf,
  type Setup,
  sharedByAll,
  simulate,
  timesOf,
} from '../pipeline.testing.ts'
import { type DispatchPolicy, HOLD } from '../policy.ts'
import { Stalls } from './stalls.ts'

const byFlow = () => choosing((packet) => packet.flow.index)
const anyIdle = () =>
  choosing((_packet, lanes) => {
    for (let lane = 0; lane < lanes.count; lane++) if (lanes.isIdle(lane)) return lane
    return HOLD
  })

interface Case {
  readonly name: string
  readonly packets: readonly MadePacket[]
  readonly setup: Setup
  readonly policy?: () => DispatchPolicy
  /** When each packet leaves its lane, and where there is a far end, when it is delivered. */
  readonly left: readonly number[]
  readonly delivered?: readonly number[]
}

const threeOf = (at: number, work: number, flow = 0) => [0, 1, 2].map(() => ({ at, work, flow }))
const stage = { perLane: 1, total: 1 }

const cases: readonly Case[] = [
  {
    name: 'on one core a reader reads all that there is before a lane begins',
    packets: threeOf(0, 10),
    setup: { lanes: 1, reader: { perPacketNs: 3 }, allCores: sharedByAll(1) },
    left: [19, 29, 39],
  },
  {
    name: 'a reader that waits for a core reads when the lane that has it sleeps',
    packets: [
      { at: 0, work: 10 },
      { at: 5, work: 10 },
    ],
    setup: { lanes: 1, reader: { perPacketNs: 3 }, allCores: sharedByAll(1) },
    left: [13, 26],
  },
  {
    name: 'on two cores reader and lane work at the same time',
    packets: threeOf(0, 10),
    setup: { lanes: 1, reader: { perPacketNs: 3 }, allCores: sharedByAll(2) },
    left: [13, 23, 33],
  },
  {
    // Behind the lane wait the reader, for the second packet, then the receiver, then the lane again.
    name: 'on one core reader, lane and receiver take turns as they get something to do',
    packets: [
      { at: 0, work: 10, farWork: 7 },
      { at: 0, work: 10, farWork: 7 },
    ],
    setup: { lanes: 1, receiver: {}, allCores: sharedByAll(1) },
    left: [10, 27],
    delivered: [17, 34],
  },
  {
    name: "a receiver on its waker's core waits for it, else takes the idle one",
    packets: [
      { at: 0, work: 10, farWork: 7 },
      { at: 0, work: 10, farWork: 7 },
    ],
    setup: { lanes: 1, receiver: {}, allCores: sharedByAll(2) },
    left: [10, 20],
    delivered: [17, 27],
  },
  {
    // The second packet waits in the stage for the lane, which waits for the core that the reader spins on;
    // so does the third one from 1,013 on.
    name: 'a reader that spins keeps its only core from the lane that it waits for, until its slice is over',
    packets: threeOf(0, 10),
    setup: {
      lanes: 1,
      reader: { perPacketNs: 3, stage, spins: true },
      allCores: sharedByAll(1, { timeSliceNs: 1000 }),
    },
    left: [1010, 2020, 2030],
  },
  {
    name: 'a reader that sleeps gives its core to the lane that it waits for',
    packets: threeOf(0, 10).slice(0, 2),
    setup: { lanes: 1, reader: { perPacketNs: 3, stage }, allCores: sharedByAll(1, { timeSliceNs: 1000 }) },
    left: [16, 26],
  },
  {
    name: 'a reader that spins on a core of its own is in nobody\u2019s way',
    packets: threeOf(0, 10),
    setup: { lanes: 1, reader: { perPacketNs: 3, stage, spins: true }, allCores: sharedByAll(2) },
    left: [13, 23, 33],
  },
  {
    name: 'a reader whose policy holds a packet sleeps, and tries again when a lane is done',
    packets: threeOf(0, 10).slice(0, 2),
    setup: { lanes: 1, reader: { perPacketNs: 3, spins: true }, allCores: sharedByAll(1) },
    policy: anyIdle,
    left: [16, 26],
  },
  {
    name: 'a reader with a packet for a full lane spins, and hands it over when there is room',
    packets: threeOf(0, 10),
    setup: {
      lanes: 1,
      reader: { spins: true },
      laneQueue: { capacityPackets: 1, onFull: 'hold' },
      allCores: sharedByAll(2),
    },
    left: [10, 20, 30],
  },
  {
    name: 'an early idle lane is given its next packet while it writes, and begins it when it has written',
    packets: [
      { at: 0, work: 10 },
      { at: 0, work: 10 },
      { at: 7, work: 2, flow: 1 },
    ],
    setup: { lanes: 1, idleWriteNs: [4] },
    policy: anyIdle,
    // The second is taken at 6, so that the lane isn't idle again before 16: the third is held until then.
    left: [10, 20, 22],
  },
  {
    name: 'a lane without work left but the write is idle at once',
    packets: [
      { at: 0, work: 3 },
      { at: 1, work: 3 },
    ],
    setup: { lanes: 1, idleWriteNs: [4] },
    policy: anyIdle,
    left: [3, 6],
  },
]

for (const { name, packets, setup, policy = byFlow, left, delivered = left } of cases) {
  test(name, () => {
    const log = happenings(packets, policy(), setup)
    assert.deepEqual(timesOf(log, 'lane exit'), { ...left })
    assert.deepEqual(timesOf(log, 'delivery'), { ...delivered })
  })
}

test('a stage gives a lane that still writes no more than fits into its queue', () => {
  // At 6 the lane says idle, and has room for one of the two that wait; the other one follows at 16.
  const setup: Setup = {
    lanes: 1,
    idleWriteNs: [4],
    reader: { stage: { perLane: 2, total: 2 }, batch: 3 },
    laneQueue: { capacityPackets: 1, onFull: 'hold' },
  }
  const packets = [{ at: 0, work: 10 }, ...threeOf(1, 10).slice(1)]
  assert.deepEqual(timesOf(happenings(packets, byFlow(), setup), 'delivery'), { 0: 10, 1: 20, 2: 30 })
  const drops: Setup = { ...setup, laneQueue: { capacityPackets: 1, onFull: 'drop' } }
  assert.deepEqual(orderOf(happenings(packets, byFlow(), drops), 'lane drop'), [])
})

test('a stall holds up the work of a thread on its core, and what is worked is what was to be done', () => {
  // Lane 0 stalls from 5 to 8 and from 31 to 34; turns last 10. It works 0-5, 8-20 and 30-31, 34-36, where
  // its second turn begins as only the reader waits; lane 1 works 20-30 and 36-46.
  const stalls = (lane: number) => {
    if (lane === 1)
      return new Stalls(
        () => 1e9,
        () => 1,
      )
    const gaps = [5, 23, 1e9]
    return new Stalls(
      () => gaps.shift()!,
      () => 3,
    )
  }
  const packets = [0, 1].map((flow) => ({ at: 0, work: 20, flow }))
  const setup: Setup = { allCores: sharedByAll(1, { timeSliceNs: 10 }), stalls }
  assert.deepEqual(timesOf(happenings(packets, byFlow(), setup), 'delivery'), { 0: 36, 1: 46 })
  const busyNs = [0, 0]
  const observer = (_store: unknown, lanes: { busyNs(lane: number): number }) => ({
    onDelivery: () => void busyNs.splice(0, 2, lanes.busyNs(0), lanes.busyNs(1)),
  })
  simulate(packets, byFlow(), setup, [observer])
  assert.deepEqual(busyNs, [20, 20])
})

const packets = fc
  .array(
    fc.record({
      gap: fc.nat(60),
      work: fc.nat(150),
      flow: fc.nat(2),
      wakeUp: fc.nat(20),
      farWork: fc.nat(150),
      farWakeUp: fc.nat(20),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((made) => {
    let at = 0
    return made.map(({ gap, ...rest }) => {
      at += gap
      return { at, ...rest }
    })
  })
const machines: fc.Arbitrary<Setup & Required<Pick<Setup, 'reader'>>> = fc.record({
  lanes: fc.constant(3),
  reader: fc.record({
    perPacketNs: fc.constantFrom(0, 7),
    perPassNs: fc.constantFrom(0, 11),
    batch: fc.constantFrom(1, 3),
    stage: fc.constantFrom(undefined, stage, { perLane: 2, total: 5 }),
    spins: fc.boolean(),
  }),
  idleWriteNs: fc.constantFrom(undefined, [9, 30, 200]),
  laneQueue: fc.constantFrom(undefined, { capacityPackets: 2, onFull: 'hold' as const }),
  receiver: fc.constantFrom(undefined, {}, { assign: 'shared' as const, count: 2 }),
  link: fc.constantFrom({}, { delayNs: [5, 80, 300] }),
})

test('as many cores as threads are no different from cores of their own, if nobody starts at its waker', () => {
  fc.assert(
    fc.property(packets, machines, fc.constantFrom(3, 1e6), (made, machine, sliceNs) => {
      // What comes the moment a slice ends meets threads in another order where they have one queue.
      const timeSliceNs = machine.receiver?.assign === 'shared' ? 1e6 : sliceNs
      const times = (setup: Setup) => {
        const log = happenings(made, machine.reader.spins ? byFlow() : inTurn(), { ...machine, ...setup })
        return [timesOf(log, 'lane exit'), timesOf(log, 'delivery')]
      }
      assert.deepEqual(times({ allCores: sharedByAll(7, { timeSliceNs }) }), times({}))
    }),
    { seed: 6, numRuns: 600 },
  )
})

test('on one core all that is to be done takes its time, whoever does it', () => {
  fc.assert(
    fc.property(packets, fc.constantFrom(1, 20, 1e6), (made, timeSliceNs) => {
      const busy = made.map((packet) => ({ ...packet, at: 0, wakeUp: 0, farWakeUp: 0 }))
      const setup: Setup = {
        lanes: 3,
        reader: { perPacketNs: 7 },
        receiver: {},
        allCores: sharedByAll(1, { timeSliceNs }),
      }
      const ends = Object.values(timesOf(happenings(busy, byFlow(), setup), 'delivery'))
      const workNs = busy.reduce((sum, { work, farWork }) => sum + 7 + work + farWork, 0)
      assert.equal(Math.max(...ends), workNs)
    }),
    { seed: 7, numRuns: 300 },
  )
})

test('a reader that spins makes an event per slice at most', (t) => {
  const moved = t.mock.method(EventQueue.prototype, 'schedule')
  const setup: Setup = {
    lanes: 1,
    reader: { stage, spins: true },
    allCores: sharedByAll(2, { timeSliceNs: 1000 }),
  }
  happenings(threeOf(0, 1e6), byFlow(), setup)
  // Three services of a thousand slices, in each of which lane and reader begin a turn.
  assert.ok(moved.mock.callCount() < 2 * 3000 + 50, `${moved.mock.callCount()} events`)
})
