import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Packet } from '../model/policy.ts'
import { type Asked, ask, packetBetween } from './policies.testing.ts'

const SECOND = 1e9
const there = (i: number) => packetBetween(0x0a000001 + i, 0xc6120001, 17, 1000 + (i % 5000), 443)
const back = (i: number) => packetBetween(0xc6120001, 0x0a000001 + i, 17, 443, 1000 + (i % 5000))
const write = (tun: Asked, packet: Packet, lane: number, nowNs: number) =>
  tun.policy.onReturn!(packet, lane, nowNs)

/** Another lane than the flow's hash gives. */
function foreignLane(tun: Asked, packet: Packet): number {
  return (tun.lane(packet, 0) + 1) % 4
}

test('without return traffic a flow stays on the lane of its hash, and flows spread evenly', () => {
  const tun = ask('linux-tun', {}, 4)
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < 4000; i++) {
    const lane = tun.lane(there(i), i)
    counts[lane]!++
    assert.equal(tun.lane(there(i), 1e12), lane)
  }
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 4 * Math.sqrt(750), counts.join())
  assert.equal(tun.policy.counters!().tableEntriesMax, 0)
})

test('the high bits of the hash choose, not a remainder: twice the lanes halves each lane', () => {
  const two = ask('linux-tun', {}, 2)
  const eight = ask('linux-tun', {}, 8)
  for (let i = 0; i < 500; i++) {
    assert.equal(two.lane(there(i), 0), Math.floor(eight.lane(there(i), 0) / 4))
  }
})

test('the hash is the same for both directions, and for swapped ports alone', () => {
  const tun = ask('linux-tun', {}, 256)
  for (let i = 0; i < 200; i++) {
    const swappedPorts = packetBetween(0x0a000001 + i, 0xc6120001, 17, 443, 1000 + i)
    const lane = tun.lane(there(i), 0)
    assert.equal(tun.lane(back(i), 0), lane)
    assert.equal(tun.lane(swappedPorts, 0), lane)
  }
})

test('a write makes the entry, and a write on another lane re-points it at once', () => {
  const tun = ask('linux-tun', {}, 4)
  for (const lane of [2, 0, 3, 1]) {
    write(tun, back(0), lane, SECOND)
    assert.equal(tun.lane(there(0), SECOND), lane)
  }
  assert.equal(tun.policy.counters!().tableEntriesMax, 1)
})

test('an entry written at 0.5 s is found until the whole second after 3.5 s, however old', () => {
  const tun = ask('linux-tun', {}, 4)
  const lane = foreignLane(tun, there(0))
  write(tun, back(0), lane, 0.5 * SECOND)
  assert.deepEqual(tun.timersUntil(3.999 * SECOND), [])
  assert.equal(tun.lane(there(0), 3.999 * SECOND), lane)
  assert.deepEqual(tun.timersUntil(10 * SECOND), [4 * SECOND])
  assert.notEqual(tun.lane(there(0), 4 * SECOND), lane)
})

test('rounding up from a whole second goes to the next one: such an entry lives 4 s', () => {
  const tun = ask('linux-tun', {}, 4)
  write(tun, back(0), foreignLane(tun, there(0)), SECOND)
  assert.deepEqual(tun.timersUntil(20 * SECOND), [5 * SECOND])
  // One jiffy (4 ms) earlier it is 3.004 s.
  write(tun, back(0), 0, 20.996 * SECOND)
  assert.deepEqual(tun.timersUntil(40 * SECOND), [24 * SECOND])
  assert.equal(tun.policy.counters!().tableExpiries, 2)
})

test('an entry of just 3 s goes when the timer of another one ticks then', () => {
  const tun = ask('linux-tun', {}, 4)
  write(tun, back(0), 0, 0.5 * SECOND)
  write(tun, back(1), 0, 1 * SECOND)
  assert.deepEqual(tun.timersUntil(20 * SECOND), [4 * SECOND])
  assert.equal(tun.policy.counters!().tableExpiries, 2)
})

test('of entries in one bucket only the old ones go', () => {
  const tun = ask('linux-tun', {}, 4)
  const lanes = Array.from({ length: 4000 }, (_, i) => foreignLane(tun, there(i)))
  for (let i = 0; i < 4000; i++) write(tun, back(i), lanes[i]!, 0)
  for (let i = 0; i < 4000; i += 3) write(tun, back(i), lanes[i]!, 2 * SECOND)
  tun.timersUntil(4 * SECOND)
  assert.equal(tun.policy.counters!().tableExpiries, 2666)
  for (let i = 0; i < 4000; i++) assert.equal(tun.lane(there(i), 4 * SECOND) === lanes[i], i % 3 === 0)
})

test('writes refresh an entry, reads do not, and the timer ticks on while entries remain', () => {
  const tun = ask('linux-tun', {}, 4)
  const lane = foreignLane(tun, there(0))
  write(tun, back(0), lane, 0.5 * SECOND)
  write(tun, back(0), lane, 3.99 * SECOND)
  write(tun, back(1), 0, 1.2 * SECOND)
  for (let ms = 0; ms < 6900; ms += 100) tun.lane(there(0), ms * 1e6)
  // 4 s: the first was refreshed, the second is due at 4.2 s; 5 s: it goes; 6.988 s rounds to 7 s.
  assert.deepEqual(tun.timersUntil(4.5 * SECOND), [4 * SECOND])
  assert.equal(tun.policy.counters!().tableExpiries, 0)
  assert.deepEqual(tun.timersUntil(6.9 * SECOND), [5 * SECOND])
  assert.equal(tun.policy.counters!().tableExpiries, 1)
  assert.equal(tun.lane(there(0), 6.9 * SECOND), lane)
  assert.deepEqual(tun.timersUntil(20 * SECOND), [7 * SECOND])
  assert.notEqual(tun.lane(there(0), 7 * SECOND), lane)
})

test('at 4096 entries no new one is made, and expiry makes room again', () => {
  const tun = ask('linux-tun', {}, 4)
  for (let i = 0; i < 5000; i++) write(tun, back(i), foreignLane(tun, there(i)), 0)
  assert.equal(tun.policy.counters!().tableEntriesMax, 4096)
  const fresh = ask('linux-tun', {}, 4)
  for (let i = 0; i < 5000; i++) {
    const moved = tun.lane(there(i), 0) !== fresh.lane(there(i), 0)
    assert.equal(moved, i < 4096, `flow ${i}`)
  }
  write(tun, back(0), 2, 0)
  assert.equal(tun.lane(there(0), 0), 2, 'known entries are still re-pointed')
  tun.timersUntil(4 * SECOND)
  assert.equal(tun.policy.counters!().tableExpiries, 4096)
  write(tun, back(4999), foreignLane(fresh, there(4999)), 5 * SECOND)
  assert.notEqual(tun.lane(there(4999), 5 * SECOND), fresh.lane(there(4999), 0))
})

test('with one lane nothing is learnt', () => {
  const tun = ask('linux-tun', {}, 1)
  write(tun, back(0), 0, 0)
  assert.equal(tun.policy.counters!().tableEntriesMax, 0)
  assert.equal(tun.policy.nextTimerNs!(), Number.POSITIVE_INFINITY)
})

test('ageing is in place of the 3 s, whole seconds still decide, and never keeps entries for good', () => {
  for (const [ageing, goneAfter] of [
    ['4ms', 1],
    ['500ms', 1],
    ['3s', 4],
    ['10s', 11],
  ] as const) {
    const tun = ask('linux-tun', { ageing }, 4)
    const hashLane = tun.lane(there(0), 0)
    const lane = foreignLane(tun, there(0))
    write(tun, back(0), lane, 0.3 * SECOND)
    tun.timersUntil((goneAfter - 0.001) * SECOND)
    assert.equal(tun.lane(there(0), (goneAfter - 0.001) * SECOND), lane, ageing)
    tun.timersUntil(goneAfter * SECOND)
    assert.equal(tun.lane(there(0), goneAfter * SECOND), hashLane, ageing)
  }
  const tun = ask('linux-tun', { ageing: 'never' }, 4)
  const lane = foreignLane(tun, there(0))
  write(tun, back(0), lane, 0)
  assert.deepEqual(tun.timersUntil(1e6 * SECOND), [])
  assert.equal(tun.lane(there(0), 1e6 * SECOND), lane)
})
