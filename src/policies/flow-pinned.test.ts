import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, packetBetween } from './policies.testing.ts'

const MS = 1e6
const flow = (i: number, port = 443) => packetBetween(0x0a000001 + i, 0xc6120001, 6, 1000, port)

test('new flows take the lanes in turn, and only new flows advance the turn', () => {
  const pinned = ask('flow-pinned', {}, 3)
  const lanes = [0, 0, 1, 0, 1, 2, 3, 0].map((i) => pinned.lane(flow(i), 0))
  assert.deepEqual(lanes, [0, 0, 1, 0, 1, 2, 0, 0])
})

test('an entry is expired when now - lastSeen >= ttl, and lastSeen slides', () => {
  const pinned = ask('flow-pinned', { ttl: '10ms' }, 4)
  assert.equal(pinned.lane(flow(0), 0), 0)
  assert.equal(pinned.lane(flow(0), 10 * MS - 1), 0)
  assert.equal(pinned.lane(flow(0), 20 * MS - 2), 0)
  assert.equal(pinned.lane(flow(0), 30 * MS - 2), 1)
  assert.deepEqual(pinned.policy.counters!(), {
    tableLookups: 4,
    tableHits: 2,
    tableExpiries: 1,
    tableEvictions: 0,
    tableEntriesMax: 1,
  })
})

test('ttl=0s places every packet anew, ttl=never keeps a flow for good', () => {
  const anew = ask('flow-pinned', { ttl: '0s' }, 4)
  assert.deepEqual(
    [0, 0, 0].map((i) => anew.lane(flow(i), 5)),
    [0, 1, 2],
  )
  const never = ask('flow-pinned', { ttl: 'never' }, 4)
  assert.deepEqual(
    [0, 1e6 * 1e9].map((now) => never.lane(flow(0), now)),
    [0, 0],
  )
  assert.equal(never.policy.keepsFlowOrder, true)
  assert.equal(anew.policy.keepsFlowOrder, false)
})

test('live entries are what is counted as the table, not all flows ever seen', () => {
  const pinned = ask('flow-pinned', { ttl: '10ms' }, 4)
  for (let i = 0; i < 5000; i++) pinned.lane(flow(i), i * MS)
  assert.deepEqual(pinned.policy.counters!(), {
    tableLookups: 5000,
    tableHits: 0,
    tableExpiries: 4990,
    tableEvictions: 0,
    tableEntriesMax: 10,
  })
})

test('the key says which packets share an entry', () => {
  const twoPorts = [flow(0, 80), flow(0, 443)]
  const back = packetBetween(0xc6120001, 0x0a000001, 6, 443, 1000)
  const udp = packetBetween(0x0a000001, 0xc6120001, 17, 1000, 443)
  const lanesBy = (key: string) => {
    const pinned = ask('flow-pinned', { key }, 4)
    return [...twoPorts, back, udp].map((packet) => pinned.lane(packet, 0))
  }
  assert.deepEqual(lanesBy('5-tuple'), [0, 1, 2, 3])
  assert.deepEqual(lanesBy('3-tuple'), [0, 0, 1, 2])
  assert.deepEqual(lanesBy('address-pair'), [0, 0, 0, 0])
})

test('assign=least-loaded counts queue and service, and takes the lowest lane on a tie', () => {
  const pinned = ask('flow-pinned', { assign: 'least-loaded' }, 3)
  pinned.queuedPackets = [2, 1, 1]
  pinned.idle = [false, false, false]
  assert.equal(pinned.lane(flow(0), 0), 1)
  pinned.queuedPackets = [0, 0, 0]
  pinned.idle = [false, false, true]
  assert.equal(pinned.lane(flow(1), 0), 2)
  assert.equal(pinned.lane(flow(0), 0), 1)
})

test('assign=idle takes the lowest idle lane, else the lanes in turn; assign=hash the hash', () => {
  const idle = ask('flow-pinned', { assign: 'idle' }, 3)
  idle.idle = [false, false, true]
  assert.equal(idle.lane(flow(0), 0), 2)
  idle.idle = [false, false, false]
  assert.deepEqual(
    [1, 2].map((i) => idle.lane(flow(i), 0)),
    [0, 1],
  )
  const hashed = ask('flow-pinned', { assign: 'hash' }, 7)
  for (let i = 0; i < 20; i++) assert.equal(hashed.lane(flow(i), 0), flow(i).flow.hash5Tuple % 7)
})

test('a bounded table evicts the oldest entry of a full window of eight', () => {
  const pinned = ask('flow-pinned', { capacity: 8, ttl: 'never' }, 100)
  const lanes = [...Array(8).keys()].map((i) => pinned.lane(flow(i), i))
  assert.deepEqual(lanes, [0, 1, 2, 3, 4, 5, 6, 7])
  pinned.lane(flow(0), 8)
  assert.equal(pinned.lane(flow(8), 9), 8)
  assert.equal(pinned.lane(flow(0), 10), 0)
  assert.equal(pinned.lane(flow(1), 11), 9)
  assert.equal(pinned.policy.counters!().tableEvictions, 2)
  assert.equal(pinned.policy.counters!().tableEntriesMax, 8)
  assert.equal(pinned.policy.keepsFlowOrder, false)
})

test('a bounded table gives away expired slots before it evicts', () => {
  const pinned = ask('flow-pinned', { capacity: 4, ttl: '10ms' }, 100)
  for (let i = 0; i < 4; i++) pinned.lane(flow(i), i * MS)
  pinned.lane(flow(4), 10 * MS)
  assert.equal(pinned.lane(flow(1), 10 * MS), 1)
  assert.deepEqual(pinned.policy.counters!().tableEvictions, 0)
  assert.deepEqual(pinned.policy.counters!().tableExpiries, 1)
})
