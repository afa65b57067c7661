/** Which flow a packet is judged in, and which packets aren't judged because the far side sent them. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { ipv4 } from '../../traffic/capture/captures.testing.ts'
import { MatchBench, nonZero, returned, rows, udpPacket } from './match.testing.ts'

const bench = new MatchBench()
after(() => bench.remove())

/** A packet of ESP, AH or SCTP, with what tells its flow and its number. */
function labelled(protocol: number, label: number, number: number): Buffer {
  const content = Buffer.alloc(40)
  if (protocol === 50) {
    content.writeUInt32BE(label, 0)
    content.writeUInt32BE(number, 4)
  } else if (protocol === 51) {
    content.writeUInt32BE(label, 4)
    content.writeUInt32BE(number, 8)
  } else {
    content.writeUInt16BE(38412, 0)
    content.writeUInt16BE(38412, 2)
    content.writeUInt32BE(label, 4)
    content.writeUInt32BE(number, 12)
  }
  return ipv4(protocol, content)
}

const protocols = [
  ['ESP by SPI', 50, '10.0.0.1 > 10.0.0.2/proto-50 SPI 0x1001'],
  ['AH by SPI', 51, '10.0.0.1 > 10.0.0.2/proto-51 SPI 0x1001'],
  ['SCTP by ports and tag', 132, '10.0.0.1 > 10.0.0.2/proto-132 38412 > 38412, tag 0x1001'],
] as const
for (const [how, protocol, name] of protocols) {
  test(`${how}: flows that mix differently, each in order, are in order`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(2), { minLength: 3, maxLength: 40 }),
        fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }),
        async (order, delays) => {
          const numbers = [0, 0, 0]
          const sent = order.map((which, i) => ({ which, number: numbers[which]!++, at: i + delays[which]! }))
          const packetOf = ({ which, number }: { which: number; number: number }) =>
            labelled(protocol, 0x1001 + which, number)
          const arriving = sent.toSorted((a, b) => a.at - b.at)
          const result = await bench.match(sent.map(packetOf), arriving.map(packetOf))
          const flowOf = new Map([...new Set(order)].map((which, flow) => [which, flow]))
          assert.deepEqual(
            rows(result),
            arriving.map(({ which, number }) => `${flowOf.get(which)}/${number}`),
          )
          const first = flowOf.get(0)
          if (first !== undefined) assert.equal(result.flows.describe(first), name)
        },
      ),
      { numRuns: 40, seed: 4 },
    )
  })
}

/** An ICMP error from `host` about a packet, to its sender. */
function icmpError(host: number, about: Buffer, type = 3): Buffer {
  const packet = ipv4(1, Buffer.concat([Buffer.from([type, 3, 0, 0, 0, 0, 0, 0]), about.subarray(0, 28)]))
  packet[15] = host
  packet[19] = 1
  return packet
}

test("the far end's errors and answers never crossed: they go back, and aren't packets that were not sent", async () => {
  const sent = [1, 2, 3].map((i) => udpPacket(i))
  const ofEnd = icmpError(2, sent[0]!)
  const ofRouter = icmpError(77, sent[1]!, 11)
  const answer = returned(udpPacket(9, 9, 5))
  const result = await bench.match(sent, [sent[0]!, ofEnd, sent[1]!, ofRouter, answer, sent[2]!])
  assert.deepEqual(nonZero(result), { sent: 3, received: 3, matched: 3, returnReceived: 3 })
  assert.match(result.notes[0]!, /received\.pcap: 3 packets are from the far side and never crossed/)
  const all = await bench.match(sent, [sent[0]!, ofEnd, sent[1]!, sent[2]!], { direction: 'all' })
  assert.deepEqual(nonZero(all), { sent: 3, received: 4, matched: 3, unmatched: 1 })
})

test('a packet of the near side that the sent capture lacks was not sent', async () => {
  const sent = [1, 2, 3].map((i) => udpPacket(i))
  const result = await bench.match(sent, [...sent, udpPacket(4, 4, 8)])
  assert.deepEqual(nonZero(result), { sent: 3, received: 4, matched: 3, unmatched: 1 })
})

test('another IP-ID is rewritten where it is that of the whole flow, and another packet where it is not', async () => {
  const sent = [1, 2, 3, 4].map((i) => udpPacket(i))
  const renumbered = (packet: Buffer) => {
    const other = Buffer.from(packet)
    other.writeUInt16BE(0x7000 + packet.readUInt16BE(4), 4)
    return other
  }
  const [a, b, c, d] = sent as [Buffer, Buffer, Buffer, Buffer]
  const all = await bench.match(sent, [a, c, b, d].map(renumbered))
  assert.deepEqual(rows(all), ['0/0', '0/2', '0/1', '0/3'])
  assert.deepEqual(nonZero(all), { sent: 4, received: 4, matched: 4, rewritten: 4 })
  assert.match(all.notes[0]!, /received\.pcap: 4 packets arrived with another IP identification - rewritten/)
  const one = await bench.match(sent, [a, b, renumbered(c), d])
  assert.deepEqual(nonZero(one), { sent: 4, received: 4, matched: 3, lost: 1, unmatched: 1 })
})
