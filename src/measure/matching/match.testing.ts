/**
 * For tests: packets whose fields a network changes or leaves, and pairs of captures written with the real
 * writer.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CaptureWriter } from '../../node/pcap-writer.ts'
import { ethernet, hex, ipv4, ipv6, tcp, udp } from '../../traffic/capture/captures.testing.ts'
import type { Measured } from '../arrivals/arrivals.ts'
import { type MatchOptions, matchCaptures } from './match.ts'

/** A packet at a time, in seconds since 1970 and nanoseconds of that second. */
export interface TimedPacket {
  readonly packet: Buffer
  readonly ns: number
}

export const START_SECONDS = 1_700_000_000

/** IPv4 UDP from 10.0.0.1 to 10.0.0.2 with a payload of 32 bytes that says `content`. */
export function udpPacket(content: number, id = content & 0xffff, port = 1, payloadBytes = 32): Buffer {
  const packet = ipv4(17, udp(port, 2, payloadBytes))
  packet.writeUInt16BE(id, 4)
  packet[8] = 64
  packet.writeUInt32BE(content, 28)
  return packet
}

/** IPv6 TCP from 2001:db8::1 to 2001:db8::2. */
export function tcp6Packet(sequence: number, payloadBytes = 100, content = 0): Buffer {
  const packet = ipv6(6, tcp(1, 2, payloadBytes))
  packet.writeUInt32BE(sequence >>> 0, 44)
  packet.writeUInt32BE(content, packet.length - 4)
  return packet
}

/** IPv4 TCP with payload; fields as the one-sided statistics read them. */
export function tcpPacket(sequence: number, payloadBytes: number, id: number, flags = 0x18): Buffer {
  const packet = ipv4(6, tcp(1, 2, payloadBytes, flags))
  packet.writeUInt16BE(id, 4)
  packet.writeUInt32BE(sequence >>> 0, 24)
  return packet
}

/** The same packet one router later: TTL, DSCP and ECN, checksums. */
export function routed(packet: Buffer): Buffer {
  const other = Buffer.from(packet)
  if (packet[0]! >>> 4 === 4) {
    other[1] = 0xb9
    other[8]!--
    other.writeUInt16BE(0xabcd, 10)
    other.writeUInt16BE(0x1234, other[9] === 17 ? 26 : 36)
  } else {
    other.writeUInt32BE(0x6f123456, 0)
    other[7]!--
    other.writeUInt16BE(0x1234, other[6] === 17 ? 46 : 56)
  }
  return other
}

/** The same packet behind NAT: source 192.0.2.9:40000, new checksums. */
export function translated(packet: Buffer): Buffer {
  const other = routed(packet)
  hex('c0000209').copy(other, 12)
  other.writeUInt16BE(40_000, 20)
  return other
}

/** The packet in the other direction. */
export function returned(packet: Buffer): Buffer {
  const other = Buffer.from(packet)
  packet.copy(other, 12, 16, 20)
  packet.copy(other, 16, 12, 16)
  packet.copy(other, 20, 22, 24)
  packet.copy(other, 22, 20, 22)
  return other
}

export interface MadeCapture {
  readonly linkType?: 1 | 101
  /** At most so many bytes of each frame are kept. */
  readonly snaplen?: number
  /** What times count from. */
  readonly seconds?: number
}

/** A folder for captures, gone with {@link MatchBench.remove}. */
export class MatchBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'lanewise-'))

  path(name: string): string {
    return join(this.folder, name)
  }

  write(
    name: string,
    packets: readonly TimedPacket[],
    { linkType = 101, snaplen = 65_535, seconds = START_SECONDS }: MadeCapture = {},
  ): string {
    const path = this.path(name)
    const writer = new CaptureWriter(path, linkType)
    for (const { packet, ns } of packets) {
      const frame = linkType === 1 ? ethernet(packet[0]! >>> 4 === 4 ? 0x0800 : 0x86dd, packet) : packet
      const second = seconds + Math.floor(ns / 1e9)
      writer.write(second, ns - Math.floor(ns / 1e9) * 1e9, frame.subarray(0, snaplen), frame.length)
    }
    writer.close()
    return path
  }

  /** Matches what was sent at 0, 1 ms, 2 ms ... with what arrived `delayNs` after its place in the list. */
  match(
    sent: readonly Buffer[],
    received: readonly Buffer[],
    options: MatchOptions = {},
    delayNs = 5e6,
  ): Promise<Measured> {
    const timed = (packets: readonly Buffer[], shift: number) =>
      packets.map((packet, i) => ({ packet, ns: i * 1e6 + shift }))
    return matchCaptures(
      this.write('sent.pcap', timed(sent, 0)),
      this.write('received.pcap', timed(received, delayNs)),
      options,
    )
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** The rows as "flow/sequence". */
export function rows({ arrivals }: Measured): string[] {
  return Array.from({ length: arrivals.count }, (_, i) => `${arrivals.flow[i]}/${arrivals.sequence[i]}`)
}

/** The counts that aren't 0. */
export function nonZero({ counts }: Measured): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))
}
