import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOLD, type Packet } from '../model/policy.ts'
import { ask, packetBetween, packetOf } from './policies.testing.ts'

const tcp = (i: number, flags: number): Packet =>
  packetOf(packetBetween(0x0a000001 + i, 0xc6120001, 6, 1000, 443).flow, 0, flags)
const [FIN, SYN, RST, PSH, ACK] = [1, 2, 4, 8, 16]

test('SYN, FIN and RST go to the designated lane of the connection, in both directions', () => {
  const policy = ask('sprayer', { spray: 'round-robin' }, 5)
  for (let i = 0; i < 50; i++) {
    const there = tcp(i, SYN!)
    const designated = there.flow.hashSymmetric % 5
    for (const flags of [SYN!, SYN! | ACK!, FIN! | ACK!, RST!]) {
      assert.equal(policy.lane(tcp(i, flags), 0), designated)
    }
    const back = packetOf(packetBetween(0xc6120001, 0x0a000001 + i, 6, 443, 1000).flow, 0, SYN! | ACK!)
    assert.equal(policy.lane(back, 0), designated)
  }
})

test('all other packets are sprayed, and connection packets take no turn', () => {
  const policy = ask('sprayer', { spray: 'round-robin' }, 3)
  const udp = packetBetween(0x0a000001, 0xc6120001, 17, 1000, 443)
  const packets = [tcp(0, ACK!), tcp(0, ACK! | PSH!), tcp(0, SYN!), udp, tcp(0, 0), udp]
  const lanes = packets.map((packet) => policy.lane(packet, 0))
  assert.deepEqual([...lanes.slice(0, 2), ...lanes.slice(3)], [0, 1, 2, 0, 1])
})

test('spray=any-idle takes the lowest idle lane or waits; a connection packet never waits', () => {
  const policy = ask('sprayer', { spray: 'any-idle' }, 3)
  policy.idle = [false, true, true]
  assert.equal(policy.lane(tcp(0, ACK!), 0), 1)
  policy.idle = [false, false, false]
  assert.equal(policy.lane(tcp(0, ACK!), 0), HOLD)
  assert.equal(policy.lane(tcp(0, FIN!), 0), tcp(0, FIN!).flow.hashSymmetric % 3)
})

test('by default the spray is uniform', () => {
  const policy = ask('sprayer', {}, 4)
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < 4000; i++) counts[policy.lane(tcp(0, ACK!), 0)]!++
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 4 * Math.sqrt(750), counts.join())
})
