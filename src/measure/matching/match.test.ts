/**
 * Matching on captures made for it: what a system does to packets, one thing at a time, and all of it at
 * random.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { UserError } from '../../errors.ts'
import { ethernet, ipv4, ipv6, tcp, udp } from '../../traffic/capture/captures.testing.ts'
import {
  MatchBench,
  nonZero,
  routed,
  rows,
  tcp6Packet,
  tcpPacket,
  translated,
  udpPacket,
} from './match.testing.ts'
import { matchCaptures } from './match.ts'

const bench = new MatchBench()
after(() => bench.remove())

const packets = Array.from({ length: 6 }, (_, i) => udpPacket(i + 1))
const [a, b, c, d, e, f] = packets as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]

test('packets that change places are found in their order of arrival', async () => {
  const result = await bench.match(packets, [a, c, d, b, f, e])
  assert.deepEqual(rows(result), ['0/0', '0/2', '0/3', '0/1', '0/5', '0/4'])
  assert.deepEqual(nonZero(result), { sent: 6, received: 6, matched: 6 })
  const { arrivals, flows } = result
  assert.deepEqual([...arrivals.tunnelSequence.subarray(0, 6)], [0, 2, 3, 1, 5, 4])
  assert.deepEqual([...arrivals.sizeBytes.subarray(0, 6)], Array(6).fill(60))
  assert.deepEqual([...arrivals.payloadBytes.subarray(0, 6)], Array(6).fill(32))
  assert.equal(flows.describe(0), '10.0.0.1:1 > 10.0.0.2:2/udp')
  assert.equal(flows.protocol(0), 17)
  assert.equal(flows.sent(0), 6)
})

test('lost packets leave a gap, and those at the edges are counted apart as well', async () => {
  const result = await bench.match(packets, [b, c, e])
  assert.deepEqual(rows(result), ['0/1', '0/2', '0/4'])
  assert.deepEqual(nonZero(result), { sent: 6, received: 3, matched: 3, lost: 3, lostAtEdges: 2 })
  assert.match(
    result.notes[0]!,
    /2 of 3 lost packets were sent before the first or after the last that arrived/,
  )
})

test('a duplicate has the number of the packet that it copies', async () => {
  const result = await bench.match([a, b, c], [a, b, b, c, a])
  assert.deepEqual(rows(result), ['0/0', '0/1', '0/1', '0/2', '0/0'])
  assert.deepEqual(nonZero(result), { sent: 3, received: 5, matched: 3, duplicated: 2 })
})

test('a packet with other bytes is corrupted where its IP-ID is missing, else it was never sent', async () => {
  const damaged = Buffer.from(b)
  damaged[40]! ^= 1
  const foreign = udpPacket(99)
  const result = await bench.match([a, b, c], [a, damaged, foreign, c])
  assert.deepEqual(rows(result), ['0/0', '0/2'])
  assert.deepEqual(nonZero(result), { sent: 3, received: 4, matched: 2, corrupted: 1, unmatched: 1 })
  const late = await bench.match([a, b, c], [a, damaged, b, c])
  assert.deepEqual(nonZero(late), { sent: 3, received: 4, matched: 3, unmatched: 1 })
})

test('without an IP-ID, TCP packets are known as corrupted by sequence number and length', async () => {
  const sent = [tcp6Packet(0), tcp6Packet(100), tcp6Packet(200)]
  const result = await bench.match(sent, [tcp6Packet(0), tcp6Packet(100, 100, 7), tcp6Packet(200, 90, 8)])
  assert.deepEqual(nonZero(result), {
    sent: 3,
    received: 3,
    matched: 1,
    lost: 1,
    lostAtEdges: 1,
    corrupted: 1,
    unmatched: 1,
  })
})

test('TTL, DSCP, flow label and checksums may change', async () => {
  const sent = [a, tcp6Packet(1), ipv6(17, udp(3, 4, 20)), ipv4(6, tcp(3, 4, 20, 0x10, 12))]
  const result = await bench.match(sent, sent.map(routed))
  assert.deepEqual(nonZero(result), { sent: 4, received: 4, matched: 4 })
})

test('everything else of a packet counts', async () => {
  const original = ipv4(6, tcp(3, 4, 20, 0x10, 12))
  // Header length, fragment offset, protocol, addresses, ports, numbers, flags, window,
  // options, payload.
  const offsets = [0, 7, 9, 12, 19, 20, 23, 24, 28, 33, 34, 40, 52, 71]
  for (const offset of offsets) {
    const other = Buffer.from(original)
    other[offset]! ^= 1
    const result = await bench.match([original, a], [other, a])
    assert.equal(result.counts.matched, 1, `byte ${offset}`)
  }
})

test('Ethernet on one side, with padding, and bare IP on the other', async () => {
  const short = udpPacket(7, 7, 1, 4)
  const padded = Buffer.concat([short, Buffer.alloc(14, 0xee)])
  const arp = ethernet(0x0806, Buffer.alloc(28))
  const sentPath = bench.write('ethernet.pcap', [{ packet: padded, ns: 0 }], { linkType: 1 })
  const receivedPath = bench.write('raw.pcap', [
    { packet: short, ns: 5 },
    { packet: arp, ns: 6 },
  ])
  const result = await matchCaptures(sentPath, receivedPath)
  assert.deepEqual(nonZero(result), { sent: 1, received: 1, matched: 1, otherFramesReceived: 1 })
})

test('packets that one side cut are compared by the bytes that both have', async () => {
  const sent = packets.map((packet, i) => ({ packet, ns: i }))
  const tail = Buffer.from(c)
  tail[59]! ^= 1
  const received = [a, b, tail, d, e, f].map((packet, i) => ({ packet, ns: i + 1000 }))
  const cutPath = bench.write('cut.pcap', sent, { linkType: 1, snaplen: 60 })
  const wholePath = bench.write('whole.pcap', received)
  for (const [from, to] of [
    [cutPath, wholePath],
    [wholePath, cutPath],
  ] as const) {
    const result = await matchCaptures(from, to)
    assert.equal(result.counts.matched, 6)
    assert.match(result.notes[0]!, /cut\.pcap: packets are cut - they are compared by their first 46 bytes/)
  }
  const whole = await matchCaptures(bench.write('sent.pcap', sent), wholePath)
  assert.equal(whole.counts.matched, 5)
})

test('a packet of which next to nothing was kept does not set the measure for the others', async () => {
  const twin = Buffer.from(a)
  twin[59]! ^= 1
  const stub = bench.write('stub.pcap', [{ packet: c, ns: 0 }], { snaplen: 24 })
  const more = bench.write(
    'more.pcap',
    [a, twin, b].map((packet, i) => ({ packet, ns: i })),
  )
  writeFileSync(stub, Buffer.concat([readFileSync(stub), readFileSync(more).subarray(24)]))
  const result = await matchCaptures(stub, more)
  assert.deepEqual(nonZero(result), { sent: 4, received: 3, matched: 3, lost: 1, lostAtEdges: 1 })
})

test('of equal packets the k-th that arrives is the k-th sent', async () => {
  const equal = udpPacket(1, 0)
  const result = await bench.match([equal, a, equal, b, equal], [equal, b, a, equal, equal, equal])
  assert.deepEqual(rows(result), ['0/0', '0/3', '0/1', '0/2', '0/4', '0/4'])
  assert.deepEqual(nonZero(result), { sent: 5, received: 6, matched: 5, duplicated: 1, identical: 3 })
  assert.match(result.notes.at(-1)!, /sent\.pcap: 3 packets have an equal twin/)
})

test('behind NAT packets are told by the rest, and keep the flow of the sent side', async () => {
  const sent = [udpPacket(1, 1, 7), udpPacket(2, 2, 7), udpPacket(3, 3, 7)]
  const damaged = translated(sent[1]!)
  damaged[40]! ^= 1
  const received = [translated(sent[2]!), damaged, translated(sent[0]!)]
  const result = await bench.match(sent, received, { nat: true })
  assert.deepEqual(rows(result), ['0/2', '0/0'])
  assert.deepEqual(nonZero(result), { sent: 3, received: 3, matched: 2, corrupted: 1 })
  assert.equal(result.flows.describe(0), '10.0.0.1:7 > 10.0.0.2:2/udp')
  assert.equal(result.flows.sent(1), 0)
  await assert.rejects(bench.match(sent, received), (error: UserError) => {
    assert.ok(error instanceof UserError)
    assert.match(error.message, /received\.pcap: none of its 3 packets is in .*sent\.pcap - .* --nat$/)
    return true
  })
})

test('behind NAT pings are told by their numbers and contents, and two hosts stay two flows', async () => {
  const ping = (host: number, number: number) => {
    const packet = ipv4(1, Buffer.alloc(40, 5))
    packet[15] = host
    packet.writeUInt16BE(number, 4)
    packet.writeUInt32BE(0x0800_1111, 20)
    packet.writeUInt32BE(((host * 1000) << 16) | number, 24)
    return packet
  }
  const outside = (packet: Buffer, identifier: number) => {
    const other = Buffer.from(packet)
    other[15] = 99
    other.writeUInt16BE(0x2222, 22)
    other.writeUInt16BE(identifier, 24)
    return other
  }
  const sent = [ping(1, 1), ping(2, 2), ping(1, 3), ping(2, 4)]
  const [first, second, third, fourth] = sent as [Buffer, Buffer, Buffer, Buffer]
  const received = [outside(first, 7), outside(third, 7), outside(second, 8), outside(fourth, 8)]
  const result = await bench.match(sent, received, { nat: true })
  assert.deepEqual(rows(result), ['0/0', '0/1', '1/0', '1/1'])
  const other = outside(fourth, 8)
  other.writeUInt16BE(5, 26)
  const renumbered = await bench.match(sent, [received[0]!, other], { nat: true })
  assert.equal(renumbered.counts.matched, 1)
})

test("TCP's own counters are of the sent and of the received side, behind NAT too", async () => {
  const segment = (number: number) => tcpPacket(number * 100, 100, number + 1)
  const again = tcpPacket(100, 100, 99)
  const sent = [segment(0), segment(1), segment(2), segment(3), again]
  const arrived = [segment(0), segment(2), segment(1), segment(3), again]
  for (const nat of [false, true]) {
    const { flows } = await bench.match(sent, nat ? arrived.map(translated) : arrived, { nat })
    const found = { retransmitted: 1, outOfOrder: 1, dsacks: null, cutBlocks: 0 }
    assert.deepEqual(flows.tcp?.(0), found, nat ? 'behind NAT' : 'as sent')
  }
})

test('behind IPv6 NAT addresses and ports may change as well', async () => {
  const outside = routed(tcp6Packet(9))
  outside.writeUInt32BE(0xfd000001, 8)
  outside.writeUInt32BE(0xfd000002, 24)
  outside.writeUInt16BE(40_000, 40)
  const result = await bench.match([tcp6Packet(9), tcp6Packet(10)], [outside], { nat: true })
  assert.deepEqual(rows(result), ['0/0'])
})

test('packets earlier than the one before are in file order or, if asked, in order of time', async () => {
  const sentPath = bench.write('early.pcap', [
    { packet: a, ns: 2000 },
    { packet: b, ns: 1000 },
  ])
  const receivedPath = bench.write('late.pcap', [
    { packet: a, ns: 9000 },
    { packet: b, ns: 9500 },
  ])
  const byFile = await matchCaptures(sentPath, receivedPath)
  assert.deepEqual(rows(byFile), ['0/0', '0/1'])
  assert.match(byFile.notes[0]!, /early\.pcap: 1 frame is earlier than the one before - .* --order time$/)
  const byTime = await matchCaptures(sentPath, receivedPath, { order: 'time' })
  assert.deepEqual(rows(byTime), ['0/1', '0/0'])
  assert.deepEqual(byTime.notes, [])
})

test('any order, losses and duplicates of packets of several flows are recovered exactly', async () => {
  const sizes = fc.record({
    packets: fc.integer({ min: 1, max: 60 }),
    flows: fc.integer({ min: 1, max: 4 }),
    order: fc.array(fc.nat(1 << 20), { minLength: 60, maxLength: 60 }),
    copies: fc.array(fc.constantFrom(0, 1, 1, 1, 2, 3), { minLength: 60, maxLength: 60 }),
    cut: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(sizes, async ({ packets: count, flows, order, copies, cut }) => {
      const numbers = Array.from({ length: count }, (_, i) => i)
      const sent = numbers.map((i) => udpPacket(i, i + 1, 100 + (i % flows)))
      const arriving = numbers.flatMap((i) => Array<number>(copies[i]!).fill(i))
      arriving.sort((x, y) => order[x]! - order[y]! || x - y)
      fc.pre(arriving.length > 0)
      const result = await matchCaptures(
        bench.write(
          'sent.pcap',
          sent.map((packet, i) => ({ packet, ns: i * 1000 })),
          { linkType: 1 },
        ),
        bench.write(
          'received.pcap',
          arriving.map((i, place) => ({ packet: routed(sent[i]!), ns: 1e6 + place * 1000 })),
          { snaplen: cut ? 40 : 65_535 },
        ),
      )
      const { arrivals, counts } = result
      assert.deepEqual([...arrivals.tunnelSequence.subarray(0, arrivals.count)], arriving)
      assert.deepEqual(
        rows(result),
        arriving.map((i) => `${i % flows}/${Math.floor(i / flows)}`),
      )
      const present = new Set(arriving).size
      assert.equal(counts.matched, present)
      assert.equal(counts.lost, count - present)
      assert.equal(counts.duplicated, arriving.length - present)
      assert.equal(counts.corrupted, 0)
      assert.equal(counts.unmatched, 0)
    }),
    { numRuns: 100, seed: 1 },
  )
})
