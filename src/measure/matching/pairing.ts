/**
 * Which received packet is which sent one. Equal fingerprints belong together, the k-th received copy to the
 * k-th sent one, and copies beyond those sent are duplicates of the last. Segments of flows that were cut
 * (segments.ts) belong together without their IP-IDs too, and by place and payload alone, since a joined
 * packet has one header for several. What is left over on the received side is *corrupted* where a missing
 * packet of the same flow and length has the same IP-ID (or TCP sequence number), and unmatched otherwise.
 */
import type { CapturedPackets } from './captured-packets.ts'
import { Copies } from './copies.ts'

export const UNMATCHED = 0
export const MATCHED = 1
export const DUPLICATE = 2
export const CORRUPTED = 3

export class Pairing {
  readonly sent: CapturedPackets
  readonly received: CapturedPackets
  /** Of each received packet: one of the constants above. */
  readonly kind: Uint8Array
  /** Of each received packet: the sent one, or -1. */
  readonly partner: Int32Array
  /** Of each sent packet: 1 where it arrived, corrupted or not. */
  readonly hasArrived: Uint8Array
  /** Of each sent packet: 1 where another one is equal to it. */
  readonly isTwin: Uint8Array
  /**
   * Of each sent packet: 1 where a twin or a duplicate makes it doubtful which of the copies arrived when.
   */
  readonly isDoubtful: Uint8Array

  constructor(sent: CapturedPackets, received: CapturedPackets) {
    this.sent = sent
    this.received = received
    this.kind = new Uint8Array(received.count)
    this.partner = new Int32Array(received.count).fill(-1)
    this.hasArrived = new Uint8Array(sent.count)
    this.isTwin = new Uint8Array(sent.count)
    this.isDoubtful = new Uint8Array(sent.count)
    this.pairEqual()
  }

  private pairEqual(): void {
    const { sent, received, kind, partner, hasArrived, isTwin, isDoubtful } = this
    const copies = new Copies(sent.low, sent.high, sent.count)
    for (let row = 0; row < received.count; row++) {
      const first = copies.find(received.low[row]!, received.high[row]!)
      if (first < 0) continue
      const found = copies.take(first)
      kind[row] = found < 0 ? DUPLICATE : MATCHED
      partner[row] = found < 0 ? copies.lastOf(first) : found
      if (found >= 0) hasArrived[found] = 1
      else isDoubtful[copies.lastOf(first)] = 1
    }
    for (let row = 0; row < sent.count; row++)
      if (!copies.isSingle(copies.find(sent.low[row]!, sent.high[row]!))) isTwin[row] = isDoubtful[row] = 1
  }

  /**
   * The sent side's flow of each received packet: its own, or with `nat` that of the first packet of its flow
   * which was sent; -1 where there is none.
   */
  sentFlows(flowCount: number, nat: boolean): Int32Array {
    const { sent, received, partner } = this
    if (!nat) return received.flow
    const translated = new Int32Array(flowCount).fill(-1)
    for (let row = received.count - 1; row >= 0; row--)
      if (partner[row]! >= 0) translated[received.flow[row]!] = sent.flow[partner[row]!]!
    return Int32Array.from(received.flow, (flow) => translated[flow]!)
  }

  /**
   * Pairs segments whose IP-IDs don't say which is which: by all else, then by place and payload alone.
   * `flowOf` is from {@link sentFlows}.
   */
  pairSegments(flowOf: Int32Array): void {
    const { sent, received } = this
    if (sent.content.length === 0) return
    const isSent = (row: number) => isSegment(sent, row)
    const isReceived = (row: number) => isSegment(received, row)
    this.pairLeft(MATCHED, flowOf, isSent, isReceived, segmentKey)
    this.findCopies(flowOf)
    this.pairLeft(MATCHED, flowOf, isSent, isReceived, placeKey)
  }

  /** Segments that are left and equal one that has arrived. */
  private findCopies(flowOf: Int32Array): void {
    const { sent, received, kind, partner, isDoubtful } = this
    const rows: number[] = []
    for (let row = 0; row < sent.count; row++) if (isSegment(sent, row)) rows.push(row)
    const flows = Int32Array.from(rows, (row) => sent.flow[row]!)
    const keys = Int32Array.from(rows, (row) => segmentKey(sent, row))
    const copies = new Copies(flows, keys, rows.length)
    for (let row = 0; row < received.count; row++) {
      if (kind[row] !== UNMATCHED || !isSegment(received, row)) continue
      const first = copies.find(flowOf[row]!, segmentKey(received, row))
      if (first < 0) continue
      kind[row] = DUPLICATE
      partner[row] = rows[copies.lastOf(first)]!
      isDoubtful[partner[row]!] = 1
    }
  }

  /** Finds the corrupted among the unmatched; `flowOf` is from {@link sentFlows}. */
  pairCorrupted(flowOf: Int32Array): void {
    const { sent, received } = this
    this.pairLeft(
      CORRUPTED,
      flowOf,
      (row) => sent.identity[row] !== 0,
      (row) => received.identity[row] !== 0,
      (packets, row) => packets.identity[row]! ^ Math.imul(packets.sizeBytes[row]!, 0x9e3779b1),
    )
  }

  private pairLeft(
    found: typeof MATCHED | typeof CORRUPTED,
    flowOf: Int32Array,
    isSent: (row: number) => boolean,
    isReceived: (row: number) => boolean,
    keyOf: (packets: CapturedPackets, row: number) => number,
  ): void {
    const { sent, received, kind, partner, hasArrived } = this
    const missing: number[] = []
    for (let row = 0; row < sent.count; row++) if (hasArrived[row] === 0 && isSent(row)) missing.push(row)
    if (missing.length === 0) return
    const flows = Int32Array.from(missing, (row) => sent.flow[row]!)
    const keys = Int32Array.from(missing, (row) => keyOf(sent, row))
    const copies = new Copies(flows, keys, missing.length)
    for (let row = 0; row < received.count; row++) {
      if (kind[row] !== UNMATCHED || !isReceived(row)) continue
      const first = copies.find(flowOf[row]!, keyOf(received, row))
      const at = first < 0 ? -1 : copies.take(first)
      if (at < 0) continue
      kind[row] = found
      partner[row] = missing[at]!
      hasArrived[missing[at]!] = 1
    }
  }
}

function isSegment({ content, identity }: CapturedPackets, row: number): boolean {
  return content[row] !== 0 && identity[row] !== 0
}

/** By place and payload. */
function placeKey({ identity, content }: CapturedPackets, row: number): number {
  return identity[row]! ^ Math.imul(content[row]!, 0x9e3779b1)
}

/** By all that goes with every segment of a packet. */
function segmentKey(packets: CapturedPackets, row: number): number {
  return placeKey(packets, row) ^ packets.header[row]!
}
