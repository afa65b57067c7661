import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  choosing,
  happenings,
  inTurn,
  linkSettings,
  type MadePacket,
  type Setup,
  settingsOf,
} from '../../model/pipeline.testing.ts'
import type { DispatchPolicy } from '../../model/policy.ts'
import { promptly } from '../deliveries.testing.ts'
import type { Metrics } from '../metric.ts'
import { Moves } from './moves.ts'
import { jain, Passage } from './passage.ts'

const toLaneZero = choosing(() => 0)

function trafficOf(packets: readonly MadePacket[], policy: DispatchPolicy, setup: Setup = {}): Metrics {
  let passage: Passage | undefined
  happenings(packets, policy, {
    ...setup,
    observers: [
      (store, lanes) => {
        passage = new Passage(store, lanes)
        return promptly(store, passage)
      },
    ],
  })
  return passage!.metrics()
}

function movesOf(
  packets: readonly MadePacket[],
  lanes: readonly number[],
  delayNs = [0, 0],
  setup: Setup = {},
): Metrics {
  let moves: Moves | undefined
  happenings(
    packets,
    choosing((packet) => lanes[packet.index]!),
    {
      ...setup,
      link: { delayNs },
      observers: [
        (store) => {
          moves = new Moves(store, settingsOf({ ...setup, link: { delayNs } }), 2)
          return moves
        },
      ],
    },
  )
  return moves!.metrics()
}

test('latency, wait, throughput and utilization of three packets are what one computes by hand', () => {
  // On one lane: served 0-10, 10-20 (waited 9), 30-40.
  const packets = [0, 1, 30].map((at) => ({ at, work: 10 }))
  const metrics = trafficOf(packets, toLaneZero, { lanes: 2 })
  assert.deepEqual(metrics, {
    packets: 3,
    delivered: 3,
    tunQueueDropRatio: { count: 0, of: 3 },
    laneDropRatio: { count: 0, of: 3 },
    linkLossRatio: { count: 0, of: 3 },
    throughputPps: 3 / 40e-9,
    latencyNsMean: (10 + 19 + 10) / 3,
    latencyNsP50: 10,
    latencyNsP99: 19,
    latencyNsP999: 19,
    latencyNsMax: 19,
    'tunnel.pdvNsP50': 0,
    'tunnel.pdvNsP99': 9,
    'tunnel.pdvNsP999': 9,
    waitNsMean: 3,
    waitedRatio: { count: 1, of: 3 },
    laneLoadJain: 0.5,
    'laneUtilization[0]': 20 / 30,
    'laneUtilization[1]': 0,
  })
})

test('drops are counted by place, and leave latency alone', () => {
  const packets = [0, 1, 2, 3].map((at) => ({ at, work: 10 }))
  const metrics = trafficOf(packets, toLaneZero, { laneQueue: { capacityPackets: 1, onFull: 'drop' } })
  assert.deepEqual(metrics.laneDropRatio, { count: 2, of: 4 })
  assert.equal(metrics.delivered, 2)
  assert.equal(metrics.latencyNsMax, 19)
})

test('the warm-up neither counts nor is part of utilization', () => {
  // The lane serves 0-10, 20-30 and 32-42; the sample starts at 25 with the packet of 32.
  const packets = [0, 20, 32].map((at) => ({ at, work: 10 }))
  const metrics = trafficOf([...packets, { at: 40, work: 10 }], toLaneZero, { lanes: 1, warmupNs: 25 })
  assert.equal(metrics.packets, 2)
  assert.deepEqual(metrics.waitedRatio, { count: 1, of: 2 })
  // Busy 25-30 and 32-40 of the window from 25 to the last arrival at 40.
  assert.equal(metrics['laneUtilization[0]'], 13 / 15)
})

test('without packets everything is unknown, not zero', () => {
  const metrics = trafficOf([], toLaneZero, { lanes: 1 })
  const { packets, delivered, ...rest } = metrics
  assert.deepEqual([packets, delivered], [0, 0])
  assert.deepEqual(new Set(Object.values(rest)), new Set([null]))
})

test("Jain's index is 1 when even and 1/n when one lane has all", () => {
  assert.equal(jain([3, 3, 3]), 1)
  assert.equal(jain([5, 0, 0, 0]), 0.25)
  assert.equal(jain([0, 0]), null)
  assert.equal(jain([1, 2]), 0.9)
})

const three = (flow: number) => [
  { at: 0, work: 10, flow },
  { at: 5, work: 10, flow },
  { at: 50, work: 10, flow },
]

test('a move is unsafe while an earlier packet of the flow is on another lane', () => {
  assert.deepEqual(movesOf(three(0), [0, 0, 0]).flowMoves, { count: 0, of: 3 })
  assert.deepEqual(movesOf(three(0), [0, 1, 1]), {
    flowMoves: { count: 1, of: 3 },
    unsafeMoves: { count: 1, of: 3 },
  })
  assert.deepEqual(movesOf(three(0), [0, 0, 1]), {
    flowMoves: { count: 1, of: 3 },
    unsafeMoves: { count: 0, of: 3 },
  })
})

test('moves of other flows do not count', () => {
  const packets = three(0).map((packet, i) => ({ ...packet, flow: i }))
  assert.deepEqual(movesOf(packets, [0, 1, 0]).flowMoves, { count: 0, of: 3 })
})

test('a move back to a lane is unsafe because of the packet on the lane between', () => {
  const packets = [0, 1, 2].map((at) => ({ at, work: at === 0 ? 1 : 30 }))
  // Packet 0 has left lane 0 when 2 comes back to it, packet 1 is still on lane 1.
  assert.deepEqual(movesOf(packets, [0, 1, 0]).unsafeMoves, { count: 1, of: 3 })
})

test('with unequal links a packet behind its lane can still be overtaken', () => {
  const packets = [
    { at: 0, work: 1 },
    { at: 50, work: 1 },
    { at: 200, work: 1 },
  ]
  assert.deepEqual(movesOf(packets, [0, 1, 0], [100, 0]).unsafeMoves, { count: 1, of: 3 })
  assert.deepEqual(movesOf(packets, [0, 1, 0], [100, 100]).unsafeMoves, { count: 0, of: 3 })
})

test('with a far end a packet can be overtaken until that has done it', () => {
  const packets = [
    { at: 0, work: 1, farWork: 100 },
    { at: 50, work: 1 },
    { at: 200, work: 1 },
  ]
  assert.deepEqual(movesOf(packets, [0, 1, 0]).unsafeMoves, { count: 0, of: 3 })
  assert.deepEqual(movesOf(packets, [0, 1, 0], [0, 0], { receiver: {} }).unsafeMoves, { count: 1, of: 3 })
})

test('in turn over two lanes every packet after the first moves', () => {
  let moves: Moves | undefined
  happenings(
    [0, 1, 2, 3].map((at) => ({ at, work: 10 })),
    inTurn(),
    {
      observers: [
        (store) => {
          moves = new Moves(store, { link: linkSettings(2) }, 2)
          return moves
        },
      ],
    },
  )
  assert.deepEqual(moves!.metrics().flowMoves, { count: 3, of: 4 })
})
