/**
 * A packet's fingerprint: 64 bits over what a network leaves as it is. Left out are what routers and cards
 * change: traffic class (DSCP, ECN), TTL or hop limit, flow label, the checksums of IPv4, TCP and UDP
 * (offloading fills them in late), padding behind the packet; and with `nat` addresses, ports and ICMP's
 * checksum and identifier. The packet's length counts from the frame, since a card that cuts packets up (TSO)
 * gets them with length 0. IP-ID, fragment fields, options and TCP's numbers count; but not where what
 * middleboxes change on purpose is looked for: then IP-ID with its bit against fragments, TCP's numbers and
 * the values of its options for segment size, SACK and time stamps are left out too. Sources: RFC 791, RFC
 * 8200, RFC 9293, RFC 3022 section 2.2.
 */
import { TCP, UDP } from '../../model/packets/flow-table.ts'
import { FRAME_BYTES_MAX } from '../../traffic/capture/frame.ts'
import type { IpHeaders } from '../../traffic/capture/ip.ts'

const ICMP = 1
const ICMPV6 = 58

export class InvariantHash {
  /** The last packet's fingerprint. */
  low = 0
  high = 0
  private readonly nat: boolean
  private readonly bytesMax: number
  private readonly isRelaxed: boolean
  private readonly words = new Uint32Array(FRAME_BYTES_MAX / 4 + 1)

  /**
   * @param nat addresses and ports don't count
   * @param bytesMax only so many of a packet's first bytes count, for captures that kept no more
   * @param isRelaxed nor does what middleboxes change on purpose
   */
  constructor(nat: boolean, bytesMax: number, isRelaxed = false) {
    this.nat = nat
    this.bytesMax = bytesMax
    this.isRelaxed = isRelaxed
  }

  /** Sets {@link low} and {@link high}; the arguments are those of a PacketWatcher. */
  read(view: DataView, at: number, end: number, headers: IpHeaders): void {
    const count = this.copyWords(view, at, Math.min(end - at, headers.sizeBytes, this.bytesMax))
    this.mask(headers, at)
    if (this.isRelaxed) this.relax(headers, at, view, end)
    const { words } = this
    let low = headers.sizeBytes
    let high = 0x9747b28c
    // Each round permutes the 64 bits, so packets that differ in one word never meet.
    for (let i = 0; i < count; i++) {
      low = Math.imul(low ^ words[i]!, 0xcc9e2d51)
      low = (low << 15) | (low >>> 17)
      high = Math.imul(high ^ low, 0x85ebca6b)
      high = (high << 13) | (high >>> 19)
      low = (low + high) | 0
    }
    this.low = low
    this.high = high
  }

  /** Big-endian words, the last one filled up with zeros; their number. */
  private copyWords(view: DataView, at: number, bytes: number): number {
    const { words } = this
    const whole = bytes >>> 2
    for (let i = 0; i < whole; i++) words[i] = view.getUint32(at + i * 4)
    if (bytes === whole * 4) return whole
    let rest = 0
    for (let i = whole * 4; i < bytes; i++) rest |= view.getUint8(at + i) << (24 - (i & 3) * 8)
    words[whole] = rest
    return whole + 1
  }

  /**
   * IP headers are whole words long, so every field has its word. Words that don't count may be masked as
   * well.
   */
  private mask({ version, protocol, transportAt }: IpHeaders, at: number): void {
    const { words, nat } = this
    if (version === 4) {
      words[0]! &= 0xff000000
      words[2]! &= 0x00ff0000
      if (nat) words.fill(0, 3, 5)
    } else {
      words[0]! &= 0xf0000000
      words[1]! &= 0x0000ff00
      if (nat) words.fill(0, 2, 10)
    }
    if (transportAt < 0) return
    const first = (transportAt - at) >>> 2
    if (protocol === TCP) words[first + 4]! &= 0x0000ffff
    else if (protocol === UDP) words[first + 1]! &= 0xffff0000
    if (!nat) return
    if (protocol === TCP || protocol === UDP) words[first] = 0
    else if (protocol === ICMP || protocol === ICMPV6) {
      words[first]! &= 0xffff0000
      words[first + 1]! &= 0x0000ffff
    }
  }

  private relax(
    { version, protocol, transportAt }: IpHeaders,
    at: number,
    view: DataView,
    end: number,
  ): void {
    const { words } = this
    if (version === 4) words[1]! &= 0x00003fff
    if (protocol !== TCP || transportAt < 0) return
    const first = (transportAt - at) >>> 2
    words.fill(0, first + 1, first + 3)
    eachTcpOption(view, transportAt, end, (kind, from, bytes) => {
      if (kind !== MSS_OPTION && kind !== SACK_OPTION && kind !== TIMES_OPTION) return
      for (let byte = from - at + 2; byte < from - at + bytes; byte++)
        words[byte >>> 2]! &= ~(0xff << (24 - (byte & 3) * 8))
    })
  }
}

export const MSS_OPTION = 2
export const SACK_OPTION = 5
export const TIMES_OPTION = 8

/** TCP's options that were captured whole: kind, where each begins, its bytes (RFC 9293 section 3.2). */
export function eachTcpOption(
  view: DataView,
  transportAt: number,
  end: number,
  see: (kind: number, at: number, bytes: number) => void,
): void {
  if (transportAt + 20 > end) return
  const optionsEnd = Math.min(end, transportAt + (view.getUint8(transportAt + 12) >>> 4) * 4)
  for (let at = transportAt + 20; at + 1 < optionsEnd; ) {
    const kind = view.getUint8(at)
    if (kind === 0) return
    const bytes = kind === 1 ? 1 : Math.max(view.getUint8(at + 1), 2)
    if (at + bytes > optionsEnd) return
    see(kind, at, bytes)
    at += bytes
  }
}
