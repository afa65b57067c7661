import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOLD, type Packet } from '../model/policy.ts'
import { ask, packetBetween, packetOf } from './policies.testing.ts'

let sent = 0
/** The next packet of flow `i`. */
function packet(i: number): Packet {
  return packetOf(packetBetween(0x0a000001 + i, 0xc6120001, 17, 1000, 443).flow, sent++)
}
const packets = (...flows: number[]) => flows.map(packet)
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
const times = (lane: number, count: number) => new Array<number>(count).fill(lane)

test('the flows of these tests have different tags', () => {
  const tags = range(0, 40).map((i) => (packet(i).flow.hash5Tuple & 0xffff) | 1)
  assert.equal(new Set(tags).size, 40)
})

test('each chunk of 8 has the current lane, a short one at the end of a pass too', () => {
  const distributor = ask('dpdk-distributor', {}, 3)
  assert.deepEqual(distributor.pass(packets(...range(0, 20)), 0), [
    ...times(0, 8),
    ...times(1, 8),
    ...times(2, 4),
  ])
  assert.deepEqual(distributor.pass(packets(20), 1), [0])
  assert.deepEqual(distributor.pass(packets(21, 22, 21), 2), [1, 1, 1])
  assert.deepEqual(distributor.pass(packets(23), 3), [2])
})

test('a tag in flight or in the backlog is followed, all others of the chunk go to the current lane', () => {
  const distributor = ask('dpdk-distributor', {}, 3)
  const [a1] = packets(0)
  assert.deepEqual(distributor.pass([a1!], 0), [0])
  const [b1, a2, b2, c1] = packets(1, 0, 1, 2)
  assert.deepEqual(distributor.pass([b1!, a2!, b2!, c1!], 1), [1, 0, 1, 1])
  // a2 stands in lane 0's backlog; once a1 is finished it is the burst in flight.
  distributor.depart(a1!, 0, 2)
  const [a3, d1] = packets(0, 3)
  assert.deepEqual(distributor.pass([a3!, d1!], 3), [0, 2])
  distributor.depart(a2!, 0, 4)
  distributor.depart(a3!, 0, 5)
  assert.deepEqual(distributor.pass(packets(4), 6), [0])
  assert.deepEqual(distributor.pass(packets(0), 7), [1], 'nothing of it is left: the current lane')
})

test('a flow that shares its tag with another follows it', () => {
  const first = packet(0)
  let twin = packet(1)
  for (let i = 1; ((twin.flow.hash5Tuple ^ first.flow.hash5Tuple) & 0xfffe) !== 0; i++) twin = packet(i)
  const distributor = ask('dpdk-distributor', {}, 4)
  assert.deepEqual(distributor.pass([first], 0), [0])
  assert.deepEqual(distributor.pass([twin], 1), [0])
  assert.deepEqual(distributor.pass(packets(2), 2), [2], 'the current lane moved on all the same')
})

test('with 8 in flight and 8 in the backlog the next packet is held until the burst is finished', () => {
  const distributor = ask('dpdk-distributor', {}, 2)
  const list = packets(...times(0, 17))
  assert.deepEqual(distributor.pass(list, 0), [...times(0, 16), HOLD])
  for (const [i, one] of list.slice(0, 8).entries()) {
    assert.equal(distributor.again(list[16]!, i), HOLD)
    distributor.depart(one, 0, i + 1)
  }
  assert.equal(distributor.again(list[16]!, 8), 0)
  // In flight are now the 9th to the 16th, in the backlog the 17th.
  assert.deepEqual(distributor.pass(packets(...times(0, 8)), 9), [...times(0, 7), HOLD])
})

test('a full backlog holds packets of other flows too, while it is the current lane', () => {
  const distributor = ask('dpdk-distributor', {}, 1)
  assert.deepEqual(distributor.pass(packets(...range(0, 17)), 0), [...times(0, 16), HOLD])
})

test('a packet that its lane drops at once leaves its burst, whatever stands before it', () => {
  const distributor = ask('dpdk-distributor', {}, 2)
  const list = packets(0, 0, 0)
  assert.deepEqual(distributor.pass([list[0]!], 0), [0])
  assert.deepEqual(distributor.pass([list[1]!, list[2]!], 1), [0, 0])
  distributor.depart(list[2]!, 0, 1)
  distributor.depart(list[0]!, 0, 2)
  assert.deepEqual(distributor.pass(packets(0), 3), [0], 'the second is still in flight')
})

test('tags are matched as they were when the chunk began', () => {
  const distributor = ask('dpdk-distributor', {}, 3)
  const [a1] = packets(0)
  distributor.pass([a1!], 0)
  const [b1, a2] = packets(1, 0)
  distributor.policy.onPass!(2, null as never, 1)
  assert.equal(distributor.again(b1!, 1), 1)
  distributor.depart(a1!, 0, 2)
  assert.equal(distributor.again(a2!, 3), 0)
})

test('as coded, a burst in the hands of its lane is forgotten once the next one is released', () => {
  for (const [tags, lane] of [
    ['as-meant', 0],
    ['as-coded', 1],
  ] as const) {
    const distributor = ask('dpdk-distributor', { tags }, 3)
    const [a1, a2, x1, c1] = packets(0, 0, 1, 2)
    assert.deepEqual(distributor.pass([a1!], 0), [0])
    assert.deepEqual(distributor.pass([a2!], 1), [0])
    assert.deepEqual(distributor.pass([x1!], 2), [2])
    assert.deepEqual(distributor.pass([c1!], 3), [0])
    // The lane takes a2 and asks: c1 is released over a2's tag. a2 is being worked on.
    distributor.depart(a1!, 0, 4)
    assert.deepEqual(distributor.pass(packets(0), 5), [lane], tags)
  }
})

test('as coded, a tag lingers in the array of the backlog until another packet stands there', () => {
  for (const [tags, lane] of [
    ['as-meant', 1],
    ['as-coded', 0],
  ] as const) {
    const distributor = ask('dpdk-distributor', { tags }, 2)
    const [a1] = packets(0)
    assert.deepEqual(distributor.pass([a1!], 0), [0])
    distributor.depart(a1!, 0, 1)
    assert.deepEqual(distributor.pass(packets(0), 100), [lane], tags)
  }
})

test('as coded, between passes the idle distributor forgets what a lane has taken', () => {
  for (const [gapNs, lane] of [
    [0, 0],
    [1, 1],
  ] as const) {
    const distributor = ask('dpdk-distributor', { tags: 'as-coded' }, 2)
    assert.deepEqual(distributor.pass(packets(...range(0, 9)), 0), [...times(0, 8), 1])
    // The first chunk fills lane 0's backlog; the second one meets the tag in flight, or doesn't.
    const lanes = distributor.pass(packets(...range(9, 17), 0), gapNs)
    assert.deepEqual(lanes, [...times(0, 8), lane])
  }
})

test('more lanes than the library has workers are refused', () => {
  assert.throws(() => ask('dpdk-distributor', {}, 64), /at most 63 lanes/)
})
