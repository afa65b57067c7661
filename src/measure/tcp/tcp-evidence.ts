/**
 * What a capture itself says of TCP, by its sequence numbers and SACK options: segments whose bytes were seen
 * before, segments that came below others, and DSACKs, by which a receiver says that it got bytes twice. No
 * model of a sender: what can't be read here isn't known. Sources: RFC 9293 section 3.4, RFC 2018 section 3,
 * RFC 2883 section 4 (the first block repeats what is acknowledged, or lies within the second).
 */
import { type FlowTable, TCP } from '../../model/packets/flow-table.ts'
import { grown } from '../../sim/grown.ts'
import type { IpHeaders } from '../../traffic/capture/ip.ts'
import { NO_ID, TcpGaps } from './tcp-gaps.ts'

const HEADER_BYTES = 20
const SYN = 0x02
const ACK = 0x10
const END_OF_OPTIONS = 0
const NO_OPERATION = 1
const SACK = 5
const BLOCK_BYTES = 8
const FLOWS = 64

/** Of one direction of a connection, as one capture has it. */
export interface TcpCounts {
  /** Segments with payload. */
  readonly segments: number
  /** Of those: all bytes had been seen before. */
  readonly repeated: number
  /** Of those: below the highest number seen, with bytes that were not seen before. */
  readonly belowOthers: number
  /** Acknowledgements that this direction carries, for the other one. */
  readonly acknowledgements: number
  /** Of those: with a DSACK. */
  readonly dsacks: number
  /** Of those: of whose SACK blocks so few were captured that it can't be told whether they have one. */
  readonly cutBlocks: number
}

/** Of one direction of a connection, as captures before and after a system have it. */
export interface MeasuredTcp {
  /** Segments of the sent capture whose bytes had all been sent before. */
  readonly retransmitted: number
  /** Segments of the received capture that came below others, with bytes that were new. */
  readonly outOfOrder: number
  /** Acknowledgements that say that bytes came twice; null where none were captured. */
  readonly dsacks: number | null
  /** Acknowledgements of which that can't be told, because they were cut. */
  readonly cutBlocks: number
}

/** Both directions of a connection as one capture has them: its own numbers, where addresses change. */
export interface Captured {
  readonly there: TcpCounts
  /** Its acknowledgements; they are taken where more of them were captured. */
  readonly back: TcpCounts
}

export function measuredTcp(sent: Captured, received: Captured): MeasuredTcp {
  const back = sent.back.acknowledgements >= received.back.acknowledgements ? sent.back : received.back
  return {
    retransmitted: sent.there.repeated,
    outOfOrder: received.there.belowOthers,
    dsacks: back.acknowledgements === 0 ? null : back.dsacks,
    cutBlocks: back.cutBlocks,
  }
}

export class TcpEvidence {
  private readonly gaps = new TcpGaps()
  private segments = new Int32Array(FLOWS)
  private repeated = new Int32Array(FLOWS)
  private belowOthers = new Int32Array(FLOWS)
  private acknowledgements = new Int32Array(FLOWS)
  private dsacks = new Int32Array(FLOWS)
  private cutBlocks = new Int32Array(FLOWS)

  /** The next packet of the capture, as PacketWatcher has it. */
  packet(
    view: DataView,
    end: number,
    { protocol, transportAt, payloadBytes }: IpHeaders,
    flow: number,
  ): void {
    if (protocol !== TCP || transportAt < 0 || transportAt + HEADER_BYTES > end) return
    if (flow >= this.segments.length) this.grow(Math.max(flow + 1, 2 * this.segments.length))
    const flags = view.getUint8(transportAt + 13)
    const isOpening = (flags & SYN) !== 0
    const kind = this.gaps.add(flow, view.getUint32(transportAt + 4), payloadBytes, isOpening, NO_ID)
    if (kind !== 'none') this.segments[flow]!++
    if (kind === 'repeat') this.repeated[flow]!++
    else if (kind === 'fill') this.belowOthers[flow]!++
    if ((flags & ACK) === 0 || isOpening) return
    this.acknowledgements[flow]!++
    this.readOptions(view, transportAt, end, flow)
  }

  of(flow: number): TcpCounts {
    return {
      segments: this.segments[flow] ?? 0,
      repeated: this.repeated[flow] ?? 0,
      belowOthers: this.belowOthers[flow] ?? 0,
      acknowledgements: this.acknowledgements[flow] ?? 0,
      dsacks: this.dsacks[flow] ?? 0,
      cutBlocks: this.cutBlocks[flow] ?? 0,
    }
  }

  /** @param flow its 5-tuple in the table; the way back is the other direction's */
  both(flows: FlowTable, flow: number): Captured {
    return { there: this.of(flow), back: this.of(flows.reverseOf(flow)) }
  }

  private readOptions(view: DataView, transportAt: number, end: number, flow: number): void {
    const optionsEnd = transportAt + (view.getUint8(transportAt + 12) >>> 4) * 4
    const captured = Math.min(optionsEnd, end)
    let at = transportAt + HEADER_BYTES
    while (at < captured) {
      const kind = view.getUint8(at)
      if (kind === END_OF_OPTIONS) return
      if (kind === NO_OPERATION) {
        at++
        continue
      }
      if (at + 2 > captured) break
      const lengthBytes = view.getUint8(at + 1)
      if (lengthBytes < 2) return
      if (kind === SACK) {
        this.readBlocks(view, transportAt, at + 2, Math.min(at + lengthBytes, optionsEnd), captured, flow)
        return
      }
      at += lengthBytes
    }
    // What wasn't captured may have been a SACK.
    if (captured < optionsEnd) this.cutBlocks[flow]!++
  }

  private readBlocks(
    view: DataView,
    transportAt: number,
    at: number,
    blocksEnd: number,
    captured: number,
    flow: number,
  ): void {
    const blocks = Math.floor((blocksEnd - at) / BLOCK_BYTES)
    const readable = Math.floor((Math.min(captured, blocksEnd) - at) / BLOCK_BYTES)
    const isCut = readable < blocks
    if (readable < 1) {
      if (isCut) this.cutBlocks[flow]!++
      return
    }
    const acknowledged = view.getUint32(transportAt + 8)
    const left = view.getUint32(at)
    const right = view.getUint32(at + 4)
    const isBelow = !isAfter(right, acknowledged)
    const isWithin =
      readable > 1 && !isAfter(view.getUint32(at + 8), left) && !isAfter(right, view.getUint32(at + 12))
    if (isBelow || isWithin) this.dsacks[flow]!++
    else if (isCut) this.cutBlocks[flow]!++
  }

  private grow(length: number): void {
    this.segments = grown(this.segments, length)
    this.repeated = grown(this.repeated, length)
    this.belowOthers = grown(this.belowOthers, length)
    this.acknowledgements = grown(this.acknowledgements, length)
    this.dsacks = grown(this.dsacks, length)
    this.cutBlocks = grown(this.cutBlocks, length)
  }
}

/** Modulo 2^32. */
function isAfter(one: number, other: number): boolean {
  return ((one - other) | 0) > 0
}
