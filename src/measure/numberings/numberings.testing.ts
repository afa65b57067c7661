/**
 * For tests: packets of every kind of numbering, made byte by byte, and a network that interleaves several
 * counters, loses, copies and delays their packets, with the verdict on every arrival.
 */
import { type Random, randomStream } from '../../sim/random.ts'
import { hex, ipv4, ipv6, u16, u32 } from '../../traffic/capture/captures.testing.ts'
import type { TimedPacket } from '../matching/match.testing.ts'

/** From `port` to port 9, of IPv4 from 10.0.0.1 to 10.0.0.2. */
export function udpOf(payload: Buffer, port = 4000, to = 9, id = 0): Buffer {
  const packet = ipv4(17, Buffer.concat([u16(port), u16(to), u16(8 + payload.length), u16(0), payload]), {
    fragment: id === 0 ? 0x4000 : 0,
  })
  packet.writeUInt16BE(id, 4)
  return packet
}

const filler = (number: number, bytes: number) => Buffer.alloc(bytes, (number * 167 + 13) & 0xff)

export interface MadeKind {
  readonly name: string
  /** Numbers wrap at this; undefined where they don't. */
  readonly range?: number
  /** Flow's names as the report has them. */
  readonly flows: readonly string[]
  /** tshark's name of the number, and how to decode it. */
  readonly tshark?: { readonly field: string; readonly decodeAs?: string }
  /** Of counter 0, 1 or 2. */
  packet(counter: number, number: number, sentNs: number): Buffer
}

const little64 = (number: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(number))
  return bytes
}
const SECONDS = 1_700_000_000
const time = (ns: number) =>
  Buffer.concat([u32(SECONDS + Math.floor(ns / 1e9)), u32(Math.floor((ns % 1e9) / 1000))])
const udpName = (port: number, to = 9) => `10.0.0.1:${port} > 10.0.0.2:${to}/udp`
const three = (name: (counter: number) => string) => [0, 1, 2].map(name)

function iperf3(bytes: 4 | 8): MadeKind {
  return {
    name: 'iperf3-udp',
    flows: three((counter) => udpName(5000 + counter, 5201)),
    packet: (counter, number, sentNs) =>
      udpOf(
        Buffer.concat([time(sentNs), Buffer.alloc(bytes - 4), u32(number), filler(0, 80)]),
        5000 + counter,
        5201,
      ),
  }
}

function echo(protocol: 1 | 58, type: number): MadeKind {
  const addresses = protocol === 1 ? '10.0.0.1 > 10.0.0.2' : '2001:db8::1 > 2001:db8::2'
  return {
    name: 'icmp-echo',
    range: 2 ** 16,
    flows: three(
      (counter) =>
        `${addresses}/icmp echo ${type === 0 || type === 129 ? 'reply' : 'request'} ${77 + counter}`,
    ),
    tshark: { field: protocol === 1 ? 'icmp.seq' : 'icmpv6.echo.sequence_number' },
    packet(counter, number) {
      const content = Buffer.concat([
        Buffer.from([type, 0, 0, 0]),
        u16(77 + counter),
        u16(number),
        filler(number, 48),
      ])
      return protocol === 1 ? ipv4(1, content) : ipv6(58, content)
    },
  }
}

const esp = (counter: number, number: number) =>
  Buffer.concat([u32(0x1001 + counter), u32(number), filler(number, 64)])

export const madeKinds: readonly MadeKind[] = [
  {
    name: 'wireguard',
    flows: three((counter) => `${udpName(51820, 51820)} receiver 0xdeadbee${counter}`),
    tshark: { field: 'wg.counter' },
    packet: (counter, number) =>
      udpOf(
        Buffer.concat([
          hex('04000000'),
          u32(0xdeadbee0 + counter, true),
          little64(number),
          filler(number, 80),
        ]),
        51820,
        51820,
      ),
  },
  {
    name: 'esp',
    range: 2 ** 32,
    flows: three((counter) => `10.0.0.1 > 10.0.0.2/esp 0x0000100${1 + counter}`),
    tshark: { field: 'esp.sequence' },
    packet: (counter, number) => ipv4(50, esp(counter, number)),
  },
  {
    name: 'esp',
    range: 2 ** 32,
    flows: three((counter) => `2001:db8::1 > 2001:db8::2/esp 0x0000100${1 + counter}`),
    tshark: { field: 'esp.sequence' },
    packet: (counter, number) => ipv6(50, esp(counter, number)),
  },
  {
    name: 'esp',
    range: 2 ** 32,
    flows: three((counter) => `${udpName(4500, 4500)} esp 0x0000100${1 + counter}`),
    tshark: { field: 'esp.sequence' },
    packet: (counter, number) => udpOf(esp(counter, number), 4500, 4500),
  },
  {
    name: 'openvpn',
    flows: three((counter) => `${udpName(1194, 1194)} peer ${7 + counter} key 1`),
    packet: (counter, number) =>
      udpOf(
        Buffer.concat([hex('49'), Buffer.from([0, 0, 7 + counter]), u32(number), filler(number, 90)]),
        1194,
        1194,
      ),
  },
  {
    name: 'openvpn',
    flows: three((counter) => `${udpName(1194 + counter, 1194)} key 0`),
    packet: (counter, number) =>
      udpOf(Buffer.concat([hex('30'), u32(number), filler(number, 90)]), 1194 + counter, 1194),
  },
  {
    name: 'rtp',
    range: 2 ** 16,
    flows: three((counter) => `${udpName(6000, 6000)} ssrc 0xc0ffee0${counter}`),
    tshark: { field: 'rtp.seq', decodeAs: 'udp.port==6000,rtp' },
    packet: (counter, number) =>
      udpOf(
        Buffer.concat([
          hex('8060'),
          u16(number),
          u32(number * 160),
          u32(0xc0ffee00 + counter),
          filler(number, 160),
        ]),
        6000,
        6000,
      ),
  },
  iperf3(4),
  iperf3(8),
  echo(1, 8),
  echo(1, 0),
  echo(58, 128),
  {
    name: 'ip-id',
    range: 2 ** 16,
    flows: three((counter) => udpName(7000 + counter)),
    tshark: { field: 'ip.id' },
    packet(counter, number) {
      const packet = udpOf(filler(number, 60), 7000 + counter, 9, 1)
      packet.writeUInt16BE(number, 4)
      return packet
    },
  },
]

/** A packet that arrives, and what is right to say of it. */
export interface MadeArrival extends TimedPacket {
  readonly counter: number
  readonly number: number
  readonly verdict: 'copy' | 'late' | 'fine'
}

export interface MadeTraffic {
  readonly arrivals: readonly MadeArrival[]
  /** Of each counter: numbers between the smallest and the greatest that arrived, and those that didn't. */
  readonly sent: readonly number[]
  readonly lost: readonly number[]
}

interface Network {
  readonly counters?: number
  readonly packets?: number
  readonly lossRatio?: number
  readonly copyRatio?: number
  readonly lateRatio?: number
  /** Places that a late packet or a copy is late by, at most. */
  readonly latePlaces?: number
  /** The first numbers; as they are on the wire they may wrap. */
  readonly first?: (counter: number) => number
}

/** What a network makes of several counters' packets. */
export function madeTraffic(kind: MadeKind, seed: number, network: Network = {}): MadeTraffic {
  const { counters = 3, packets = 400, lossRatio = 0.05, copyRatio = 0.03, lateRatio = 0.1 } = network
  const { latePlaces = 60, first = () => 1 } = network
  const random = randomStream(seed, 0, 'numberings')
  const wire = (number: number) => (kind.range === undefined ? number : number % kind.range)
  const next = Array.from({ length: counters }, (_, counter) => first(counter))
  const onTheWay: Array<{ place: number; counter: number; number: number; packet: Buffer }> = []
  for (let i = 0; i < packets; i++) {
    const counter = Math.floor(random() * counters)
    const number = next[counter]!++
    const sent = { counter, number, packet: kind.packet(counter, wire(number), i * 1e6) }
    const late = () => (random() < lateRatio ? Math.floor(random() * latePlaces) + 0.5 : 0)
    if (random() >= lossRatio) onTheWay.push({ ...sent, place: i + late() })
    if (random() < copyRatio) onTheWay.push({ ...sent, place: i + 0.25 + random() * latePlaces })
  }
  onTheWay.sort((a, b) => a.place - b.place)
  const seen = Array.from({ length: counters }, () => new Set<number>())
  const highest = Array.from({ length: counters }, () => Number.NEGATIVE_INFINITY)
  const arrivals = onTheWay.map(({ counter, number, packet }, i): MadeArrival => {
    const isCopy = seen[counter]!.has(number)
    const verdict = isCopy ? 'copy' : number < highest[counter]! ? 'late' : 'fine'
    seen[counter]!.add(number)
    highest[counter] = Math.max(highest[counter]!, number)
    return { counter, number, packet, verdict, ns: i * 1e6 + 5e6 }
  })
  const sent = seen.map((numbers, counter) => highest[counter]! - Math.min(...numbers) + 1)
  return { arrivals, sent, lost: sent.map((many, counter) => many - seen[counter]!.size) }
}

/** Payloads without a counter. */
export function randomPayload(random: Random, bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)))
}
