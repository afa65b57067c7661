import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSharedJson, skipWithout } from '../shared.testing.ts'
import { choosing, happenings, inTurn, orderOf, timesOf } from './pipeline.testing.ts'
import { type DispatchPolicy, HOLD, type LaneView } from './policy.ts'

const anyIdle = choosing((_packet, lanes) => {
  for (let lane = 0; lane < lanes.count; lane++) if (lanes.isIdle(lane)) return lane
  return HOLD
})
const toLane = (lane: number) => choosing(() => lane)
const at = (times: readonly number[], work = 10) => times.map((time) => ({ at: time, work }))

test('a shared queue of two lanes delivers a burst in the order that one works out by hand', () => {
  const work = [5, 1, 1, 1, 1, 5, 1, 1]
  const log = happenings(
    work.map((ns) => ({ at: 0, work: ns })),
    anyIdle,
  )
  assert.deepEqual(orderOf(log, 'delivery'), [1, 2, 3, 4, 0, 6, 7, 5])
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 5, 1: 1, 2: 2, 3: 3, 4: 4, 5: 9, 6: 6, 7: 7 })
})

const skip = skipWithout('metrics/vectors.json')
test('the dispatch vectors of ../shared hold', { skip }, () => {
  interface Vector {
    kind: string
    input: { model: string; workers: number; arrive: number[]; service: number[] }
    expected: { arrivalOrder: number[]; doneTime: number[] }
  }
  const { vectors } = readSharedJson<{ vectors: Vector[] }>('metrics/vectors.json')
  const ours = vectors.filter((vector) => vector.kind === 'dispatch')
  assert.equal(ours.length, 2)
  for (const { input, expected } of ours) {
    const packets = input.arrive.map((time, i) => ({ at: time, work: input.service[i]! }))
    const policy = input.model === 'shared-fifo' ? anyIdle : inTurn()
    const log = happenings(packets, policy, { lanes: input.workers })
    assert.deepEqual(
      orderOf(log, 'delivery').map((index) => index + 1),
      expected.arrivalOrder,
    )
    assert.deepEqual(
      log.filter((entry) => entry[1] === 'delivery').map((entry) => entry[0]),
      expected.doneTime,
    )
  }
})

test('service takes work / speed, in whole nanoseconds', () => {
  const log = happenings(at([0, 100]), inTurn(), { speed: [4, 0.5] })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 3, 1: 120 })
})

test('departures come before arrivals at one instant, and lanes finish in the order of being started', () => {
  const log = happenings([...at([0, 0]), ...at([10])], anyIdle)
  assert.deepEqual(log.slice(2), [
    [10, 'lane exit', 0, 0],
    [10, 'delivery', 0, 0],
    [10, 'lane exit', 1, 1],
    [10, 'delivery', 1, 1],
    [10, 'choice', 2, 0],
    [20, 'lane exit', 2, 0],
    [20, 'delivery', 2, 0],
  ])
})

test('a full lane queue drops, or keeps the packet in the reader until there is room', () => {
  const packets = at([0, 1, 2, 3])
  const drops = happenings(packets, toLane(0), { laneQueue: { capacityPackets: 1, onFull: 'drop' } })
  assert.deepEqual(orderOf(drops, 'lane drop'), [2, 3])
  assert.deepEqual(timesOf(drops, 'delivery'), { 0: 10, 1: 20 })
  const holds = happenings(packets, toLane(0), { laneQueue: { capacityPackets: 1, onFull: 'hold' } })
  assert.deepEqual(timesOf(holds, 'delivery'), { 0: 10, 1: 20, 2: 30, 3: 40 })
  assert.deepEqual(timesOf(holds, 'choice'), { 0: 0, 1: 1, 2: 2, 3: 10 })
})

test('a full TUN queue drops what arrives', () => {
  const log = happenings(at([0, 1, 2, 3, 15]), anyIdle, {
    lanes: 1,
    tunQueue: { capacityPackets: 2, onFull: 'drop' },
  })
  assert.deepEqual(orderOf(log, 'tun drop'), [3])
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 10, 1: 20, 2: 30, 4: 40 })
})

test('a stopping TUN queue loses nothing and keeps order and arrival times', () => {
  const log = happenings(at([0, 1, 2, 3, 4, 5, 6, 7]), anyIdle, {
    lanes: 1,
    tunQueue: { capacityPackets: 4, onFull: 'stop' },
  })
  assert.deepEqual(orderOf(log, 'delivery'), [0, 1, 2, 3, 4, 5, 6, 7])
  assert.equal(orderOf(log, 'tun drop').length, 0)
})

test('the reader pays per pass and per packet before it chooses', () => {
  const log = happenings(at([0, 0, 0, 0]), inTurn(), { reader: { perPassNs: 100, perPacketNs: 7, batch: 2 } })
  // The first pass finds one packet, the second two, the third one.
  assert.deepEqual(timesOf(log, 'choice'), { 0: 107, 1: 214, 2: 221, 3: 328 })
})

test('a pass is announced with the packets it will read', () => {
  const passes: Array<[number, number]> = []
  const policy = choosing(() => 0, { onPass: (packets, _lanes, nowNs) => passes.push([packets, nowNs]) })
  happenings(at([0, 1, 2, 3, 4]), policy, { reader: { perPacketNs: 10, batch: 3 } })
  assert.deepEqual(passes, [
    [1, 0],
    [3, 10],
    [1, 40],
  ])
})

test('a held packet is asked about again after a departure, not after an arrival', () => {
  const asked: Array<[number, number]> = []
  const policy: DispatchPolicy = choosing((packet, lanes, nowNs) => {
    asked.push([packet.index, nowNs])
    return lanes.isIdle(0) ? 0 : HOLD
  })
  happenings(at([0, 1, 2, 3]), policy, { lanes: 1 })
  assert.deepEqual(asked, [
    [0, 0],
    [1, 1],
    [1, 10],
    [2, 10],
    [2, 20],
    [3, 20],
    [3, 30],
  ])
})

test('a held packet is asked about again after a timer', () => {
  let due = 50
  const policy = choosing((_packet, _lanes, nowNs) => (nowNs < 50 ? HOLD : 0), {
    nextTimerNs: () => due,
    onTimer: () => {
      due = Number.POSITIVE_INFINITY
    },
  })
  assert.deepEqual(timesOf(happenings(at([0, 1]), policy), 'choice'), { 0: 50, 1: 50 })
})

test('the stage hands a lane up to perLane packets once it is idle, and stops the reading when full', () => {
  const log = happenings(at([0, 1, 2, 3, 4, 5, 6]), toLane(0), {
    reader: { batch: 24, stage: { perLane: 2, total: 3 } },
  })
  // 0 goes at once; 1, 2 and 3 fill the stage until 10, when 1 and 2 go together and there is room to read
  // again.
  assert.deepEqual(timesOf(log, 'choice'), { 0: 0, 1: 1, 2: 2, 3: 3, 4: 10, 5: 10, 6: 30 })
  assert.deepEqual(orderOf(log, 'delivery'), [0, 1, 2, 3, 4, 5, 6])
})

test('packets for a busy lane wait in the stage while those for another lane pass them', () => {
  const policy = choosing((packet) => (packet.index === 2 ? 1 : 0))
  const log = happenings(at([0, 1, 2]), policy, { reader: { batch: 1, stage: { perLane: 6, total: 24 } } })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 10, 1: 20, 2: 12 })
})

test('links delay, and links of unequal delay reorder between lanes but not within one', () => {
  const log = happenings(at([0, 1, 2, 3], 1), inTurn(), { link: { delayNs: [100, 5] } })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 101, 1: 7, 2: 103, 3: 9 })
})

test('a policy hears of every departure, dropped ones too, while it can still see the packet', () => {
  const heard: Array<[number, number, number]> = []
  const policy = choosing(() => 0, {
    onDeparture: (packet, lane, nowNs) => heard.push([packet.index, lane, nowNs]),
  })
  happenings(at([0, 1, 2]), policy, { laneQueue: { capacityPackets: 1, onFull: 'drop' } })
  assert.deepEqual(heard, [
    [2, 0, 2],
    [0, 0, 10],
    [1, 0, 20],
  ])
})

test('lanes show queue, service, room, finished packets and busy time', () => {
  const seen: unknown[] = []
  const look = (lanes: LaneView) => [
    lanes.queued(0),
    lanes.inService(0),
    lanes.isIdle(1),
    lanes.freeSlots(0),
    lanes.finished(0),
    lanes.busyNs(0),
  ]
  const policy = choosing((_packet, lanes) => {
    seen.push(look(lanes))
    return 0
  })
  happenings(at([0, 1, 2, 25]), policy, { laneQueue: { capacityPackets: 5, onFull: 'drop' } })
  assert.deepEqual(seen, [
    [0, 0, true, 5, 0, 0],
    [0, 1, true, 5, 0, 1],
    [1, 1, true, 4, 0, 2],
    [0, 1, true, 5, 2, 25],
  ])
})

const wrongAnswers: ReadonlyArray<[answer: number, shown: string]> = [
  [Number.NaN, 'NaN'],
  [0.5, '0.5'],
  [2, '2'],
  [-2, '-2'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
]
for (const [answer, shown] of wrongAnswers) {
  test(`a policy that answers ${shown} is stopped with the packet and the answer named`, () => {
    const policy = choosing((packet) => (packet.index === 3 ? answer : 0))
    assert.throws(() => happenings(at([0, 1, 2, 3]), policy), {
      message: `chose lane ${shown} for packet 3 - choose must return a whole number from 0 to 1, or HOLD (-1)`,
    })
  })
}

test('a policy that holds a packet for ever is stopped', () => {
  assert.throws(() => happenings(at([0]), toLane(HOLD)), /held packet 0 while every lane is idle/)
  const neverLater = choosing(() => 0, { nextTimerNs: () => 1, onTimer: () => {} })
  assert.throws(() => happenings(at([0, 5]), neverLater), /its timer is always due at 1 ns/)
  let dueNs = 0
  const alwaysLater = choosing(() => HOLD, { nextTimerNs: () => ++dueNs, onTimer: () => {} })
  assert.throws(() => happenings(at([0]), alwaysLater), /its timer fired 1000000 times/)
  const never = choosing(() => 0, { nextTimerNs: () => Number.NaN })
  assert.throws(() => happenings(at([0]), never), /nextTimerNs gave NaN/)
})

test('at one instant every departure comes before the reader chooses', () => {
  // Both lanes finish at 20 while packet 2 is on hold; the lowest idle lane is then 0, whichever finished
  // first.
  const packets = [
    { at: 0, work: 5 },
    { at: 0, work: 20 },
    { at: 10, work: 10 },
    { at: 12, work: 10 },
  ]
  const log = happenings(packets, anyIdle)
  assert.deepEqual(log.filter((entry) => entry[2] === 3)[0], [20, 'choice', 3, 0])
})
