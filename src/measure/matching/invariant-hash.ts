/**
 * A packet's fingerprint: 64 bits over what a network leaves as it is. Left out are what routers and cards
 * change: traffic class (DSCP, ECN), TTL or hop limit, flow label, the checksums of IPv4, TCP and UDP
 * (offloading fills them in late), padding behind the packet; and with `nat` addresses, ports and ICMP's
 * checksum and identifier. The packet's length counts from the frame, since a card that cuts packets up (TSO)
 * gets them with length 0. IP-ID, fragment fields, options and TCP's numbers count. Sources: RFC 791, RFC
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
  private readonly words = new Uint32Array(FRAME_BYTES_MAX / 4 + 1)

  /**
   * @param nat addresses and ports don't count
   * @param bytesMax only so many of a packet's first bytes count, for captures that kept no more
   */
  constructor(nat: boolean, bytesMax: number) {
    this.nat = nat
    this.bytesMax = bytesMax
  }

  /** Sets {@link low} and {@link high}; the arguments are those of a PacketWatcher. */
  read(view: DataView, at: number, end: number, headers: IpHeaders): void {
    const count = this.copyWords(view, at, Math.min(end - at, headers.sizeBytes, this.bytesMax))
    this.mask(headers, at)
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
}
