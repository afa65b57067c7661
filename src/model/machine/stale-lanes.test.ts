import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosing, happenings, type Setup, timesOf } from '../pipeline.testing.ts'
import { HOLD, type LaneView } from '../policy.ts'

const at = (times: readonly number[], work = 10) => times.map((time) => ({ at: time, work }))
const delayed = (feedbackDelayNs: number) => ({ reader: { feedbackDelayNs } })
const anyIdle = () =>
  choosing((_packet, lanes) => {
    for (let lane = 0; lane < lanes.count; lane++) if (lanes.isIdle(lane)) return lane
    return HOLD
  })
const leastLoaded = () =>
  choosing((_packet, lanes) => {
    const packets = (lane: number) => lanes.queued(lane) + lanes.inService(lane)
    return packets(1) < packets(0) ? 1 : 0
  })
const lanesOf = (log: ReturnType<typeof happenings>) =>
  log.filter((entry) => entry[1] === 'choice').map((entry) => entry[3])

test('a lane is seen to be idle one delay after it is', () => {
  const log = happenings(at([0, 3, 30]), anyIdle(), { lanes: 1, ...delayed(3) })
  // Packet 1 comes when the hand-over of packet 0 has become visible; the lane is idle at 10, seen so at 13.
  assert.deepEqual(timesOf(log, 'choice'), { 0: 0, 1: 13, 2: 30 })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 10, 1: 23, 2: 40 })
})

test('what the reader has just handed over itself is not seen either', () => {
  const log = happenings(at([0, 1, 2, 3, 4]), anyIdle(), delayed(3))
  // Lane 0 looks idle until 3; then lane 1 does, at 3 and 4.
  assert.deepEqual(lanesOf(log), [0, 0, 0, 1, 1])
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 10, 1: 20, 2: 30, 3: 13, 4: 23 })
})

test('joining the shortest queue herds: both lanes take all packets of a delay in turn', () => {
  const times = Array.from({ length: 12 }, (_, i) => i)
  assert.deepEqual(lanesOf(happenings(at(times, 1000), leastLoaded())).join(''), '010101010101')
  assert.deepEqual(lanesOf(happenings(at(times, 1000), leastLoaded(), delayed(3))).join(''), '000111110000')
})

test('queue, service, room, finished packets and busy time are all of the same moment', () => {
  const look = (lanes: LaneView) => [
    lanes.queued(0),
    lanes.inService(0),
    lanes.isIdle(0),
    lanes.freeSlots(0),
    lanes.finished(0),
    lanes.busyNs(0),
  ]
  const times = [0, 1, 2, 3, 10, 14, 35]
  const seenWith = (setup: Setup, feedbackDelayNs: number, arrivals: readonly number[]) => {
    const seen: unknown[] = []
    const policy = choosing((packet, lanes) => {
      // Packets with a flow of 1 only look: they go to a lane of their own.
      if (packet.flow.index !== 1) return packet.flow.index
      seen.push(look(lanes))
      return 1
    })
    const packets = [
      ...times.flatMap((time) => [0, 2].map((flow) => ({ at: time, work: 10, flow }))),
      ...arrivals.map((time) => ({ at: time, work: 0, flow: 1 })),
    ].toSorted((a, b) => a.at - b.at)
    const laneQueue = { capacityPackets: 5, onFull: 'drop' } as const
    happenings(packets, policy, { lanes: 3, laneQueue, ...setup, ...delayed(feedbackDelayNs) })
    return seen
  }
  const moments = [1.5, 2.5, 9, 11, 13, 22, 29, 33, 36, 45, 59, 64, 71, 90]
  const later = moments.map((time) => time + 100)
  for (const setup of [{}, { cores: { count: 1, timeSliceNs: 4 } }]) {
    assert.deepEqual(seenWith(setup, 100, later), seenWith(setup, 0, moments))
  }
})

test('a full lane, and one that the stage waits for, are known at once', () => {
  const toLane0 = () => choosing(() => 0)
  const laneQueue = { capacityPackets: 1, onFull: 'hold' } as const
  const held = (feedbackDelayNs: number) =>
    happenings(at([0, 1, 2]), toLane0(), { laneQueue, ...delayed(feedbackDelayNs) })
  assert.deepEqual(held(50), held(0))
  const stage = { perLane: 1, total: 2 }
  const staged = (feedbackDelayNs: number) =>
    happenings(at([0, 1, 2, 3]), toLane0(), { reader: { stage, feedbackDelayNs } })
  assert.deepEqual(staged(50), staged(0))
})

test('departures at one instant are seen together, before the reader chooses', () => {
  // Lane 1 finishes at 20, then lane 0 at 20: at 21 the lowest idle lane is 0.
  const packets = [...at([0], 5), ...at([2], 18), ...at([10, 15], 10)]
  const log = happenings(packets, anyIdle(), delayed(1))
  assert.deepEqual(lanesOf(log), [0, 1, 0, 0])
  assert.deepEqual(timesOf(log, 'choice'), { 0: 0, 1: 2, 2: 10, 3: 21 })
})
