/**
 * Reordering of numbered packets, one pass, over one stream (the tunnel) or many (each flow). A packet is
 * reordered when a packet sent later arrived before it (RFC 4737 section 3.3). A stream in order costs 40
 * bytes and a few counters per packet; what else is remembered (missing intervals, discontinuities, what loss
 * rules wait for, the window of RFC 5236) is allocated on its first gap. Missing numbers are given up after
 * 65,536 arrivals or 10 s; what arrives later still is counted as `lateBeyondWindow`, whatever else arrives
 * again as a duplicate. Packets come in columns: a time that is handed to a function as a number of its own
 * would be allocated, each time.
 */

import type { ArrivalColumns } from '../../model/packets/deliveries.ts'
import { grown } from '../../sim/grown.ts'
import { Histogram } from '../delay/histogram.ts'
import { Densities, type DensitySettings } from './densities.ts'
import { GapSums } from './discontinuities.ts'
import {
  BYTES,
  DEGREE_MAX,
  Disorder,
  HIGHEST_DELAY_NS,
  NEXT,
  type OrderTally,
  RECEIVED,
  STREAM_STRIDE,
} from './disorder.ts'
import { FreeRuns } from './free-runs.ts'
import { LossRules, type RoundTrip, Transport } from './loss-rules.ts'
import { Arrival } from './missing.ts'
import { ReplayWindows } from './replay-windows.ts'

export interface OrderSettings {
  /** For the time rules of RACK and QUIC; without it they aren't judged. */
  readonly roundTrip?: RoundTrip
  /** Left out: the usual ones; null: RFC 5236 isn't counted, which saves memory. */
  readonly densities?: DensitySettings | null
  /** Sizes of replay windows, packets. */
  readonly replayWindows?: readonly number[]
}

export class OrderTracker implements OrderTally {
  /** Packets received, by all streams together; duplicates and those beyond the window are apart. */
  received = 0
  reordered = 0
  duplicates = 0
  lateBeyondWindow = 0
  overtakers = 0
  /** degrees[n]: reordered packets that were n-reordered, and not by more; RFC 4737 section 5. */
  readonly degrees = new Float64Array(DEGREE_MAX + 1)
  readonly extent = new Histogram()
  readonly lateTimeNs = new Histogram()
  byteOffsetBytesMax = 0
  byteOffsetBytesSum = 0
  readonly gaps = new GapSums()
  readonly freeRuns = new FreeRuns()
  /** |delay - delay of the packet sent right before it|, ns, where both arrived (RFC 3393). */
  readonly ipdvNs = new Histogram()
  readonly lossRules: LossRules
  readonly densities: Densities
  readonly countsDensities: boolean
  /** Was the packet recorded last reordered? */
  lastReordered = false
  readonly replayWindows: ReplayWindows

  readonly packet = new Arrival()
  /** Packets that arrived while all of their stream was in order. */
  inOrder = 0
  /** Packets by the loss rules that judge them. */
  readonly judged = new Float64Array(Transport.both + 1)
  /** Per stream: packets reordered. */
  streamReordered: Int32Array
  cells: Float64Array
  /**
   * Per stream: 0 without a gap so far, else its place in `disorders` plus one, negative while all is in
   * order.
   */
  private disorderOf: Int32Array
  private readonly disorders: Disorder[] = []

  constructor(streams = 1, settings: OrderSettings = {}) {
    this.lossRules = new LossRules(settings.roundTrip)
    this.countsDensities = settings.densities !== null
    this.densities = new Densities(settings.densities ?? undefined)
    this.replayWindows = new ReplayWindows(settings.replayWindows ?? [])
    this.streamReordered = new Int32Array(streams)
    this.disorderOf = new Int32Array(streams)
    this.cells = new Float64Array(streams * STREAM_STRIDE)
  }

  /** The first `count` packets of the columns arrive. */
  record(arrivals: ArrivalColumns, count: number): void {
    const { ipdvNs, judged } = this
    let inOrder = 0
    for (let i = 0; i < count; ) {
      const number = arrivals.number[i]!
      const stream = arrivals.stream[i]!
      if (number < 0) {
        this.lastReordered = false
        i++
        continue
      }
      if (stream >= this.disorderOf.length) this.grow(stream + 1)
      const { cells } = this
      const at = stream * STREAM_STRIDE
      const expected = cells[at + NEXT]!
      if (number !== expected || this.disorderOf[stream]! > 0) {
        i = this.judgeDisorder(arrivals, i, count, stream)
        continue
      }
      const delayNs = arrivals.nowNs[i]! - arrivals.sentNs[i]!
      if (number > 0) ipdvNs.record(Math.abs(delayNs - cells[at + HIGHEST_DELAY_NS]!))
      cells[at + NEXT] = number + 1
      cells[at + HIGHEST_DELAY_NS] = delayNs
      cells[at + RECEIVED]!++
      cells[at + BYTES]! += arrivals.sizeBytes[i]!
      judged[arrivals.transport[i]!]!++
      inOrder++
      i++
      this.lastReordered = false
    }
    this.received += inOrder
    this.inOrder += inOrder
  }

  /** Packets received of a stream. */
  streamReceived(stream: number): number {
    return this.cells[stream * STREAM_STRIDE + RECEIVED] ?? 0
  }

  /** Packets that TCP's loss rules judged, late or not. */
  get tcpJudged(): number {
    return this.judged[Transport.tcp]! + this.judged[Transport.both]!
  }

  /** Packets that QUIC's loss rules judged. */
  get quicJudged(): number {
    return this.judged[Transport.quic]! + this.judged[Transport.both]!
  }

  /** Packets that were n-reordered, n = 1 .. 256. */
  nReordered(n: number): number {
    let packets = 0
    for (let degree = n; degree <= DEGREE_MAX; degree++) packets += this.degrees[degree]!
    return packets
  }

  /** RFC 4737's NextExp of a stream: one more than the highest number received. */
  nextExpected(stream: number): number {
    return this.cells[stream * STREAM_STRIDE + NEXT] ?? 0
  }

  /** Brings `densities` up to date: until then packets in order are counted apart. */
  settle(): void {
    this.densities.countInOrder(this.inOrder)
    this.inOrder = 0
  }

  /** The stream has ended for good: decides what waited for more packets. Call it before reading results. */
  finish(): void {
    this.freeRuns.a = this.received - this.reordered
    this.settle()
    for (const { discontinuities, missing, window } of this.disorders) {
      discontinuities.close(this.gaps)
      this.densities.close(window, missing)
    }
  }

  /** Streams with at least one packet, and those of them with a reordered one. */
  countStreams(): { streams: number; reordered: number; worstRatio: number | null } {
    let streams = 0
    let reordered = 0
    let worstRatio: number | null = null
    for (let i = 0; i < this.disorderOf.length; i++) {
      const received = this.streamReceived(i)
      if (received === 0) continue
      streams++
      if (this.streamReordered[i]! > 0) reordered++
      worstRatio = Math.max(worstRatio ?? 0, this.streamReordered[i]! / received)
    }
    return { streams, reordered, worstRatio }
  }

  /**
   * Packets of a stream that has had a gap, or has one now, from `from` on; returns the first that is left.
   */
  private judgeDisorder(arrivals: ArrivalColumns, from: number, to: number, stream: number): number {
    const disorder = this.disorderAt(stream)
    const left = disorder.judge(arrivals, from, to, this)
    if (disorder.isQuiet) this.disorderOf[stream] = -this.disorderOf[stream]!
    return left
  }

  private disorderAt(stream: number): Disorder {
    const place = Math.abs(this.disorderOf[stream]!)
    this.disorderOf[stream] = place
    if (place > 0) return this.disorders[place - 1]!
    const disorder = new Disorder()
    this.disorderOf[stream] = this.disorders.push(disorder)
    return disorder
  }

  private grow(streams: number): void {
    this.streamReordered = grown(this.streamReordered, streams)
    this.disorderOf = grown(this.disorderOf, streams)
    this.cells = grown(this.cells, streams * STREAM_STRIDE)
  }
}
