/**
 * From a frame's first byte to its IP header: Ethernet with any stack of VLAN tags, PPPoE, MPLS and SNAP
 * below IP, the two "cooked" formats of Linux's `any` interface, PPP, BSD loopback and bare IP. Only the
 * first IP header is sought: tunnels count as their outer packet. Sources: tcpdump.org/linktypes.html, IEEE
 * 802.1Q and 802.1ad, RFC 2516 (PPPoE), RFC 3032 (MPLS), RFC 1661 (PPP).
 */

/** The frame carries no IP, or not enough of it was captured to tell. */
export const NO_IP = -1
/** Frames of this link type aren't read. */
export const UNREAD_LINK = -2

const IPV4 = 0x0800
const IPV6 = 0x86dd
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200, 0x9300])
const PPPOE_SESSION = 0x8864
const MPLS_UNICAST = 0x8847
const MPLS_MULTICAST = 0x8848
/** Above this a type field is an EtherType, up to it the length of an 802.3 frame. */
const LENGTH_MAX = 1500
/** AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin; AF_INET is 2 everywhere. */
const FAMILIES_IPV6: ReadonlySet<number> = new Set([10, 23, 24, 28, 30])

/**
 * Where in `view` the IP header begins, or NO_IP or UNREAD_LINK. At a position >= 0 a byte of version 4 or 6
 * stands before `end`.
 * @param end end of the captured bytes
 */
export function ipHeaderAt(linkType: number, view: DataView, start: number, end: number): number {
  switch (linkType) {
    case 1:
      return end - start < 14 ? NO_IP : byEtherType(view.getUint16(start + 12), view, start + 14, end)
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
      return end - start < 4 ? NO_IP : byFamily(view.getUint32(start), view, start + 4, end)
    case 113:
      return end - start < 16 ? NO_IP : byEtherType(view.getUint16(start + 14), view, start + 16, end)
    case 276:
      return end - start < 20 ? NO_IP : byEtherType(view.getUint16(start), view, start + 20, end)
    case 9:
      return inPpp(view, start, end)
    default:
      return UNREAD_LINK
  }
}

function ofVersion(version: 4 | 6, view: DataView, at: number, end: number): number {
  return at < end && view.getUint8(at) >>> 4 === version ? at : NO_IP
}

function anyIp(view: DataView, at: number, end: number): number {
  if (at >= end) return NO_IP
  const version = view.getUint8(at) >>> 4
  return version === 4 || version === 6 ? at : NO_IP
}

function byEtherType(etherType: number, view: DataView, at: number, end: number): number {
  if (etherType === IPV4) return ofVersion(4, view, at, end)
  if (etherType === IPV6) return ofVersion(6, view, at, end)
  if (VLAN_TAGS.has(etherType)) {
    return at + 4 > end ? NO_IP : byEtherType(view.getUint16(at + 2), view, at + 4, end)
  }
  if (etherType === MPLS_UNICAST || etherType === MPLS_MULTICAST) return belowLabels(view, at, end)
  // PPPoE: version and type, code (0 in a session), session (2), length (2), then PPP.
  if (etherType === PPPOE_SESSION)
    return at + 6 > end || view.getUint8(at + 1) !== 0 ? NO_IP : inPpp(view, at + 6, end)
  if (etherType <= LENGTH_MAX) return inSnap(view, at, end)
  return NO_IP
}

/** 802.2 LLC with SNAP and no organisation: AA AA 03 00 00 00, then an EtherType. */
function inSnap(view: DataView, at: number, end: number): number {
  if (at + 8 > end || view.getUint32(at) !== 0xaaaa0300 || view.getUint16(at + 4) !== 0) return NO_IP
  const etherType = view.getUint16(at + 6)
  return etherType <= LENGTH_MAX ? NO_IP : byEtherType(etherType, view, at + 8, end)
}

/** The label stack ends with the "bottom" bit; what follows says itself whether it is IP. */
function belowLabels(view: DataView, at: number, end: number): number {
  let label = at
  while (label + 4 <= end) {
    if ((view.getUint8(label + 2) & 1) === 1) return anyIp(view, label + 4, end)
    label += 4
  }
  return NO_IP
}

/**
 * PPP with or without the address and control bytes FF 03, the protocol in two bytes or compressed to one.
 */
function inPpp(view: DataView, start: number, end: number): number {
  let at = start
  if (at + 2 <= end && view.getUint16(at) === 0xff03) at += 2
  if (at >= end) return NO_IP
  let protocol = view.getUint8(at)
  at += 1
  if ((protocol & 1) === 0) {
    if (at >= end) return NO_IP
    protocol = (protocol << 8) | view.getUint8(at)
    at += 1
  }
  if (protocol === 0x21) return ofVersion(4, view, at, end)
  if (protocol === 0x57) return ofVersion(6, view, at, end)
  return protocol === 0x281 || protocol === 0x283 ? belowLabels(view, at, end) : NO_IP
}

/** The address family is written in the byte order of the machine that captured, whatever the file's is. */
function byFamily(bigEndian: number, view: DataView, at: number, end: number): number {
  const family = bigEndian > 0xffff ? view.getUint32(at - 4, true) : bigEndian
  if (family === 2) return ofVersion(4, view, at, end)
  return FAMILIES_IPV6.has(family) ? ofVersion(6, view, at, end) : NO_IP
}
