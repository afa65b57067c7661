/**
 * Numbers the packets of a replay: run id and number take 8 bytes where no policy and no flow hash looks.
 * TCP: the sequence and acknowledgement fields; others: behind their header, which ports, SPIs and tunnelled
 * headers count to; later fragments: behind the IP header. Packets too short for it are padded, those cut by
 * a snaplen filled with zeros; lengths and checksums (IPv4, TCP, UDP, ICMP) are made right again. Sources:
 * RFC 791, 793, 768, 792, 8200, 1071 (sums), 1624 (changing some words of a sum).
 */
import { TCP, UDP } from '../../model/packets/flow-table.ts'

/** What a packet grows by at most. */
export const PADDING_BYTES_MAX = 72
/** A packet can't be longer: its length field has 16 bits. */
const IP_BYTES_MAX = 65535
const MARK_BYTES = 8

const HOP_BY_HOP = 0
const ICMP = 1
const IP_IN_IP = 4
const DCCP = 33
const IPV6_IN_IP = 41
const ROUTING = 43
const FRAGMENT = 44
const GRE = 47
const ESP = 50
const AH = 51
const ICMPV6 = 58
const DESTINATION_OPTIONS = 60
const SCTP = 132
const UDP_LITE = 136

const TCP_HEADER_BYTES = 20
const TCP_SEQUENCE_AT = 4

/**
 * Bytes behind the IP header that Linux's flow dissector may look at, by protocol; the mark stands behind
 * them.
 */
const headerBytes = new Uint8Array(256)
headerBytes[ICMP] = 8
headerBytes[IP_IN_IP] = 28
headerBytes[UDP] = 8
headerBytes[DCCP] = 12
headerBytes[IPV6_IN_IP] = 48
headerBytes[GRE] = 64
headerBytes[ESP] = 8
headerBytes[AH] = 12
headerBytes[ICMPV6] = 8
headerBytes[SCTP] = 12
headerBytes[UDP_LITE] = 8

/**
 * Where a packet's mark stands and what changes with it: what {@link prepareMark} finds and {@link writeMark}
 * needs.
 */
export class MarkPlace {
  /** Of the whole packet, padding included. */
  lengthBytes = 0
  /** Bytes that were added because there was no room. */
  paddedBytes = 0
  /** From the packet's begin. */
  markAt = 0
  /** Behind the mark, from the packet's begin: whoever reads it needs the packet up to here. */
  markEnd = 0
  /** From the packet's begin; -1: no checksum covers the mark. */
  checksumAt = -1
  /** Sum of what the checksum covers, mark and checksum as 0, before the complement; 16 bits. */
  checksumSum = 0
}

/** What {@link locate} found; one per thread is enough. */
const found = { transportAt: 0, protocol: 0, isFragment: false, isLaterFragment: false, markAt: 0 }

/**
 * Finds the place of the mark, from the packet's begin.
 * @param end end of the bytes that are there; headers behind it aren't followed
 * @returns false where the IP headers aren't complete
 */
function locate(bytes: Buffer, at: number, end: number): boolean {
  if (end - at < 20) return false
  found.isFragment = false
  found.isLaterFragment = false
  const version = bytes[at]! >>> 4
  if (version === 4) {
    const ipHeaderBytes = (bytes[at]! & 15) * 4
    if (ipHeaderBytes < 20) return false
    const fragment = bytes.readUInt16BE(at + 6)
    found.protocol = bytes[at + 9]!
    found.transportAt = ipHeaderBytes
    found.isFragment = (fragment & 0x3fff) !== 0
    found.isLaterFragment = (fragment & 0x1fff) !== 0
  } else if (version === 6 && end - at >= 40) {
    if (!walkExtensions(bytes, at, end)) return false
  } else return false
  const { protocol, transportAt } = found
  if (found.isLaterFragment) found.markAt = transportAt
  else if (protocol === TCP) found.markAt = transportAt + TCP_SEQUENCE_AT
  else found.markAt = transportAt + headerBytes[protocol]!
  return true
}

/** False where the headers were cut, so that where they end can't be known. */
function walkExtensions(bytes: Buffer, at: number, end: number): boolean {
  let protocol = bytes[at + 6]!
  let next = at + 40
  while (!found.isLaterFragment && next + 8 <= end && isExtension(protocol)) {
    const following = bytes[next]!
    if (protocol === FRAGMENT) {
      const fragment = bytes.readUInt16BE(next + 2)
      found.isFragment = (fragment & 0xfff9) !== 0
      found.isLaterFragment = (fragment & 0xfff8) !== 0
      next += 8
    } else next += 8 + bytes[next + 1]! * 8
    protocol = following
  }
  found.protocol = protocol
  found.transportAt = next - at
  return found.isLaterFragment || !isExtension(protocol)
}

function isExtension(protocol: number): boolean {
  return (
    protocol === HOP_BY_HOP ||
    protocol === ROUTING ||
    protocol === FRAGMENT ||
    protocol === DESTINATION_OPTIONS
  )
}

/**
 * Finds where a packet's mark goes and how long the packet is with it; the parameters are those of
 * {@link prepareMark}, of whose place it leaves out what is about checksums.
 */
export function placeMark(
  bytes: Buffer,
  at: number,
  capturedBytes: number,
  sizeBytes: number,
  place: MarkPlace,
): boolean {
  if (!locate(bytes, at, at + Math.min(capturedBytes, sizeBytes))) return false
  const { transportAt, protocol, markAt } = found
  const isTcp = protocol === TCP && !found.isLaterFragment
  const markEnd = markAt + MARK_BYTES
  const lengthBytes = Math.max(sizeBytes, isTcp ? transportAt + TCP_HEADER_BYTES : markEnd)
  if (lengthBytes > IP_BYTES_MAX || lengthBytes > sizeBytes + PADDING_BYTES_MAX) return false
  place.lengthBytes = lengthBytes
  place.paddedBytes = lengthBytes - sizeBytes
  place.markAt = markAt
  place.markEnd = markEnd
  return true
}

/**
 * Makes a packet ready for marks: fills it up to its length, pads it, and rights its lengths and checksums.
 * @param bytes with room for {@link PADDING_BYTES_MAX} more than the packet's size
 * @param at where the packet begins
 * @param capturedBytes how much of it is there; the rest is overwritten with zeros
 * @param sizeBytes of the packet on the wire, without anything behind the IP packet (readIp's)
 * @param place receives where marks go
 * @returns false, and the bytes unchanged, where it isn't a sound IP packet or is longer than one can be
 */
export function prepareMark(
  bytes: Buffer,
  at: number,
  capturedBytes: number,
  sizeBytes: number,
  place: MarkPlace,
): boolean {
  if (!placeMark(bytes, at, capturedBytes, sizeBytes, place)) return false
  const { lengthBytes, markAt } = place
  bytes.fill(0, at + Math.min(capturedBytes, sizeBytes), at + lengthBytes)
  bytes.fill(0, at + markAt, at + markAt + MARK_BYTES)
  if (bytes[at]! >>> 4 === 4) {
    bytes.writeUInt16BE(lengthBytes, at + 2)
    bytes.writeUInt16BE(0, at + 10)
    bytes.writeUInt16BE(complement(sum(bytes, at, at + (bytes[at]! & 15) * 4, 0)), at + 10)
  } else bytes.writeUInt16BE(lengthBytes - 40, at + 4)
  place.checksumAt = -1
  if (!found.isLaterFragment) prepareTransport(bytes, at, place)
  return true
}

/** Lengths of the transport header, and the sum that its checksum is made from. */
function prepareTransport(bytes: Buffer, at: number, place: MarkPlace): void {
  const { protocol, transportAt, isFragment } = found
  const start = at + transportAt
  const transportBytes = place.lengthBytes - transportAt
  const isIpv6 = bytes[at]! >>> 4 === 6
  let checksumAt = -1
  if (protocol === TCP) {
    checksumAt = start + 16
    // A header cut by the snaplen, or a wrong one, says that it is too short or ends behind the packet.
    const stated = (bytes[start + 12]! >>> 4) * 4
    if (stated < TCP_HEADER_BYTES || stated > transportBytes) bytes[start + 12] = 0x50
  } else if (protocol === UDP) {
    // An IPv4 packet with checksum 0 has none and keeps none.
    if (isIpv6 || bytes.readUInt16BE(start + 6) !== 0) checksumAt = start + 6
    if (!isFragment) bytes.writeUInt16BE(transportBytes, start + 4)
  } else if (protocol === (isIpv6 ? ICMPV6 : ICMP)) checksumAt = start + 2
  if (checksumAt < 0) return
  if (isFragment) {
    // It covers fragments that aren't here. UDP over IPv4 can do without; the others keep what they have.
    if (protocol === UDP && !isIpv6) bytes.writeUInt16BE(0, checksumAt)
    return
  }
  bytes.writeUInt16BE(0, checksumAt)
  let pseudoHeader = 0
  if (protocol !== ICMP) {
    const addresses = at + (isIpv6 ? 8 : 12)
    pseudoHeader = sum(bytes, addresses, addresses + (isIpv6 ? 32 : 8), protocol + transportBytes)
  }
  place.checksumAt = checksumAt - at
  place.checksumSum = sum(bytes, start, start + transportBytes, pseudoHeader)
}

/**
 * Writes a mark, again and again into the same bytes if wished.
 * @param at where the packet begins
 * @param place what {@link prepareMark} said of these bytes
 * @param runId 32 bits, the same for all packets of a replay
 * @param number 0..2^32-1
 */
export function writeMark(
  bytes: Buffer,
  at: number,
  { markAt, checksumAt, checksumSum }: Readonly<MarkPlace>,
  runId: number,
  number: number,
): void {
  bytes.writeUInt32BE(runId >>> 0, at + markAt)
  bytes.writeUInt32BE(number, at + markAt + 4)
  if (checksumAt < 0) return
  const words = (runId >>> 16) + (runId & 0xffff) + (number >>> 16) + (number & 0xffff)
  // 0 would say "no checksum" in UDP; 0xffff is the same sum everywhere.
  bytes.writeUInt16BE(complement(fold(checksumSum + words)) || 0xffff, at + checksumAt)
}

/**
 * The number in a packet of this replay, or -1: somebody else's.
 * @param lengthBytes of the packet, or of what is there of it
 */
export function readMark(bytes: Buffer, at: number, lengthBytes: number, runId: number): number {
  if (!locate(bytes, at, at + lengthBytes) || found.markAt + MARK_BYTES > lengthBytes) return -1
  const markAt = at + found.markAt
  return bytes.readUInt32BE(markAt) === runId >>> 0 ? bytes.readUInt32BE(markAt + 4) : -1
}

/** One's complement sum of 16-bit words, an odd last byte padded with 0, folded to 16 bits. */
function sum(bytes: Buffer, start: number, end: number, initial: number): number {
  let total = initial
  let i = start
  for (; i + 1 < end; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!
  if (i < end) total += bytes[i]! << 8
  return fold(total)
}

/** Sums of up to 65535 bytes stay below 2^32, so two foldings are enough. */
function fold(total: number): number {
  const once = (total & 0xffff) + (total >>> 16)
  return (once & 0xffff) + (once >>> 16)
}

function complement(folded: number): number {
  return ~folded & 0xffff
}
