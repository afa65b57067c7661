/** Datagrams in fragments, on either side or on both: each counts once, when its last fragment is there. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { ipv6, udp } from '../../traffic/capture/captures.testing.ts'
import { MatchBench, nonZero, routed, rows, udpPacket } from './match.testing.ts'
import { matchCaptures } from './match.ts'

const bench = new MatchBench()
after(() => bench.remove())

/** The fragments of an IPv4 packet, with `units` times 8 bytes behind the IP header each. */
function fragments4(packet: Buffer, units: number): Buffer[] {
  const data = packet.subarray(20)
  return Array.from({ length: Math.ceil(data.length / (units * 8)) }, (_, i) => {
    const part = data.subarray(i * units * 8, (i + 1) * units * 8)
    const fragment = Buffer.concat([packet.subarray(0, 20), part])
    fragment.writeUInt16BE(fragment.length, 2)
    fragment.writeUInt16BE(((i + 1) * units * 8 < data.length ? 0x2000 : 0) | (i * units), 6)
    return fragment
  })
}

/** The same of an IPv6 packet of UDP, with a fragment header. */
function fragments6(packet: Buffer, units: number, id: number): Buffer[] {
  const data = packet.subarray(40)
  return Array.from({ length: Math.ceil(data.length / (units * 8)) }, (_, i) => {
    const part = data.subarray(i * units * 8, (i + 1) * units * 8)
    const header = Buffer.alloc(8)
    header[0] = 17
    header.writeUInt16BE(((i * units) << 3) | ((i + 1) * units * 8 < data.length ? 1 : 0), 2)
    header.writeUInt32BE(id, 4)
    const fragment = Buffer.concat([packet.subarray(0, 40), header, part])
    fragment[6] = 44
    fragment.writeUInt16BE(fragment.length - 40, 4)
    return fragment
  })
}

function datagram(content: number, isSix: boolean): Buffer {
  if (!isSix) return udpPacket(content, content + 1, 1, 100)
  const packet = ipv6(17, udp(1, 2, 100))
  packet.writeUInt32BE(content, 50)
  return packet
}

test('datagrams sent whole that arrive in fragments, last fragment first or mixed, arrive once each', async () => {
  const sent = [0, 1, 2].map((i) => datagram(i, false))
  const [a, b, c] = sent.map((packet) => fragments4(routed(packet), 7)) as [Buffer[], Buffer[], Buffer[]]
  const result = await bench.match(sent, [a[1]!, b[0]!, c[0]!, c[1]!, b[1]!, a[0]!])
  assert.deepEqual(rows(result), ['0/2', '0/1', '0/0'])
  assert.deepEqual(nonZero(result), { sent: 3, received: 3, matched: 3 })
  assert.equal(result.flows.describe(0), '10.0.0.1:1 > 10.0.0.2:2/udp')
  assert.deepEqual([...result.arrivals.sizeBytes.subarray(0, 3)], [128, 128, 128])
  // At the time of its last fragment: 5 ms after its place.
  assert.deepEqual([...result.arrivals.receivedNs.subarray(0, 3)], [8e6, 9e6, 10e6])
  assert.match(result.notes[0]!, /received\.pcap: 3 datagrams in fragments - each counts once/)
})

test('a datagram that lacks a fragment is lost, and its other fragments keep its flow', async () => {
  const sent = [0, 1].map((i) => datagram(i, false))
  const [first] = fragments4(sent[1]!, 7)
  const result = await bench.match(sent, [sent[0]!, first!])
  assert.deepEqual(rows(result), ['0/0'])
  const { corrupted, unmatched, lost } = result.counts
  assert.deepEqual({ corrupted, unmatched, lost }, { corrupted: 0, unmatched: 1, lost: 1 })
})

test('a copy of a datagram in fragments is a further copy, however its fragments mix', async () => {
  const [whole] = [datagram(5, false)]
  const [a, b] = fragments4(whole!, 7)
  const result = await bench.match([whole!], [a!, a!, b!, b!])
  assert.deepEqual(nonZero(result), { sent: 1, received: 2, matched: 1, duplicated: 1 })
})

test('fragments of any sizes, orders and losses on both sides have the verdict of their datagram', async () => {
  const wires = fc.record({
    isSix: fc.boolean(),
    unitsSent: fc.constantFrom(0, 2, 5),
    unitsReceived: fc.constantFrom(3, 7, 9),
    delays: fc.array(fc.nat(12), { minLength: 300, maxLength: 300 }),
    isLost: fc.array(fc.constantFrom(false, false, false, false, false, false, true), {
      minLength: 31,
      maxLength: 31,
    }),
    snaplen: fc.constantFrom(65_535, 65),
  })
  await fc.assert(
    fc.asyncProperty(wires, async ({ isSix, unitsSent, unitsReceived, delays, isLost, snaplen }) => {
      const split = (packet: Buffer, units: number, id: number) => {
        if (units === 0) return [packet]
        return isSix ? fragments6(packet, units, id) : fragments4(packet, units)
      }
      const whole = Array.from({ length: 20 }, (_, i) => datagram(i, isSix))
      const sent = whole.flatMap((packet, i) => split(packet, unitsSent, i))
      let k = 0
      const pieces = whole.flatMap((packet, number) =>
        split(routed(packet), unitsReceived, number).map((fragment) => ({
          fragment,
          number,
          isLost: isLost[k % isLost.length]!,
          at: number * 6 + delays[k++]!,
        })),
      )
      const arriving = pieces.filter((piece) => !piece.isLost).sort((x, y) => x.at - y.at)
      const missing = new Set(pieces.filter((piece) => piece.isLost).map(({ number }) => number))
      const last = arriving.filter(
        ({ number }, i) =>
          !missing.has(number) && !arriving.slice(i + 1).some((one) => one.number === number),
      )
      fc.pre(last.length > 0)
      const result = await matchCaptures(
        bench.write(
          'sent.pcap',
          sent.map((packet, i) => ({ packet, ns: i * 1000 })),
          { snaplen },
        ),
        bench.write(
          'received.pcap',
          arriving.map(({ fragment }, i) => ({ packet: fragment, ns: 1e6 + i })),
        ),
      )
      const { arrivals, counts } = result
      assert.deepEqual(
        Array.from(arrivals.sequence.subarray(0, arrivals.count)),
        last.map(({ number }) => number),
      )
      assert.deepEqual([counts.sent, counts.matched, counts.lost], [20, last.length, 20 - last.length])
      assert.deepEqual([counts.corrupted, counts.duplicated], [0, 0])
    }),
    { numRuns: 100, seed: 3, endOnFailure: true },
  )
})
