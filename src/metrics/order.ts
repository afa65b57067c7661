/**
 * Reordering of numbered packets, one pass, over one stream (the tunnel) or many (each flow). A packet is
 * reordered when a packet sent later arrived before it (RFC 4737 section 3.3). Per stream an in-order packet
 * costs three counters; missing intervals are allocated on the stream's first gap. Missing numbers are given up
 * after 65,536 arrivals or 10 s; what arrives later
 * still is counted with the duplicates.
 */
import { Histogram } from './histogram.ts'
import { LateArrival, MissingIntervals } from './missing.ts'

export const WINDOW_PACKETS = 65_536
export const WINDOW_NS = 10e9
/** Degrees of n-reordering that are counted apart. */
export const N_DEGREES = 8
/** kPacketThreshold (RFC 9002 6.1.1) and DupThresh (RFC 6675 section 2). */
const LOSS_THRESHOLD_PACKETS = 3

/** Which loss rules a packet is judged by. */
export const Transport = { none: 0, tcp: 1, quic: 2, both: 3 } as const

export class OrderTracker {
  /** Packets received, by all streams together. */
  received = 0
  reordered = 0
  /** Arrivals whose number wasn't missing: duplicates, and packets later than the window. */
  repeated = 0
  overtakers = 0
  /** nReordered[n]: packets that were n-reordered, n = 1 .. N_DEGREES; RFC 4737 section 5. */
  readonly nReordered = new Float64Array(N_DEGREES + 1)
  sackLost = 0
  sackJudged = 0
  quicLost = 0
  quicJudged = 0
  readonly extent = new Histogram()
  readonly lateTimeNs = new Histogram()
  /** Of the packet recorded last: how late it was; meaningful only if `record` returned true. */
  readonly late = new LateArrival()

  /** Per stream: packets received and packets reordered. */
  streamReceived: Int32Array
  streamReordered: Int32Array
  private nextExpected: Float64Array
  private streamData: Int32Array
  private readonly missing: Array<MissingIntervals | undefined> = []

  constructor(streams = 1) {
    this.streamReceived = new Int32Array(streams)
    this.streamReordered = new Int32Array(streams)
    this.nextExpected = new Float64Array(streams)
    this.streamData = new Int32Array(streams)
  }

  /**
   * A packet arrives.
   * @param stream number of the stream, from 0; @param number of the packet in its stream, sent from 0 on
   * @param isData whether SACK counts it as an overtaker; @param transport the loss rules that judge it
   * @returns whether it is reordered
   */
  record(stream: number, number: number, nowNs: number, isData: boolean, transport: number): boolean {
    if (stream >= this.nextExpected.length) this.grow(stream + 1)
    const expected = this.nextExpected[stream]!
    const before = this.streamReceived[stream]!
    const dataBefore = this.streamData[stream]!
    let isReordered = false
    if (number >= expected) {
      if (number > expected) this.open(stream, expected, number - 1, nowNs, before, dataBefore)
      this.nextExpected[stream] = number + 1
    } else {
      const missing = this.missing[stream]
      missing?.expire(before + 1, nowNs, WINDOW_PACKETS, WINDOW_NS)
      if (!missing?.fill(number, before + 1, nowNs, before, dataBefore, isData, this.late)) {
        this.repeated++
        return false
      }
      isReordered = true
      this.countLate(stream, expected - 1 - number, transport)
    }
    this.received++
    this.streamReceived[stream] = before + 1
    if (isData) this.streamData[stream] = dataBefore + 1
    if ((transport & Transport.tcp) !== 0) this.sackJudged++
    if ((transport & Transport.quic) !== 0) this.quicJudged++
    return isReordered
  }

  /** Streams with at least one packet, and those of them with a reordered one. */
  countStreams(): { streams: number; reordered: number; worstRatio: number | null } {
    let streams = 0
    let reordered = 0
    let worstRatio: number | null = null
    for (let i = 0; i < this.streamReceived.length; i++) {
      const received = this.streamReceived[i]!
      if (received === 0) continue
      streams++
      if (this.streamReordered[i]! > 0) reordered++
      worstRatio = Math.max(worstRatio ?? 0, this.streamReordered[i]! / received)
    }
    return { streams, reordered, worstRatio }
  }

  private open(stream: number, low: number, high: number, nowNs: number, before: number, dataBefore: number) {
    let missing = this.missing[stream]
    if (missing === undefined) {
      missing = new MissingIntervals()
      this.missing[stream] = missing
    }
    missing.expire(before + 1, nowNs, WINDOW_PACKETS, WINDOW_NS)
    missing.open(low, high, before + 1, nowNs, before, dataBefore)
  }

  /** @param distance greatest number received so far, minus this packet's */
  private countLate(stream: number, distance: number, transport: number): void {
    const { late, nReordered } = this
    this.reordered++
    this.streamReordered[stream]!++
    this.overtakers += late.overtakers
    this.extent.record(late.extent)
    this.lateTimeNs.record(late.lateTimeNs)
    const degrees = Math.min(late.nDegree, N_DEGREES)
    for (let n = 1; n <= degrees; n++) nReordered[n]!++
    if ((transport & Transport.tcp) !== 0 && late.dataOvertakers >= LOSS_THRESHOLD_PACKETS) this.sackLost++
    if ((transport & Transport.quic) !== 0 && distance >= LOSS_THRESHOLD_PACKETS) this.quicLost++
  }

  private grow(streams: number): void {
    const length = Math.max(streams, this.nextExpected.length * 2)
    const longer = <T extends Float64Array | Int32Array>(column: T): T => {
      const copy = new (column.constructor as new (length: number) => T)(length)
      copy.set(column)
      return copy
    }
    this.streamReceived = longer(this.streamReceived)
    this.streamReordered = longer(this.streamReordered)
    this.nextExpected = longer(this.nextExpected)
    this.streamData = longer(this.streamData)
  }
}
