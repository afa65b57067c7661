import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ObserverFactory } from '../observer.ts'
import { choosing, happenings, inTurn, type MadePacket, type Setup, timesOf } from '../pipeline.testing.ts'

/** Packets by their flow to the lane of that number. */
const byFlow = () => choosing((packet) => packet.flow.index)
const onOneCore = (timeSliceNs: number): Setup => ({ cores: { count: 1, timeSliceNs } })

/** When each packet first ran, and when it had left. */
function timesOn(packets: readonly MadePacket[], setup: Setup) {
  const started: Record<number, number> = {}
  const observer: ObserverFactory = (store) => ({
    onLaneExit: (row) => {
      started[store.index[row]!] = store.startNs[row]!
    },
  })
  const log = happenings(packets, byFlow(), { ...setup, observers: [observer] })
  return { started, left: timesOf(log, 'delivery') }
}

interface Case {
  readonly name: string
  readonly packets: readonly MadePacket[]
  readonly sliceNs: number
  readonly setup?: Setup
  readonly started: readonly number[]
  readonly left: readonly number[]
}

const cases: readonly Case[] = [
  {
    name: 'two lanes on one core work by turns of a slice',
    packets: [
      { at: 0, work: 25, flow: 0 },
      { at: 0, work: 25, flow: 1 },
    ],
    sliceNs: 10,
    started: [0, 10],
    left: [45, 50],
  },
  {
    name: 'a lane that runs out of packets gives its core away at once, and the last one keeps it',
    packets: [
      { at: 0, work: 4, flow: 0 },
      { at: 0, work: 25, flow: 1 },
    ],
    sliceNs: 10,
    started: [0, 4],
    left: [4, 29],
  },
  {
    name: "a slice is the lane's: it goes on over several packets and may end within one",
    packets: [
      { at: 0, work: 4, flow: 0 },
      { at: 0, work: 4, flow: 0 },
      { at: 0, work: 4, flow: 0 },
      { at: 0, work: 5, flow: 1 },
    ],
    sliceNs: 10,
    started: [0, 4, 8, 10],
    left: [4, 8, 17, 15],
  },
  {
    name: 'a slice that ends with a packet ends before the next one',
    packets: [
      { at: 0, work: 10, flow: 0 },
      { at: 0, work: 10, flow: 0 },
      { at: 0, work: 5, flow: 1 },
    ],
    sliceNs: 10,
    started: [0, 15, 10],
    left: [10, 25, 15],
  },
  {
    name: 'who comes late waits for the end of the slice under way, the second one here',
    packets: [
      { at: 0, work: 100, flow: 0 },
      { at: 13, work: 5, flow: 1 },
    ],
    sliceNs: 10,
    started: [0, 20],
    left: [105, 25],
  },
  {
    name: 'a lane wakes up without a core, then queues for one',
    packets: [
      { at: 0, work: 10, flow: 0, wakeUp: 7 },
      { at: 0, work: 10, flow: 1, wakeUp: 2 },
    ],
    sliceNs: 100,
    started: [12, 2],
    left: [22, 12],
  },
  {
    name: 'a slow lane is slow on every core',
    packets: [
      { at: 0, work: 10, flow: 0 },
      { at: 0, work: 10, flow: 1 },
    ],
    sliceNs: 5,
    setup: { speed: [1, 0.5] },
    started: [0, 5],
    left: [15, 30],
  },
  {
    name: 'three lanes on two cores',
    packets: [
      { at: 0, work: 10, flow: 0 },
      { at: 0, work: 30, flow: 1 },
      { at: 0, work: 10, flow: 2 },
    ],
    sliceNs: 6,
    setup: { lanes: 3, cores: { count: 2, timeSliceNs: 6 } },
    // Lane 2 takes lane 0's core at 6; lane 0 takes lane 1's at 6, in line behind it, and is done at 10.
    started: [0, 0, 6],
    left: [10, 34, 16],
  },
]

for (const { name, packets, sliceNs, setup, started, left } of cases) {
  test(name, () => {
    const times = timesOn(packets, { ...onOneCore(sliceNs), ...setup })
    assert.deepEqual(times, { started: { ...started }, left: { ...left } })
  })
}

test("a lane that waits for a core isn't idle, and only service counts as busy", () => {
  const seen: number[][] = []
  const policy = choosing((packet, lanes) => {
    seen.push([lanes.busyNs(0), lanes.busyNs(1), lanes.inService(1), lanes.queued(1)])
    return packet.flow.index
  })
  const packets = [
    { at: 0, work: 25, flow: 0 },
    ...[1, 2, 12, 24, 47].map((at) => ({ at, work: 20, flow: 1 })),
  ]
  happenings(packets, policy, onOneCore(10))
  assert.deepEqual(seen, [
    [0, 0, 0, 0],
    [1, 0, 0, 0],
    [2, 0, 1, 0],
    [10, 2, 1, 1],
    [14, 10, 1, 2],
    [25, 22, 1, 2],
  ])
})

const works = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 1000 }),
    work: fc.integer({ min: 0, max: 80 }),
    flow: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 50 },
)
const byTime = (packets: readonly MadePacket[]) => packets.toSorted((a, b) => a.at - b.at)

test('one core has as much to do as one lane: the last packet leaves at the same time, whatever the slice', () => {
  fc.assert(
    fc.property(works, fc.integer({ min: 1, max: 100 }), (unsorted, sliceNs) => {
      const packets = byTime(unsorted)
      const shared = happenings(packets, byFlow(), { lanes: 4, ...onOneCore(sliceNs) })
      const alone = happenings(
        packets,
        choosing(() => 0),
        { lanes: 1 },
      )
      const left = Object.values(timesOf(shared, 'delivery'))
      assert.equal(left.length, packets.length)
      assert.equal(Math.max(...left), Math.max(...Object.values(timesOf(alone, 'delivery'))))
    }),
    { seed: 4, numRuns: 300 },
  )
})

test('as many cores as lanes are no different from lanes of their own', () => {
  fc.assert(
    fc.property(works, fc.integer({ min: 1, max: 100 }), (unsorted, sliceNs) => {
      const packets = byTime(unsorted).map((packet) => ({ ...packet, wakeUp: packet.work % 7 }))
      const times = (setup: Setup) =>
        timesOf(happenings(packets, byFlow(), { lanes: 4, ...setup }), 'delivery')
      assert.deepEqual(times({ cores: { count: 4, timeSliceNs: sliceNs } }), times({}))
      const all = (setup: Setup) => happenings(unwoken(packets), inTurn(), { lanes: 4, ...setup })
      assert.deepEqual(all({ cores: { count: 4, timeSliceNs: 1e9 } }), all({}))
    }),
    { seed: 5, numRuns: 300 },
  )
})

const unwoken = (packets: readonly MadePacket[]) => packets.map((packet) => ({ ...packet, wakeUp: 0 }))
