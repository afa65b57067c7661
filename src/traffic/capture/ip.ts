/**
 * The headers of one IP packet: addresses, protocol, ports, lengths, TCP flags. Lengths are those of the
 * packet as it was sent, however little of it was captured. Later fragments have no ports; neither has a
 * packet whose transport header wasn't captured, nor any protocol but TCP and UDP. Outer headers only.
 * Sources: RFC 791, RFC 8200; the extension headers passed over are those of Linux's flow dissector.
 */
import { NO_PORT, TCP, UDP } from '../../model/packets/flow-table.ts'

const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const DESTINATION_OPTIONS = 60

const TCP_HEADER_BYTES_MIN = 20
const UDP_HEADER_BYTES = 8

/**
 * What {@link readIp} found; one object is used again and again. The addresses go to the flow table's key.
 */
export class IpHeaders {
  version = 0
  protocol = 0
  sourcePort = NO_PORT
  destinationPort = NO_PORT
  sizeBytes = 0
  payloadBytes = 0
  tcpFlags = 0
  /** Where in the view the header above IP begins, captured or not; -1 in later fragments. */
  transportAt = -1
  isFragment = false
  isLaterFragment = false
}

/**
 * Reads the IP header at `at` and the transport header behind it.
 * @param end end of the captured bytes
 * @param wireEnd where the frame ended on the wire, at least `end`
 * @param into receives the fields
 * @param key receives the addresses: 4 words of source, 4 of destination (FlowTable.key)
 * @returns false where the fixed part of the IP header isn't there or can't be right
 */
export function readIp(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  into: IpHeaders,
  key: Uint32Array,
): boolean {
  into.sourcePort = NO_PORT
  into.destinationPort = NO_PORT
  into.payloadBytes = 0
  into.tcpFlags = 0
  into.transportAt = -1
  into.isFragment = false
  into.isLaterFragment = false
  if (view.getUint8(at) >>> 4 === 4) return readIpv4(view, at, end, wireEnd, into, key)
  return readIpv6(view, at, end, wireEnd, into, key)
}

function readIpv4(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  into: IpHeaders,
  key: Uint32Array,
): boolean {
  if (end - at < 20) return false
  const headerBytes = (view.getUint8(at) & 15) * 4
  if (headerBytes < 20) return false
  // Total length is 0 where the network card was to cut the packet up (TSO), and may be damaged.
  const totalBytes = view.getUint16(at + 2)
  const size = totalBytes >= headerBytes && totalBytes <= wireEnd - at ? totalBytes : wireEnd - at
  const fragment = view.getUint16(at + 6)
  into.version = 4
  into.protocol = view.getUint8(at + 9)
  into.sizeBytes = size
  into.isFragment = (fragment & 0x3fff) !== 0
  into.isLaterFragment = (fragment & 0x1fff) !== 0
  key[0] = view.getUint32(at + 12)
  key[1] = 0
  key[2] = 0
  key[3] = 0
  key[4] = view.getUint32(at + 16)
  key[5] = 0
  key[6] = 0
  key[7] = 0
  if (!into.isLaterFragment) readTransport(view, at + headerBytes, end, at + size, into)
  return true
}

function readIpv6(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  into: IpHeaders,
  key: Uint32Array,
): boolean {
  if (end - at < 40) return false
  // Payload length is 0 in jumbograms and where the network card was to cut the packet up.
  const totalBytes = 40 + view.getUint16(at + 4)
  const size = totalBytes > 40 && totalBytes <= wireEnd - at ? totalBytes : wireEnd - at
  into.version = 6
  into.sizeBytes = size
  for (let word = 0; word < 8; word++) key[word] = view.getUint32(at + 8 + word * 4)

  let protocol = view.getUint8(at + 6)
  let next = at + 40
  const sentEnd = at + size
  const limit = Math.min(end, sentEnd)
  while (isExtension(protocol) && next + 8 <= limit) {
    const isFragmentHeader = protocol === FRAGMENT
    protocol = view.getUint8(next)
    if (isFragmentHeader) {
      into.isFragment = true
      if ((view.getUint16(next + 2) & 0xfff8) !== 0) {
        into.isLaterFragment = true
        break
      }
      next += 8
    } else {
      next += 8 + view.getUint8(next + 1) * 8
    }
  }
  into.protocol = protocol
  if (!into.isLaterFragment) readTransport(view, next, end, sentEnd, into)
  return true
}

function isExtension(protocol: number): boolean {
  return (
    protocol === HOP_BY_HOP ||
    protocol === ROUTING ||
    protocol === FRAGMENT ||
    protocol === DESTINATION_OPTIONS
  )
}

/** `sentEnd` is where the IP packet ended on the wire; bytes captured behind it are padding. */
function readTransport(view: DataView, at: number, end: number, sentEnd: number, into: IpHeaders): void {
  const { protocol } = into
  into.transportAt = at
  if (protocol !== TCP && protocol !== UDP) return
  const limit = Math.min(end, sentEnd)
  if (limit - at < 4) return
  into.sourcePort = view.getUint16(at)
  into.destinationPort = view.getUint16(at + 2)
  let headerBytes = UDP_HEADER_BYTES
  if (protocol === TCP) {
    headerBytes = TCP_HEADER_BYTES_MIN
    if (limit - at >= 14) {
      into.tcpFlags = view.getUint8(at + 13)
      const stated = (view.getUint8(at + 12) >>> 4) * 4
      if (stated > headerBytes) headerBytes = stated
    }
  }
  const payload = sentEnd - at - headerBytes
  into.payloadBytes = Math.max(payload, 0)
}
