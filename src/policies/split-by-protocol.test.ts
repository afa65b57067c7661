import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOLD } from '../model/policy.ts'
import { ask, packetBetween } from './policies.testing.ts'

const udp = (i: number) => packetBetween(0x0a000001 + i, 0xc6120001, 17, 1000, 443)
const tcp = (i: number) => packetBetween(0x0a000001 + i, 0xc6120001, 6, 1000, 443)
const icmp = packetBetween(0x0a000001, 0xc6120001, 1)

test('UDP has the first lanes and everything else the others', () => {
  const policy = ask('split-by-protocol', { udpLanes: 1, rule: 'round-robin' }, 4)
  const packets = [udp(0), tcp(0), tcp(0), udp(1), icmp, tcp(1), udp(0)]
  assert.deepEqual(
    packets.map((packet) => policy.lane(packet, 0)),
    [0, 1, 2, 0, 3, 1, 0],
  )
})

test('half of the lanes are for UDP when nothing is said; the odd one is for the rest', () => {
  const policy = ask('split-by-protocol', { rule: 'round-robin' }, 5)
  assert.deepEqual(
    [0, 1, 2].map((i) => policy.lane(udp(i), 0)),
    [0, 1, 0],
  )
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => policy.lane(tcp(i), 0)),
    [2, 3, 4, 2],
  )
})

test('rule=hash keeps a flow on one lane of its group', () => {
  const policy = ask('split-by-protocol', { udpLanes: 3 }, 5)
  for (let i = 0; i < 50; i++) {
    assert.equal(policy.lane(udp(i), 0), udp(i).flow.hash5Tuple % 3)
    assert.equal(policy.lane(tcp(i), 0), 3 + (tcp(i).flow.hash5Tuple % 2))
  }
})

test('rule=any-idle waits for its own group, whatever the other has', () => {
  const policy = ask('split-by-protocol', { udpLanes: 2, rule: 'any-idle' }, 4)
  policy.idle = [false, true, false, false]
  assert.equal(policy.lane(udp(0), 0), 1)
  assert.equal(policy.lane(tcp(0), 0), HOLD)
  policy.idle = [false, false, false, true]
  assert.equal(policy.lane(udp(0), 0), HOLD)
  assert.equal(policy.lane(tcp(0), 0), 3)
})

test('order is kept by hash, and by any rule with one lane for each group', () => {
  const keeps = (parameters: object, lanes: number) =>
    ask('split-by-protocol', parameters, lanes).policy.keepsFlowOrder
  assert.equal(keeps({}, 4), true)
  assert.equal(keeps({ rule: 'any-idle' }, 2), true)
  assert.equal(keeps({ rule: 'round-robin' }, 1), true)
  assert.equal(keeps({ rule: 'round-robin', udpLanes: 1 }, 3), false)
  assert.equal(keeps({ rule: 'any-idle', udpLanes: 2 }, 3), false)
})

test('lanes for UDP that leave none for the rest are refused with what fits', () => {
  assert.throws(() => ask('split-by-protocol', { udpLanes: 4 }, 4), /give 1 to 3/)
  assert.throws(() => ask('split-by-protocol', { udpLanes: 2 }, 2), /give 1$/)
})
