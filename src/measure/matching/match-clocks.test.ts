/**
 * Clocks and directions of matched captures: where what is known is used, and where a choice is made and
 * said.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { randomStream } from '../../sim/random.ts'
import { ipv6 } from '../../traffic/capture/captures.testing.ts'
import { alignClocks } from './clock.ts'
import {
  MatchBench,
  nonZero,
  returned,
  rows,
  START_SECONDS,
  type TimedPacket,
  udpPacket,
} from './match.testing.ts'
import { matchCaptures } from './match.ts'

const bench = new MatchBench()
after(() => bench.remove())

/**
 * Packets sent every `gapNs`, of which the k-th arrives `delays[k]` later on a clock that is off by
 * `offsetNs`.
 */
function pair(delays: readonly number[], offsetNs: number, gapNs = 1e6, drift = 0, seconds = START_SECONDS) {
  const packets = delays.map((_, i) => udpPacket(i + 1))
  const sent = packets.map((packet, i) => ({ packet, ns: i * gapNs }))
  const received = packets.map((packet, i) => {
    const ns = i * gapNs + delays[i]!
    return { packet, ns: Math.round(ns * (1 + drift)) + offsetNs }
  })
  received.sort((x, y) => x.ns - y.ns)
  return matchCaptures(bench.write('sent.pcap', sent), bench.write('received.pcap', received, { seconds }))
}

const delaysOf = ({ arrivals }: Awaited<ReturnType<typeof pair>>) =>
  Array.from({ length: arrivals.count }, (_, i) => arrivals.receivedNs[i]! - arrivals.sentNs[i]!)

test('delays that one clock can have are used as they are', async () => {
  const result = await pair([20_000, 30_000, 25_000], 0)
  assert.deepEqual(delaysOf(result), [20_000, 30_000, 25_000])
  assert.deepEqual(result.clock, {
    kind: 'same',
    offsetNs: 0,
    driftPpm: 0,
    text: 'taken as one clock: all delays lie between 20 us and 30 us',
  })
  assert.equal(result.arrivals.sentNs[1], 1e6)
})

test('captures that begin in different seconds have a common zero', async () => {
  const result = await pair([1.5e9, 1.5e9], 0)
  assert.deepEqual(delaysOf(result), [1.5e9, 1.5e9])
})

for (const [name, offsetNs, kind] of [
  ['half a second behind', -5e8, 'packets arrive before they are sent'],
  ['an hour ahead', 3600e9, 'delays are above 10 s'],
  ['in 1970', 10e9 - START_SECONDS * 1e9, 'delays are above 10 s'],
] as const) {
  test(`a clock that is ${name} is moved so that the smallest delay reads as 0`, async () => {
    const seconds = Math.round(offsetNs / 1e9)
    const restNs = offsetNs - seconds * 1e9
    const result = await pair([20_000, 30_000, 25_000], restNs, 1e6, 0, START_SECONDS + seconds)
    assert.deepEqual(delaysOf(result), [0, 10_000, 5000])
    assert.equal(result.clock.kind, 'offset')
    assert.ok(Math.abs(result.clock.offsetNs - (offsetNs + 20_000)) <= 256, `${result.clock.offsetNs}`)
    assert.ok(result.clock.text.includes(`two clocks (${kind})`), result.clock.text)
  })
}

test('packets with twins do not set the clock', async () => {
  const equal = udpPacket(1, 0)
  // The received capture began earlier: its first copy is of a packet that isn't in the sent one.
  const sent: TimedPacket[] = [
    { packet: equal, ns: 1e9 },
    { packet: udpPacket(2), ns: 2e9 },
  ]
  const received: TimedPacket[] = [
    { packet: equal, ns: 5e8 },
    { packet: equal, ns: 1e9 + 7000 },
    { packet: udpPacket(2), ns: 2e9 + 7000 },
  ]
  const result = await matchCaptures(bench.write('s.pcap', sent), bench.write('r.pcap', received))
  assert.equal(result.clock.kind, 'same')
  assert.equal(result.clock.text, 'taken as one clock: all delays lie between 7 us and 7 us')
})

test('a drift of 40 ppm over a minute is found and taken out', async () => {
  const random = randomStream(1, 0, 'delays')
  const delays = Array.from({ length: 6000 }, () => 1e6 + Math.floor(random() * 2e5))
  const result = await pair(delays, -5e9, 1e7, 40e-6)
  assert.ok(Math.abs(result.clock.driftPpm - 40) < 0.5, `${result.clock.driftPpm}`)
  assert.match(result.clock.text, /a drift of 40(\.\d)? ppm is taken out/)
  const after = delaysOf(result)
  const worst = after.reduce((most, ns) => Math.max(most, ns), 0)
  const least = after.reduce((low, ns) => Math.min(low, ns), 1e9)
  assert.ok(least >= -1 && worst < 2.1e5, `${least} to ${worst}`)
})

test('random delays without drift are left without one, though the clocks differ', async () => {
  const random = randomStream(2, 0, 'delays')
  const delays = Array.from({ length: 6000 }, () => 1e6 + Math.floor(random() ** 3 * 5e6))
  const result = await pair(delays, -5e9, 1e7)
  assert.equal(result.clock.driftPpm, 0)
  assert.equal(
    delaysOf(result).reduce((low, ns) => Math.min(low, ns), 1e9),
    0,
  )
})

test('a slope that few packets show by chance is not taken for drift', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = randomStream(seed, 0, 'delays')
    const delays = Array.from({ length: 40 }, () => Math.floor(random() * 20e6))
    const result = await pair(delays, -5e9, 1.5e9)
    assert.equal(result.clock.driftPpm, 0, `seed ${seed}: ${result.clock.text}`)
  }
})

test('rows without times are passed over, and none at all is said', () => {
  const sent = Float64Array.of(0, Number.NaN, 5)
  const received = Float64Array.of(7, 8, Number.NaN)
  assert.equal(alignClocks(sent, received, 3).kind, 'same')
  const unknown = alignClocks(sent.subarray(1), received.subarray(1), 2)
  assert.equal(unknown.kind, 'unknown')
  assert.ok(Number.isNaN(unknown.offsetNs))
})

/** Two conversations through a system with 5 ms each way: requests cross it outward, answers back. */
function bothWays(offsetNs: number): Promise<Awaited<ReturnType<typeof pair>>> {
  const inside: TimedPacket[] = []
  const outside: TimedPacket[] = []
  for (let i = 0; i < 24; i++) {
    const request = udpPacket(i + 1, i + 1, 50 + (i % 2))
    const answer = returned(udpPacket(100 + i, 100 + i, 50 + (i % 2)))
    const ns = 1e9 + i * 1e6
    inside.push({ packet: request, ns }, { packet: answer, ns: ns + 10.2e6 })
    outside.push({ packet: request, ns: ns + 5e6 + offsetNs }, { packet: answer, ns: ns + 5.2e6 + offsetNs })
  }
  // An answer that is lost on the way back, and a request that never arrives.
  outside.push({ packet: returned(udpPacket(300, 300, 50)), ns: 1.02e9 + offsetNs })
  inside.push({ packet: udpPacket(301, 301, 51), ns: 1.0002e9 })
  // A request whose answer only the inner side saw, and answers without requests that are equal to each
  // other.
  inside.push({ packet: udpPacket(302, 302, 52), ns: 1.5e9 })
  outside.push({ packet: udpPacket(302, 302, 52), ns: 1.505e9 + offsetNs })
  inside.push({ packet: returned(udpPacket(303, 303, 52)), ns: 1.51e9 })
  for (const ns of [1.6e9, 1.7e9]) {
    inside.push({ packet: returned(udpPacket(400, 0, 60)), ns: ns + 5e6 })
    outside.push({ packet: returned(udpPacket(400, 0, 60)), ns: ns + offsetNs })
  }
  // Both ends ask for multicast names under one address; this one asks on the outer side first.
  const discovery = udpPacket(500, 500, 70)
  discovery.writeUInt32BE(0xe00000fb, 16)
  inside.push({ packet: discovery, ns: 1.9e9 })
  outside.push({ packet: discovery, ns: 1.2e9 + offsetNs })
  const byTime = (x: TimedPacket, y: TimedPacket) => x.ns - y.ns
  return matchCaptures(
    bench.write('inside.pcap', inside.sort(byTime)),
    bench.write('outside.pcap', outside.sort(byTime)),
  )
}

test('packets on the way back are told by the clocks and left out', async () => {
  for (const offsetNs of [0, 2e6, 20e6, 7e9, -3e9]) {
    const result = await bothWays(offsetNs)
    assert.deepEqual(
      nonZero(result),
      { sent: 26, received: 25, matched: 25, lost: 1, returnSent: 28, returnReceived: 28 },
      `offset ${offsetNs}`,
    )
    const numbers = Array.from(result.arrivals.tunnelSequence.subarray(0, 4))
    assert.deepEqual(numbers, [0, 2, 3, 4])
    const isDoubtful = offsetNs === 20e6 || offsetNs === 7e9
    assert.equal(
      result.notes.some((note) => note.includes('--direction all')),
      isDoubtful,
    )
    assert.equal(result.clock.kind, offsetNs === 0 || offsetNs === 2e6 ? 'same' : 'offset')
  }
})

test('what both ends send under one address sets neither clock nor direction', async () => {
  const unspecified = ipv6(58, Buffer.alloc(24, 7))
  unspecified.fill(0, 8, 24)
  const linkLocal = ipv6(58, Buffer.alloc(24, 9))
  linkLocal.writeUInt16BE(0xfe80, 8)
  const discovery = udpPacket(500)
  discovery.writeUInt32BE(0xe00000fb, 16)
  const local = [unspecified, linkLocal, discovery]
  const data = [udpPacket(1), udpPacket(2)]
  const sent = [
    ...data.map((packet, i) => ({ packet, ns: i })),
    ...local.map((packet) => ({ packet, ns: 9e6 })),
  ]
  const received = [
    ...local.map((packet) => ({ packet, ns: 0 })),
    ...data.map((packet) => ({ packet, ns: 5e6 })),
  ]
  const result = await matchCaptures(bench.write('here.pcap', sent), bench.write('there.pcap', received))
  assert.equal(result.clock.kind, 'same')
  assert.equal(result.counts.matched, 5)
})

test('return traffic bounds the delay that two clocks hide', async () => {
  const one = await bothWays(0)
  assert.equal(one.clock.kind, 'same')
  const two = await bothWays(-3e9)
  assert.deepEqual(delaysOf(two), Array(25).fill(0))
  assert.match(two.clock.text, /cannot be known; by return traffic it is at most 10 ms$/)
})

test('a middlebox captured with both directions entering on one side has no return traffic', async () => {
  const before: TimedPacket[] = []
  const after: TimedPacket[] = []
  for (let i = 0; i < 4; i++) {
    for (const packet of [udpPacket(i), returned(udpPacket(50 + i))]) {
      before.push({ packet, ns: i * 1000 })
      after.push({ packet, ns: i * 1000 + 300 })
    }
  }
  const result = await matchCaptures(bench.write('b.pcap', before), bench.write('a.pcap', after))
  assert.deepEqual(nonZero(result), { sent: 8, received: 8, matched: 8 })
  assert.deepEqual(rows(result).slice(0, 4), ['0/0', '1/0', '0/1', '1/1'])
})
