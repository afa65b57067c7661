/**
 * From an EtherType, a PPP or an HDLC header to the IP header above it: any stack of VLAN tags, SNAP, PPPoE,
 * MPLS with IP or with an Ethernet pseudowire below its labels, Cisco's HDLC. Sources: IEEE 802.1Q and
 * 802.1ad, RFC 1661 and 1662 (PPP), RFC 1547 (Cisco's HDLC), RFC 2516 (PPPoE), RFC 3032 (MPLS), RFC 4448
 * (Ethernet over MPLS).
 */

/** The frame carries no IP, or not enough of it was captured to tell. */
export const NO_IP = -1

export const IPV4 = 0x0800
export const IPV6 = 0x86dd
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200, 0x9300])
const PPPOE_SESSION = 0x8864
const MPLS_UNICAST = 0x8847
const MPLS_MULTICAST = 0x8848
/** Above this a type field is an EtherType, up to it the length of an 802.3 frame. */
export const LENGTH_MAX = 1500
/** Addresses of Cisco's HDLC: one station, all stations. */
const HDLC_UNICAST = 0x0f
const HDLC_BROADCAST = 0x8f

export function ofVersion(version: 4 | 6, view: DataView, at: number, end: number): number {
  return at < end && view.getUint8(at) >>> 4 === version ? at : NO_IP
}

export function anyIp(view: DataView, at: number, end: number): number {
  if (at >= end) return NO_IP
  const version = view.getUint8(at) >>> 4
  return version === 4 || version === 6 ? at : NO_IP
}

export function inEthernet(view: DataView, at: number, end: number, isPseudowire = false): number {
  return end - at < 14 ? NO_IP : byEtherType(view.getUint16(at + 12), view, at + 14, end, isPseudowire)
}

/**
 * What a type field says that stands before `at`: an EtherType, or the length of an 802.3 frame.
 * @param isPseudowire below MPLS labels already, where no others are followed
 */
export function byEtherType(
  etherType: number,
  view: DataView,
  at: number,
  end: number,
  isPseudowire = false,
): number {
  let type = etherType
  let next = at
  while (type !== IPV4 && type !== IPV6) {
    if (VLAN_TAGS.has(type)) {
      if (next + 4 > end) return NO_IP
      type = view.getUint16(next + 2)
      next += 4
    } else if (type <= LENGTH_MAX) {
      // 802.2 LLC with SNAP and no organisation: AA AA 03 00 00 00, then an EtherType.
      if (next + 8 > end || view.getUint32(next) !== 0xaaaa0300 || view.getUint16(next + 4) !== 0)
        return NO_IP
      type = view.getUint16(next + 6)
      next += 8
      if (type <= LENGTH_MAX) return NO_IP
    } else if (type === MPLS_UNICAST || type === MPLS_MULTICAST) {
      return isPseudowire ? NO_IP : belowLabels(view, next, end)
    } else return type === PPPOE_SESSION ? inPppoe(view, next, end, isPseudowire) : NO_IP
  }
  return ofVersion(type === IPV4 ? 4 : 6, view, next, end)
}

/** Version and type, code (0 in a session), session (2), length (2), then PPP. */
export function inPppoe(view: DataView, at: number, end: number, isPseudowire = false): number {
  return at + 6 > end || view.getUint8(at + 1) !== 0 ? NO_IP : inPpp(view, at + 6, end, isPseudowire)
}

/** PPP with or without HDLC framing, which may also be Cisco's. */
export function inPppOrHdlc(view: DataView, at: number, end: number): number {
  if (at >= end) return NO_IP
  const first = view.getUint8(at)
  const isCisco = first === HDLC_UNICAST || first === HDLC_BROADCAST
  return isCisco ? inCiscoHdlc(view, at, end) : inPpp(view, at, end)
}

/** Address, control, EtherType. */
export function inCiscoHdlc(view: DataView, at: number, end: number): number {
  if (at + 4 > end) return NO_IP
  const type = view.getUint16(at + 2)
  return type <= LENGTH_MAX ? NO_IP : byEtherType(type, view, at + 4, end)
}

/**
 * PPP with or without the address and control bytes FF 03, the protocol in two bytes or compressed to one.
 */
function inPpp(view: DataView, start: number, end: number, isPseudowire = false): number {
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
  const isLabelled = protocol === 0x281 || protocol === 0x283
  return isLabelled && !isPseudowire ? belowLabels(view, at, end) : NO_IP
}

/** The label stack ends with the "bottom" bit. */
function belowLabels(view: DataView, at: number, end: number): number {
  let label = at
  while (label + 4 <= end) {
    if ((view.getUint8(label + 2) & 1) === 1) return belowBottom(view, label + 4, end)
    label += 4
  }
  return NO_IP
}

/**
 * Labels don't say what is below them. IP says so itself by its version; a frame of a pseudowire has a
 * control word before it, which begins with the bits 0000, or none. An Ethernet address may begin with the
 * bits of a version, too: then the frame counts, if it holds IP and what looked like IP can't be right.
 */
function belowBottom(view: DataView, at: number, end: number): number {
  const ip = anyIp(view, at, end)
  if (ip >= 0 && isWholeHeader(view, at, end)) return ip
  if (at < end && view.getUint8(at) >>> 4 === 0) {
    const behindControlWord = inEthernet(view, at + 4, end, true)
    if (behindControlWord >= 0) return behindControlWord
  }
  const inFrame = inEthernet(view, at, end, true)
  return inFrame >= 0 ? inFrame : ip
}

/** IPv4 with the right checksum, or IPv6 with the right length. */
function isWholeHeader(view: DataView, at: number, end: number): boolean {
  const first = view.getUint8(at)
  if (first >>> 4 === 6) return end - at >= 40 && 40 + view.getUint16(at + 4) === end - at
  const headerBytes = (first & 15) * 4
  if (headerBytes < 20 || at + headerBytes > end) return false
  let sum = 0
  for (let i = 0; i < headerBytes; i += 2) sum += view.getUint16(at + i)
  return (sum & 0xffff) + (sum >>> 16) === 0xffff
}
