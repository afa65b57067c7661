/**
 * Columns of packets that are matched: typed arrays of one length, which grow, are put in another order, and
 * take several rows for one packet together.
 */
import { grown } from '../../sim/grown.ts'

const ROWS = 16_384

export class PacketRows {
  count = 0
  /** Fingerprints. */
  low = new Int32Array(ROWS)
  high = new Int32Array(ROWS)
  /**
   * What tells a packet from the others of its flow even where its bytes are damaged; 0 where nothing does.
   */
  identity = new Int32Array(ROWS)
  /** Of packets in flows that were cut to segments: hash of the payload; else 0. Empty before. */
  content = new Int32Array(0)
  /** Of the same packets: hash of the header that goes with every segment of a packet. Empty before. */
  header = new Int32Array(0)
  /** What a middlebox changed: bits of rewritten.ts. Empty where nothing was. */
  rewritten = new Uint8Array(0)
  /** Judged flow (judged-flows.ts). */
  flow = new Int32Array(ROWS)
  /** TCP's sequence number; 0 for everything else. */
  sequence = new Uint32Array(ROWS)
  sizeBytes = new Int32Array(ROWS)
  payloadBytes = new Int32Array(ROWS)
  tcpFlags = new Uint8Array(ROWS)
  /** NaN in a capture without times. */
  timeNs = new Float64Array(ROWS)

  /** Room for `length` rows. */
  protected grow(length: number): void {
    this.low = grown(this.low, length)
    this.high = grown(this.high, length)
    this.identity = grown(this.identity, length)
    this.flow = grown(this.flow, length)
    this.sequence = grown(this.sequence, length)
    this.sizeBytes = grown(this.sizeBytes, length)
    this.payloadBytes = grown(this.payloadBytes, length)
    this.tcpFlags = grown(this.tcpFlags, length)
    this.timeNs = grown(this.timeNs, length)
  }

  /** The rows are those that `from` names, in its order; rows may be left out or be there several times. */
  protected select(from: Uint32Array): void {
    this.low = selected(this.low, from)
    this.high = selected(this.high, from)
    this.identity = selected(this.identity, from)
    this.flow = selected(this.flow, from)
    this.sequence = selected(this.sequence, from)
    this.sizeBytes = selected(this.sizeBytes, from)
    this.payloadBytes = selected(this.payloadBytes, from)
    this.tcpFlags = selected(this.tcpFlags, from)
    this.timeNs = selected(this.timeNs, from)
    this.rewritten = this.rewritten.length === 0 ? this.rewritten : selected(this.rewritten, from)
    this.count = from.length
  }
}

export function selected<T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(
  column: T,
  from: Uint32Array,
): T {
  const Type = column.constructor as new (length: number) => T
  const result = new Type(from.length)
  for (let i = 0; i < from.length; i++) result[i] = column[from[i]!]!
  return result
}
