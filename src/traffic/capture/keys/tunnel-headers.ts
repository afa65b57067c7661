/**
 * Headers that stand between an outer IP header and an inner one. Sources: RFC 2784, RFC 2890 and RFC 2637
 * (GRE and its use by PPTP), RFC 7348 (VXLAN), RFC 8926 (GENEVE), 3GPP TS 29.281 (GTP-U), RFC 3378 (EtherIP),
 * RFC 3931 and RFC 4719 (L2TPv3 and its Ethernet frames).
 */

export const IPV4 = 0x0800
export const IPV6 = 0x86dd
/** Ethernet in GRE. */
export const ETHERNET = 0x6558
/** PPP in GRE, as PPTP has it. */
const PPP = 0x880b

const CHECKSUM = 0x8000
const ROUTING = 0x4000
const KEY = 0x2000
const SEQUENCE = 0x1000
const ACKNOWLEDGMENT = 0x0080

/** What GRE carries, and where: `protocol` is an EtherType, `at` -1 where it isn't to be looked into. */
export interface GrePayload {
  protocol: number
  at: number
}

/** Versions 0 and 1 without source routing, as Linux's flow dissector opens them. */
export function readGre(view: DataView, at: number, limit: number, into: GrePayload): void {
  into.at = -1
  if (limit - at < 4) return
  const flags = view.getUint16(at)
  const version = flags & 7
  into.protocol = view.getUint16(at + 2)
  if ((flags & ROUTING) !== 0 || version > 1) return
  if (version === 1 && (into.protocol !== PPP || (flags & KEY) === 0)) return
  let next = at + 4
  for (const part of [CHECKSUM, KEY, SEQUENCE]) if ((flags & part) !== 0) next += 4
  if (version === 1) {
    if ((flags & ACKNOWLEDGMENT) !== 0) next += 4
    if (limit - next < 4) return
    const carried = view.getUint16(next + 2)
    if (carried === 0x21) into.protocol = IPV4
    else if (carried === 0x57) into.protocol = IPV6
    next += 4
  }
  into.at = next
}

/** Where the Ethernet frame in a VXLAN packet begins, or -1. @param at behind the UDP header */
export function frameInVxlan(view: DataView, at: number, limit: number): number {
  return limit - at >= 8 && view.getUint8(at) === 0x08 ? at + 8 : -1
}

/** What GENEVE carries, and where. @param at behind the UDP header */
export function readGeneve(view: DataView, at: number, limit: number, into: GrePayload): void {
  into.at = -1
  if (limit - at < 8 || view.getUint8(at) >>> 6 !== 0) return
  into.protocol = view.getUint16(at + 2)
  into.at = at + 8 + (view.getUint8(at) & 63) * 4
}

const GTP_USER_DATA = 255

/** Where the user's IP packet in a GTP-U packet begins, or -1. @param at behind the UDP header */
export function packetInGtp(view: DataView, at: number, limit: number): number {
  if (limit - at < 8 || view.getUint8(at + 1) !== GTP_USER_DATA) return -1
  const flags = view.getUint8(at)
  // Version 1, GTP (not GTP').
  if (flags >>> 4 !== 3) return -1
  let next = at + 8
  // With any of the three optional fields all of them are there.
  if ((flags & 7) === 0) return next
  next += 4
  if (limit < next) return -1
  let extension = (flags & 4) === 0 ? 0 : view.getUint8(next - 1)
  while (extension !== 0) {
    if (next >= limit) return -1
    const bytes = view.getUint8(next) * 4
    if (bytes === 0 || next + bytes > limit) return -1
    next += bytes
    extension = view.getUint8(next - 1)
  }
  return next
}

/**
 * Bytes between an L2TPv3 session's id and the frame: a sublayer of 4 bytes, which is the default, behind a
 * cookie of 0, 4 or 8; or neither. A cookie without a sublayer looks like one of these.
 */
export const L2TP_GAPS_BYTES: readonly number[] = [4, 8, 12, 0]

const L2TP_CONTROL = 0x8000

/** Where the id of a session with data is, or -1. @param at of L2TPv3's header over UDP or IP */
export function sessionInL2tp(view: DataView, at: number, limit: number, isOverUdp: boolean): number {
  const session = isOverUdp ? at + 4 : at
  if (limit - session < 4) return -1
  if (isOverUdp) {
    const flags = view.getUint16(at)
    if ((flags & L2TP_CONTROL) !== 0 || (flags & 15) !== 3) return -1
  }
  // Over IP control messages are session 0's.
  return view.getUint32(session) === 0 ? -1 : session
}
