/**
 * From a frame's first byte to its IP header, for every link type that is read. Only the first IP header is
 * sought: tunnels count as their outer packet. Sources: tcpdump.org/linktypes.html; RFC 2427 (Frame Relay),
 * RFC 4391 (IP over InfiniBand); PPI 1.0.10 (CACE Technologies); pktap.h of Darwin; nfnetlink_log.h of Linux.
 */
import {
  anyIp,
  byEtherType,
  IPV4,
  IPV6,
  inCiscoHdlc,
  inEthernet,
  inPppOrHdlc,
  inPppoe,
  LENGTH_MAX,
  NO_IP,
  ofVersion,
} from './ether-types.ts'

/** Frames of a link type that isn't read: this and below, see {@link unreadLinkOf}. */
const UNREAD_LINK = -2

/** AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin; AF_INET is 2 everywhere. */
const FAMILIES_IPV6: ReadonlySet<number> = new Set([10, 23, 24, 28, 30])

/**
 * Where in `view` the IP header begins, or NO_IP, or what {@link unreadLinkOf} understands. At a position
 * >= 0 a byte of version 4 or 6 stands before `end`.
 * @param end end of the captured bytes
 */
export function ipHeaderAt(linkType: number, view: DataView, start: number, end: number): number {
  switch (linkType) {
    case 192:
      return inPpi(view, start, end)
    case 149:
    case 258:
      return inPktap(linkType, view, start, end)
    case 197:
      return inErf(view, start, end)
    default:
      return inLink(linkType, view, start, end)
  }
}

/** The link type that isn't read, of the frame or within it, where that is why there is no IP header. */
export function unreadLinkOf(at: number): number | undefined {
  return at <= UNREAD_LINK ? UNREAD_LINK - at : undefined
}

function inLink(linkType: number, view: DataView, start: number, end: number): number {
  switch (linkType) {
    case 1:
      return inEthernet(view, start, end)
    case 12:
    case 14:
    case 101:
      return anyIp(view, start, end)
    case 228:
      return ofVersion(4, view, start, end)
    case 229:
      return ofVersion(6, view, start, end)
    case 0:
    case 108:
      return byFamily(view, start, start + 4, end)
    case 113:
      return end - start < 16 ? NO_IP : byEtherType(view.getUint16(start + 14), view, start + 16, end)
    case 276:
      return end - start < 20 ? NO_IP : byEtherType(view.getUint16(start), view, start + 20, end)
    case 9:
    case 50:
      return inPppOrHdlc(view, start, end)
    case 51:
      return inPppoe(view, start, end)
    case 104:
      return inCiscoHdlc(view, start, end)
    case 107:
      return inFrameRelay(view, start, end)
    // These three have a byte for the direction in front.
    case 204:
      return inPppOrHdlc(view, start + 1, end)
    case 205:
      return inCiscoHdlc(view, start + 1, end)
    case 206:
      return inFrameRelay(view, start + 1, end)
    // The direction stands in the place of FF.
    case 166:
      return end - start < 2 || view.getUint8(start + 1) !== 3 ? NO_IP : inPppOrHdlc(view, start + 2, end)
    // OpenBSD's enc: family, security parameter index, flags. 13 is its number in OpenBSD's own files.
    case 13:
    case 109:
      return byFamily(view, start, start + 12, end)
    case 117:
      return inPflog(view, start, end)
    // IP over FireWire: two addresses of 8 bytes.
    case 138:
      return end - start < 18 ? NO_IP : byEtherType(view.getUint16(start + 16), view, start + 18, end)
    case 239:
      return inNflog(view, start, end)
    // A global route header of 40 bytes, whose fields needn't be set, then what IP over InfiniBand adds.
    case 242:
      return inIpoib(view, start + 40, end)
    case 247:
      return inInfiniband(view, start, end)
    default:
      return UNREAD_LINK - linkType
  }
}

/**
 * The address family at `start`, for the IP header at `at`. It is in the byte order of the machine that
 * captured, whatever the file's is.
 */
function byFamily(view: DataView, start: number, at: number, end: number): number {
  if (at > end) return NO_IP
  const bigEndian = view.getUint32(start)
  return ofFamily(bigEndian > 0xffff ? view.getUint32(start, true) : bigEndian, view, at, end)
}

function ofFamily(family: number, view: DataView, at: number, end: number): number {
  if (family === 2) return ofVersion(4, view, at, end)
  return FAMILIES_IPV6.has(family) ? ofVersion(6, view, at, end) : NO_IP
}

/** The header's length without its padding to 4 bytes, the family, and what a filter made of the packet. */
function inPflog(view: DataView, start: number, end: number): number {
  if (end - start < 2) return NO_IP
  const at = start + Math.ceil(view.getUint8(start) / 4) * 4
  return ofFamily(view.getUint8(start + 1), view, at, end)
}

/**
 * An address of 2 to 4 bytes, whose last one is odd; then, by RFC 2427, 03 for an unnumbered frame and what
 * protocol it carries, or Cisco's way, an EtherType.
 */
function inFrameRelay(view: DataView, start: number, end: number): number {
  let at = start
  while (at < end && at < start + 4 && (view.getUint8(at) & 1) === 0) at++
  at++
  if (at + 2 > end) return NO_IP
  if (view.getUint8(at) !== 3) {
    const type = view.getUint16(at)
    return type <= LENGTH_MAX ? NO_IP : byEtherType(type, view, at + 2, end)
  }
  at++
  // Padding, so that what follows is aligned.
  if (view.getUint8(at) === 0) at++
  if (at >= end) return NO_IP
  switch (view.getUint8(at)) {
    case 0xcc:
      return ofVersion(4, view, at + 1, end)
    case 0x8e:
      return ofVersion(6, view, at + 1, end)
    case 0x80:
      return inFrameRelaySnap(view, at + 1, end)
    default:
      return NO_IP
  }
}

/** Organisation (3) and type (2): an EtherType, or 802.1's number of a bridged frame with or without FCS. */
function inFrameRelaySnap(view: DataView, at: number, end: number): number {
  if (at + 5 > end) return NO_IP
  const organisation = (view.getUint16(at) << 8) | view.getUint8(at + 2)
  const type = view.getUint16(at + 3)
  if (organisation === 0) return type <= LENGTH_MAX ? NO_IP : byEtherType(type, view, at + 5, end)
  return organisation === 0x0080c2 && (type === 1 || type === 7) ? inEthernet(view, at + 5, end) : NO_IP
}

/** EtherType and 2 bytes that are reserved. */
function inIpoib(view: DataView, at: number, end: number): number {
  if (at + 4 > end) return NO_IP
  const type = view.getUint16(at)
  return type <= LENGTH_MAX ? NO_IP : byEtherType(type, view, at + 4, end)
}

/**
 * A local route header (8 bytes) that says whether a global one (40) follows, then the base transport header
 * (12), or IPv6 alone. IP comes in single datagrams (a header of 8 bytes more) or, in connected mode, in
 * single messages; either may have 4 bytes of "immediate" data in front.
 */
function inInfiniband(view: DataView, start: number, end: number): number {
  if (end - start < 8) return NO_IP
  const next = view.getUint8(start + 1) & 3
  if (next === 1) return ofVersion(6, view, start + 8, end)
  const at = start + (next === 3 ? 48 : 8)
  if (next === 0 || at + 12 > end) return NO_IP
  switch (view.getUint8(at)) {
    case 0x64:
      return inIpoib(view, at + 20, end)
    case 0x65:
      return inIpoib(view, at + 24, end)
    case 0x04:
    case 0x24:
      return inIpoib(view, at + 12, end)
    case 0x05:
    case 0x25:
      return inIpoib(view, at + 16, end)
    default:
      return NO_IP
  }
}

const NFLOG_PACKET_HEADER = 1
const NFLOG_PAYLOAD = 9

/**
 * Family, version and group (2), then attributes: length with this header (2), type (2), value, padding to 4
 * bytes. They are in the byte order of the machine that captured, whatever the file's is; types are small,
 * so the first one tells. The packet's EtherType is in the first attribute, and for bridges nowhere else.
 */
function inNflog(view: DataView, start: number, end: number): number {
  const family = end - start < 8 ? 0 : view.getUint8(start)
  let etherType = family === 2 ? IPV4 : family === 10 ? IPV6 : 0
  let at = start + 4
  const isLittle = at + 4 <= end && view.getUint8(at + 2) !== 0
  while (at + 4 <= end) {
    const length = view.getUint16(at, isLittle)
    const type = view.getUint16(at + 2, isLittle)
    if (length < 4) return NO_IP
    if (type === NFLOG_PACKET_HEADER && etherType === 0 && length >= 6 && at + 6 <= end)
      etherType = view.getUint16(at + 4)
    if (type === NFLOG_PAYLOAD) {
      return etherType <= LENGTH_MAX
        ? NO_IP
        : byEtherType(etherType, view, at + 4, Math.min(end, at + length))
    }
    at += Math.ceil(length / 4) * 4
  }
  return NO_IP
}

/** Version, flags, length with this header (2) and link type of the frame behind (4), little-endian. */
function inPpi(view: DataView, start: number, end: number): number {
  if (end - start < 8) return NO_IP
  const length = view.getUint16(start + 2, true)
  const linkType = view.getUint32(start + 4, true)
  if (length < 8 || linkType > 0xffff) return NO_IP
  return inLink(linkType, view, Math.min(start + length, end), end)
}

const PKTAP_BYTES_MIN = 108
const PKTAP_BYTES_MAX = 1024

/**
 * Length with this header, kind of record (1: a packet), link type of the frame behind, 4 bytes each,
 * little-endian; then its interface and process. Darwin writes 149, which others may use for anything else.
 */
function inPktap(outer: number, view: DataView, start: number, end: number): number {
  const length = end - start < 12 ? 0 : view.getUint32(start, true)
  const isPktap =
    length >= PKTAP_BYTES_MIN && length <= PKTAP_BYTES_MAX && view.getUint32(start + 4, true) === 1
  if (!isPktap) return outer === 149 ? UNREAD_LINK - outer : NO_IP
  const linkType = view.getUint32(start + 8, true)
  if (linkType > 0xffff) return NO_IP
  return inLink(linkType, view, Math.min(start + length, end), end)
}

/** What records of an ERF file hold, by their type: color and channel variants of the same. */
const ERF_ETHERNET: ReadonlySet<number> = new Set([2, 11, 16, 20])
const ERF_HDLC: ReadonlySet<number> = new Set([1, 10, 15, 17])
const ERF_IPV4 = 22
const ERF_IPV6 = 23
const ERF_INFINIBAND: ReadonlySet<number> = new Set([21, 25])

/**
 * Time (8), type, flags, length, lost and length on the wire (2 each); the highest bit of the type, and of
 * each extension of 8 bytes, says that another extension follows. Before Ethernet are two bytes more.
 */
function inErf(view: DataView, start: number, end: number): number {
  if (end - start < 16) return NO_IP
  const type = view.getUint8(start + 8)
  let at = start + 16
  for (let more = type; (more & 0x80) !== 0; at += 8) {
    if (at >= end) return NO_IP
    more = view.getUint8(at)
  }
  const kind = type & 0x7f
  if (ERF_ETHERNET.has(kind)) return inEthernet(view, at + 2, end)
  if (ERF_HDLC.has(kind)) return inPppOrHdlc(view, at, end)
  if (kind === ERF_IPV4) return ofVersion(4, view, at, end)
  if (kind === ERF_IPV6) return ofVersion(6, view, at, end)
  return ERF_INFINIBAND.has(kind) ? inInfiniband(view, at, end) : NO_IP
}
