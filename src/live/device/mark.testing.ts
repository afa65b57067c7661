/** For tests: one packet of every kind that marks treat differently, and where each one's mark stands. */
import { hex, ipv4, ipv6, tcp, udp } from '../../traffic/capture/captures.testing.ts'
import { MarkPlace, PADDING_BYTES_MAX, prepareMark, writeMark } from './mark.ts'

/** A UDP header that claims a checksum, so that it has one to be made right. */
export function summed(datagram: Buffer): Buffer {
  datagram.writeUInt16BE(0xffff, 6)
  return datagram
}

/** Extension header of 8 bytes. */
export const extension = (next: number, content: Buffer) =>
  Buffer.concat([Buffer.from([next, 0]), hex('010400000000'), content])
const fragmentHeader = (next: number, offsetAndMore: number, content: Buffer) =>
  Buffer.concat([Buffer.from([next, 0, offsetAndMore >> 8, offsetAndMore & 255]), hex('00000007'), content])

export interface MarkCase {
  readonly name: string
  readonly packet: Buffer
  /** Where the run id stands. */
  readonly markAt: number
  readonly paddedBytes?: number
  /** Bytes that were captured. */
  readonly capturedBytes?: number
  /** Where the transport checksum stands that must come out right; none: no checksum covers the mark. */
  readonly checksumAt?: number
}

export const markCases: readonly MarkCase[] = [
  { name: 'TCP without payload', packet: ipv4(6, tcp(1, 2, 0, 0x12)), markAt: 24, checksumAt: 36 },
  { name: 'TCP with options', packet: ipv4(6, tcp(1, 2, 9, 0x18, 12)), markAt: 24, checksumAt: 36 },
  {
    name: 'TCP over IPv4 options',
    packet: ipv4(6, tcp(1, 2, 5), { optionBytes: 8 }),
    markAt: 32,
    checksumAt: 44,
  },
  {
    name: 'TCP cut by a snaplen',
    packet: ipv4(6, tcp(1, 2, 900)),
    capturedBytes: 34,
    markAt: 24,
    checksumAt: 36,
  },
  { name: 'UDP', packet: ipv4(17, summed(udp(1, 2, 30))), markAt: 28, checksumAt: 26 },
  { name: 'UDP of odd length', packet: ipv4(17, summed(udp(1, 2, 31))), markAt: 28, checksumAt: 26 },
  { name: 'UDP without checksum', packet: ipv4(17, udp(1, 2, 30)), markAt: 28 },
  { name: 'empty UDP', packet: ipv4(17, summed(udp(1, 2, 0))), markAt: 28, paddedBytes: 8, checksumAt: 26 },
  {
    name: 'UDP with 3 bytes',
    packet: ipv4(17, summed(udp(1, 2, 3))),
    markAt: 28,
    paddedBytes: 5,
    checksumAt: 26,
  },
  {
    name: 'UDP cut to its header',
    packet: ipv4(17, summed(udp(1, 2, 70))),
    capturedBytes: 28,
    markAt: 28,
    checksumAt: 26,
  },
  {
    name: 'ICMP echo',
    packet: ipv4(1, Buffer.concat([hex('0800ffff00010002'), Buffer.alloc(56, 7)])),
    markAt: 28,
    checksumAt: 22,
  },
  {
    name: 'ICMP without data',
    packet: ipv4(1, hex('0800ffff00010002')),
    markAt: 28,
    paddedBytes: 8,
    checksumAt: 22,
  },
  { name: 'ESP', packet: ipv4(50, Buffer.alloc(40, 3)), markAt: 28 },
  { name: 'AH', packet: ipv4(51, Buffer.alloc(40, 3)), markAt: 32 },
  { name: 'SCTP', packet: ipv4(132, Buffer.alloc(28, 3)), markAt: 32 },
  { name: 'GRE with 20 bytes', packet: ipv4(47, Buffer.alloc(20, 3)), markAt: 84, paddedBytes: 52 },
  { name: 'IPv4 in IPv4', packet: ipv4(4, ipv4(17, udp(1, 2, 30))), markAt: 48 },
  { name: 'a protocol that nobody knows', packet: ipv4(253, Buffer.alloc(10, 3)), markAt: 20 },
  { name: 'an IPv4 header alone', packet: ipv4(253, Buffer.alloc(0)), markAt: 20, paddedBytes: 8 },
  {
    name: 'a first fragment of UDP',
    packet: ipv4(17, summed(udp(1, 2, 64)), { fragment: 0x2000 }),
    markAt: 28,
  },
  { name: 'a first fragment of TCP', packet: ipv4(6, tcp(1, 2, 60), { fragment: 0x2000 }), markAt: 24 },
  { name: 'a later fragment', packet: ipv4(17, Buffer.alloc(100, 9), { fragment: 0x20b9 }), markAt: 20 },
  {
    name: 'a last fragment of 1 byte',
    packet: ipv4(6, Buffer.alloc(1, 9), { fragment: 0x00b9 }),
    markAt: 20,
    paddedBytes: 7,
  },
  { name: 'TCP over IPv6', packet: ipv6(6, tcp(1, 2, 0)), markAt: 44, checksumAt: 56 },
  {
    name: 'UDP over IPv6',
    packet: ipv6(17, summed(udp(1, 2, 1))),
    markAt: 48,
    paddedBytes: 7,
    checksumAt: 46,
  },
  {
    name: 'UDP over IPv6 that says it has no checksum',
    packet: ipv6(17, udp(1, 2, 9)),
    markAt: 48,
    checksumAt: 46,
  },
  {
    name: 'ICMPv6',
    packet: ipv6(58, Buffer.concat([hex('8000ffff00010002'), Buffer.alloc(9, 7)])),
    markAt: 48,
    checksumAt: 42,
  },
  {
    name: 'two extension headers',
    packet: ipv6(0, extension(60, extension(6, tcp(1, 2, 3)))),
    markAt: 60,
    checksumAt: 72,
  },
  {
    name: 'an IPv6 first fragment',
    packet: ipv6(44, fragmentHeader(17, 1, summed(udp(1, 2, 64)))),
    markAt: 56,
  },
  {
    name: 'an IPv6 atomic fragment',
    packet: ipv6(44, fragmentHeader(17, 0, summed(udp(1, 2, 64)))),
    markAt: 56,
    checksumAt: 54,
  },
  {
    name: 'an IPv6 later fragment',
    packet: ipv6(44, fragmentHeader(17, 0x00b8, Buffer.alloc(80, 9))),
    markAt: 48,
  },
  { name: 'IPv6 in IPv4', packet: ipv4(41, ipv6(17, udp(1, 2, 30))), markAt: 68 },
]

/** Marked copy of a packet, cut to what was captured and with room behind, at an offset that isn't 0. */
export function marked(
  { packet, capturedBytes = packet.length }: Pick<MarkCase, 'packet' | 'capturedBytes'>,
  runId: number,
  number: number,
) {
  const at = 3
  const bytes = Buffer.alloc(at + packet.length + PADDING_BYTES_MAX, 0xaa)
  packet.copy(bytes, at, 0, capturedBytes)
  const place = new MarkPlace()
  if (!prepareMark(bytes, at, capturedBytes, packet.length, place)) throw new Error('refused')
  writeMark(bytes, at, place, runId, number)
  return { place, bytes, at, result: bytes.subarray(at, at + place.lengthBytes) }
}
