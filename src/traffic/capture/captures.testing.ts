/**
 * For tests: captures made byte by byte. Headers are built from the inside out (`ethernet(0x0800, ipv4(17,
 * udp(...)))`), records and blocks around them, and the result is read through the same path as a file, in
 * pieces of any size.
 */
import { FlowTable } from '../../model/packets/flow-table.ts'
import { captureOf } from '../../node/open-capture.ts'
import type { ByteSource } from './byte-stream.ts'
import { packetColumns } from './columns.ts'
import type { CaptureReader } from './reader.ts'

/** Big-endian bytes from hexadecimal; spaces are ignored. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

export function u16(value: number, little = false): Buffer {
  const bytes = Buffer.alloc(2)
  if (little) bytes.writeUInt16LE(value)
  else bytes.writeUInt16BE(value)
  return bytes
}

export function u32(value: number, little = false): Buffer {
  const bytes = Buffer.alloc(4)
  if (little) bytes.writeUInt32LE(value)
  else bytes.writeUInt32BE(value)
  return bytes
}

export function udp(sourcePort: number, destinationPort: number, payloadBytes: number): Buffer {
  return Buffer.concat([
    u16(sourcePort),
    u16(destinationPort),
    u16(8 + payloadBytes),
    u16(0),
    Buffer.alloc(payloadBytes),
  ])
}

/** A TCP segment with `options` (a multiple of 4 bytes) and the flag byte. */
export function tcp(
  sourcePort: number,
  destinationPort: number,
  payloadBytes: number,
  flags = 0x18,
  options = 0,
): Buffer {
  const header = Buffer.alloc(20 + options)
  header.writeUInt16BE(sourcePort, 0)
  header.writeUInt16BE(destinationPort, 2)
  header[12] = (header.length / 4) << 4
  header[13] = flags
  return Buffer.concat([header, Buffer.alloc(payloadBytes)])
}

interface Ipv4Fields {
  readonly optionBytes?: number
  /** Flags and fragment offset: 0x2000 more fragments, 0x00b9 the offset 185 * 8. */
  readonly fragment?: number
  /** Instead of the right one. */
  readonly totalBytes?: number
}

/** From 10.0.0.1 to 10.0.0.2. */
export function ipv4(protocol: number, content: Buffer, fields: Ipv4Fields = {}): Buffer {
  const header = Buffer.alloc(20 + (fields.optionBytes ?? 0), 1)
  header[0] = 0x40 | (header.length / 4)
  header.writeUInt16BE(fields.totalBytes ?? header.length + content.length, 2)
  header.writeUInt16BE(fields.fragment ?? 0, 6)
  header[9] = protocol
  hex('0a000001 0a000002').copy(header, 12)
  return Buffer.concat([header, content])
}

/** From 2001:db8::1 to 2001:db8::2. */
export function ipv6(nextHeader: number, content: Buffer, payloadLength = content.length): Buffer {
  const addresses = hex('20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002')
  return Buffer.concat([
    hex('60000000'),
    u16(payloadLength),
    Buffer.from([nextHeader, 64]),
    addresses,
    content,
  ])
}

export function ethernet(etherType: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(12, 2), u16(etherType), content])
}

interface PcapFields {
  readonly magic?: number
  readonly little?: boolean
  readonly linkType?: number
  readonly version?: readonly [major: number, minor: number]
  /** Bytes of the record header; those behind the first 16 are filled with 0xee. */
  readonly recordHeaderBytes?: number
}

export interface MadeRecord {
  readonly seconds?: number
  readonly fraction?: number
  readonly frame: Buffer
  readonly originalBytes?: number
}

/** A pcap file; little-endian, microseconds, Ethernet, 2.4 unless told otherwise. */
export function pcap(records: readonly MadeRecord[], fields: PcapFields = {}): Buffer {
  const { magic = 0xa1b2c3d4, little = true, linkType = 1, version = [2, 4], recordHeaderBytes = 16 } = fields
  const parts = [u32(magic, little), u16(version[0], little), u16(version[1], little), Buffer.alloc(8)]
  parts.push(u32(65535, little), u32(linkType, little))
  for (const { seconds = 0, fraction = 0, frame, originalBytes } of records) {
    parts.push(u32(seconds, little), u32(fraction, little), u32(frame.length, little))
    parts.push(u32(originalBytes ?? frame.length, little), Buffer.alloc(recordHeaderBytes - 16, 0xee), frame)
  }
  return Buffer.concat(parts)
}

/** One pcapng block; `type` 0x0a0d0d0a makes the byte order known by itself. */
export function block(type: number, body: Buffer, little = true): Buffer {
  const padding = Buffer.alloc((4 - (body.length % 4)) % 4)
  const length = u32(12 + body.length + padding.length, little)
  return Buffer.concat([u32(type, little), length, body, padding, length])
}

export function section(little = true): Buffer {
  return block(
    0x0a0d0d0a,
    Buffer.concat([u32(0x1a2b3c4d, little), u16(1, little), u16(0), Buffer.alloc(8, 255)]),
    little,
  )
}

/** An interface description with options as [code, value] pairs. */
export function networkInterface(
  linkType: number,
  options: readonly (readonly [code: number, value: Buffer])[] = [],
  little = true,
  snaplen = 0,
): Buffer {
  const parts = [u16(linkType, little), u16(0), u32(snaplen, little)]
  for (const [code, value] of options) {
    parts.push(
      u16(code, little),
      u16(value.length, little),
      value,
      Buffer.alloc((4 - (value.length % 4)) % 4),
    )
  }
  return block(1, Buffer.concat([...parts, u32(0)]), little)
}

/** An enhanced packet block; `time` counts the interface's units. */
export function enhancedPacket(interfaceIndex: number, time: bigint, frame: Buffer, little = true): Buffer {
  const parts = [interfaceIndex, Number(time >> 32n), Number(time & 0xffffffffn), frame.length, frame.length]
  return block(6, Buffer.concat([...parts.map((part) => u32(part, little)), frame]), little)
}

/** Bytes that come in pieces of at most `pieceBytes`. */
export function bytesOf(bytes: Uint8Array, pieceBytes = 65_536): ByteSource {
  let position = 0
  return {
    async read(target, at, length) {
      const count = Math.min(length, pieceBytes, bytes.length - position)
      target.set(bytes.subarray(position, position + count), at)
      position += count
      return count
    },
    async close() {},
  }
}

/** One packet as a line: "1.000002000 10.0.0.1:1 > 10.0.0.2:2/udp size 38 payload 10 flags 0". */
function packetLine(reader: CaptureReader, columns: ReturnType<typeof packetColumns>, row: number): string {
  const time = `${columns.seconds[row]}.${String(columns.nanoseconds[row]).padStart(9, '0')}`
  const flow = reader.flows.describe(columns.flow[row]!)
  const numbers = `size ${columns.sizeBytes[row]} payload ${columns.payloadBytes[row]} flags ${columns.tcpFlags[row]}`
  return `${time} ${flow} ${numbers}`
}

/** Reads a capture to its end, `capacity` packets at a time. */
export async function readAll(
  bytes: Uint8Array,
  pieceBytes?: number,
  capacity = 3,
): Promise<{ packets: string[]; reader: CaptureReader }> {
  const reader = await captureOf(bytesOf(bytes, pieceBytes), 'made.pcap', new FlowTable())
  const columns = packetColumns(capacity)
  const packets: string[] = []
  try {
    while ((await reader.read(columns)) > 0) {
      for (let row = 0; row < columns.count; row++) packets.push(packetLine(reader, columns, row))
    }
  } finally {
    await reader.close()
  }
  return { packets, reader }
}
