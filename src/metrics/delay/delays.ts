/**
 * Delays and how they vary, per stream: RFC 3550 jitter over packets in the order of arrival (6.4.1), packet
 * delay variation against the stream's smallest delay (RFC 5481 4.2), and what a play-out buffer of a given
 * depth would drop: packets whose delay exceeds the smallest by more than the depth (RFC 5481 7.1.2). The
 * smallest delay is known only at the end; until then a packet between the two possible verdicts is put
 * aside, others are decided at once. One that 262,144 others put aside have followed is taken as in time, so
 * that memory stays bounded. Delay variation between neighbours in sending order (RFC 3393) is found by the
 * order tracker.
 */

import type { ArrivalColumns } from '../../model/packets/deliveries.ts'
import { grown } from '../../sim/grown.ts'
import { Transport } from '../order/loss-rules.ts'

const STRIDE = 4
const TRANSIT_NS = 0
const JITTER_NS = 1
const MIN_NS = 2
const MAX_NS = 3
const JITTER_GAIN = 1 / 16
const SWEEP_AT = 4096
/** Two numbers for each of 262,144 packets: 8 MB per depth at most, as twice as many may wait for a sweep. */
const UNDECIDED_MAX = 2 ** 19

export class Delays {
  count = 0
  jitterNsMax = 0
  /** Packets that a play-out buffer is asked about. */
  playoutJudged = 0
  private jitterSumNs = 0
  private jittered = 0
  private delaySumNs = 0
  private cells: Float64Array
  private packets: Int32Array
  private readonly playouts: Playout[]

  /**
   * @param playoutNs depths of play-out buffers, ns
   * @param floorNs no delay is below this, ns
   */
  constructor(streams: number, playoutNs: readonly number[], floorNs = Number.NEGATIVE_INFINITY) {
    this.cells = new Float64Array(streams * STRIDE)
    this.packets = new Int32Array(streams)
    this.playouts = playoutNs.map((depthNs) => new Playout(depthNs, floorNs))
  }

  /**
   * The first `count` packets of the columns arrive; a play-out buffer waits for those that loss rules judge.
   */
  record(arrivals: ArrivalColumns, count: number): void {
    const { number, stream: streams, nowNs, sentNs, transport } = arrivals
    const { playouts } = this
    let { delaySumNs, jitterSumNs, jitterNsMax, jittered, playoutJudged, cells, packets } = this
    let judged = 0
    for (let i = 0; i < count; i++) {
      if (number[i]! < 0) continue
      const stream = streams[i]!
      if (stream >= packets.length) {
        this.grow(stream + 1)
        cells = this.cells
        packets = this.packets
      }
      const at = stream * STRIDE
      const delayNs = nowNs[i]! - sentNs[i]!
      judged++
      delaySumNs += delayNs
      if (packets[stream]!++ === 0) {
        cells[at + MIN_NS] = delayNs
        cells[at + MAX_NS] = delayNs
      } else {
        const changeNs = Math.abs(delayNs - cells[at + TRANSIT_NS]!)
        const jitterNs = cells[at + JITTER_NS]! + (changeNs - cells[at + JITTER_NS]!) * JITTER_GAIN
        cells[at + JITTER_NS] = jitterNs
        jitterSumNs += jitterNs
        jittered++
        if (jitterNs > jitterNsMax) jitterNsMax = jitterNs
        if (delayNs < cells[at + MIN_NS]!) cells[at + MIN_NS] = delayNs
        else if (delayNs > cells[at + MAX_NS]!) cells[at + MAX_NS] = delayNs
      }
      cells[at + TRANSIT_NS] = delayNs
      if (transport[i] === Transport.none) continue
      playoutJudged++
      for (let p = 0; p < playouts.length; p++) {
        const playout = playouts[p]!
        if (delayNs > playout.neverBelowNs) playout.record(stream, cells)
      }
    }
    this.count += judged
    this.jittered = jittered
    this.playoutJudged = playoutJudged
    this.delaySumNs = delaySumNs
    this.jitterSumNs = jitterSumNs
    this.jitterNsMax = jitterNsMax
  }

  /** The stream's smallest delay so far, ns. */
  smallestNs(stream: number): number {
    return this.cells[stream * STRIDE + MIN_NS]!
  }

  /** RFC 3550's J of the stream after its last packet, ns. */
  jitterNs(stream: number): number {
    return this.cells[stream * STRIDE + JITTER_NS]!
  }

  /** J averaged over all packets but each stream's first, ns; null without any. */
  get jitterNsMean(): number | null {
    return this.jittered === 0 ? null : this.jitterSumNs / this.jittered
  }

  /** Delay above the stream's smallest, ns: mean over packets and the largest; null without packets. */
  variationNs(): { mean: number | null; max: number | null } {
    if (this.count === 0) return { mean: null, max: null }
    let smallestSumNs = 0
    let max = 0
    for (let stream = 0; stream < this.packets.length; stream++) {
      const packets = this.packets[stream]!
      if (packets === 0) continue
      const minNs = this.smallestNs(stream)
      smallestSumNs += packets * minNs
      max = Math.max(max, this.cells[stream * STRIDE + MAX_NS]! - minNs)
    }
    return { mean: Math.max(0, (this.delaySumNs - smallestSumNs) / this.count), max }
  }

  /** Packets too late for each play-out depth, in the order of the depths. */
  playoutLate(): number[] {
    return this.playouts.map((playout) => playout.finish(this.cells))
  }

  private grow(streams: number): void {
    this.cells = grown(this.cells, streams * STRIDE)
    this.packets = grown(this.packets, streams)
  }
}

/** One play-out depth over all streams. */
class Playout {
  private late = 0
  private readonly depthNs: number
  /** A packet with no larger delay is in time for sure. */
  readonly neverBelowNs: number
  /**
   * Packets that are in time now, and won't be if the stream's smallest delay falls: [stream, delay] pairs.
   */
  private undecided = new Float64Array(16)
  private end = 0
  private sweepAt = SWEEP_AT

  constructor(depthNs: number, floorNs: number) {
    this.depthNs = depthNs
    this.neverBelowNs = floorNs + depthNs
  }

  /** The last packet of a stream may be late. @param cells of all streams */
  record(stream: number, cells: Float64Array): void {
    const at = stream * STRIDE
    const delayNs = cells[at + TRANSIT_NS]!
    if (delayNs > cells[at + MIN_NS]! + this.depthNs) {
      this.late++
      return
    }
    if (this.end === this.sweepAt) this.sweep(cells)
    this.undecided = grown(this.undecided, this.end + 2)
    this.undecided[this.end++] = stream
    this.undecided[this.end++] = delayNs
  }

  finish(cells: Float64Array): number {
    this.sweep(cells)
    return this.late
  }

  /** Counts what has become late, and waits until as many again are undecided. */
  private sweep(cells: Float64Array): void {
    let kept = 0
    for (let i = 0; i < this.end; i += 2) {
      const stream = this.undecided[i]!
      const delayNs = this.undecided[i + 1]!
      if (delayNs > cells[stream * STRIDE + MIN_NS]! + this.depthNs) {
        this.late++
        continue
      }
      this.undecided[kept++] = stream
      this.undecided[kept++] = delayNs
    }
    if (kept > UNDECIDED_MAX) {
      this.undecided.copyWithin(0, kept - UNDECIDED_MAX, kept)
      kept = UNDECIDED_MAX
    }
    this.end = kept
    this.sweepAt = Math.max(SWEEP_AT, kept * 2)
  }
}
