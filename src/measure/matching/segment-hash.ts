/**
 * Fingerprints of segments that may stand within a larger packet: of what cards and kernels leave as it is
 * when they cut and join. Left out are IP's identification and length, and the flags that only the last
 * segment of several has (FIN, PSH) or the first (CWR). Source: Linux, net/ipv4/tcp_offload.c.
 */
import type { IpHeaders } from '../../traffic/capture/ip.ts'

const FLAGS_LEFT = 0xff7f & ~0x09
const TCP_HEADER_BYTES = 20

export class SegmentHash {
  low = 0
  high = 0

  /** Of payload: `bytes` from `at`, as far as they were captured. */
  payload(view: DataView, at: number, bytes: number, end: number): void {
    this.begin(bytes)
    this.bytes(view, at, Math.min(at + bytes, end))
  }

  /**
   * Adds what stands in TCP's header beyond ports and sequence number, and the sequence number itself.
   * @param shift was added to the acknowledgement number
   */
  tcp(view: DataView, { transportAt: at }: IpHeaders, end: number, sequence: number, shift = 0): void {
    this.add(sequence)
    if (at + TCP_HEADER_BYTES > end) return
    this.add(view.getUint32(at + 8) - shift)
    this.add((view.getUint16(at + 12) & FLAGS_LEFT) ^ (view.getUint16(at + 14) << 16))
    this.bytes(view, at + TCP_HEADER_BYTES, Math.min(at + (view.getUint8(at + 12) >>> 4) * 4, end))
  }

  begin(seed: number): void {
    this.low = seed
    this.high = 0x9747b28c
  }

  bytes(view: DataView, at: number, end: number): void {
    let next = at
    for (; next + 4 <= end; next += 4) this.add(view.getUint32(next))
    let rest = 0
    for (; next < end; next++) rest = (rest << 8) | view.getUint8(next)
    this.add(rest)
  }

  /** As in invariant-hash.ts: each round permutes the 64 bits. */
  add(word: number): void {
    let low = Math.imul(this.low ^ word, 0xcc9e2d51)
    low = (low << 15) | (low >>> 17)
    const high = Math.imul(this.high ^ low, 0x85ebca6b)
    this.high = (high << 13) | (high >>> 19)
    this.low = (low + this.high) | 0
  }
}
