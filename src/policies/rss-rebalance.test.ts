import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Packet } from '../model/policy.ts'
import { hashingOf, toeplitzOf } from './parts/toeplitz.ts'
import { type Asked, ask, packetBetween } from './policies.testing.ts'
import { rssRebalance } from './rss-rebalance.ts'

const MS = 1e6
const hashing = hashingOf(rssRebalance.parameters.parse({}), () => 0.5)

/** One packet for each of the first eight buckets; modulo 4, also for those of a table of four. */
const packetOfBucket: Packet[] = []
for (let i = 0; i < 200; i++) {
  const packet = packetBetween(0x0a000001 + i, 0xc6120001, 17, 1000, 443)
  packetOfBucket[toeplitzOf(packet.flow, hashing) & 7] ??= packet
}

/** So many packets for the buckets 0, 1, 2, 3 ... */
function send(policy: Asked, ...packets: number[]): void {
  for (const [bucket, count] of packets.entries()) {
    for (let i = 0; i < count; i++) policy.lane(packetOfBucket[bucket]!, 0)
  }
}
/** The lanes of the buckets; asking sends one packet to each. */
const table = (policy: Asked, size = 4) =>
  packetOfBucket.slice(0, size).map((packet) => policy.lane(packet, 0))
const bucketMoves = (policy: Asked) => policy.policy.counters!().bucketMoves

test('a tick moves the largest bucket that fits, until nothing fits', () => {
  const policy = ask('rss-rebalance', { tableSize: 4 }, 2)
  assert.deepEqual(table(policy), [0, 1, 0, 1])
  send(policy, 5, 0, 1, 0)
  policy.busyNs = [8 * MS, 2 * MS]
  // Lane 0 has 0.8: bucket 0 with 6 of 8 packets 0.6, bucket 2 with 2 of 8 0.2; lane 1 has 0.2.
  // Half of the difference is 0.3: bucket 2 goes. 0.6 and 0.4 are left; half is 0.1, and nothing fits.
  assert.deepEqual(policy.timersUntil(10 * MS), [10 * MS])
  assert.deepEqual(table(policy), [0, 1, 1, 1])
  assert.equal(bucketMoves(policy), 1)
})

test('several buckets may go in one tick, the largest that fits first', () => {
  const policy = ask('rss-rebalance', { tableSize: 8 }, 2)
  send(policy, 8, 0, 2, 0, 1, 0, 1)
  policy.busyNs = [6 * MS, 0]
  // Lane 0: 0.4, 0.1, 0.05 and 0.05. Half of 0.6: 0.1 goes; half of 0.4: 0.05; half of 0.3: 0.05; half of
  // 0.2: none.
  policy.timersUntil(10 * MS)
  assert.deepEqual(table(policy, 8), [0, 1, 1, 1, 1, 1, 1, 1])
  assert.equal(bucketMoves(policy), 3)
})

test('what a tick measures begins anew: packets and busy time since the last one', () => {
  const policy = ask('rss-rebalance', { tableSize: 4, threshold: 0.1 }, 3)
  assert.deepEqual(table(policy), [0, 1, 2, 0])
  send(policy, 7, 0, 0, 1)
  policy.busyNs = [5 * MS, 0, 0]
  // Lane 0: bucket 0 0.4 (8 of 10), bucket 3 0.1 (2 of 10). Half of 0.5 is 0.25: bucket 3 goes to lane 1.
  // Then 0.4, 0.1, 0: half is 0.2, and bucket 0 doesn't fit.
  policy.timersUntil(10 * MS)
  assert.deepEqual(table(policy), [0, 1, 2, 1])
  // Second tick, 10 ms later: lane 0 0.2, lane 1 0.9 (bucket 1 with 6 of 10 0.54, bucket 3 0.36), lane 2 0.1.
  send(policy, 0, 5, 0, 3)
  policy.busyNs = [7 * MS, 9 * MS, 1 * MS]
  // Half of 0.8 is 0.4: bucket 3 to lane 2. Then 0.2, 0.54, 0.46: half is 0.17, and bucket 1 doesn't fit.
  policy.timersUntil(20 * MS)
  assert.deepEqual(table(policy), [0, 1, 2, 2])
  assert.equal(bucketMoves(policy), 2)
})

test('a tick without a change doubles the time to the next up to 1 s, one with a change halves it', () => {
  const policy = ask('rss-rebalance', { tableSize: 4 }, 2)
  const quiet = [10, 30, 70, 150, 310, 630, 1270, 2270]
  assert.deepEqual(
    policy.timersUntil(2300 * MS),
    quiet.map((ms) => ms * MS),
  )
  send(policy, 6, 0, 2, 0)
  policy.busyNs = [800 * MS, 0]
  assert.deepEqual(policy.timersUntil(4300 * MS), [3270 * MS, 3770 * MS])
  assert.deepEqual(table(policy), [0, 1, 1, 1])
})

test('changes at the shortest tick leave it there', () => {
  const policy = ask('rss-rebalance', { tableSize: 4, tickMin: '4ms', tickMax: '8ms' }, 2)
  send(policy, 3, 0, 1, 0)
  policy.busyNs = [4 * MS, 0]
  assert.deepEqual(policy.timersUntil(25 * MS), [4 * MS, 8 * MS, 16 * MS, 24 * MS])
})

test('a difference of just the threshold is left alone', () => {
  const loads = (threshold: number) => {
    const policy = ask('rss-rebalance', { tableSize: 4, threshold }, 2)
    send(policy, 7, 0, 1, 0)
    policy.busyNs = [5 * MS, 2.5 * MS]
    policy.timersUntil(10 * MS)
    return bucketMoves(policy)
  }
  assert.equal(loads(0.25), 0)
  assert.equal(loads(0.24), 1)
})

test('nonsense is refused with the cure', () => {
  const messageFor = (parameters: object) =>
    rssRebalance.parameters.safeParse(parameters).error!.issues[0]!.message
  assert.match(messageFor({ threshold: 1 }), /less than 1, or use the policy rss/)
  assert.match(messageFor({ tickMin: '2s' }), /tickMin is above tickMax - swap them/)
  assert.match(messageFor({ tickMin: '0s' }), /give 1us or more/)
})
