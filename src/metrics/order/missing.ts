/**
 * Numbers of one stream that are still missing, as intervals in ascending order. An interval is opened by the
 * arrival that jumped over it, and remembers that arrival: for any missing number it is the earliest arrival
 * with a greater one, so extent, late time, byte offset and overtakers of a late packet are one look-up (RFC
 * 4737 sections 4.2 to 4.4 and 5, RFC 6675 section 4). An interval also knows the last arrival below it,
 * which gives the degree of n-reordering without any history, and the delays of its two neighbours, which the
 * delay variation of packets next to each other needs (RFC 3393). In-order packets never touch this. A packet
 * that was the lowest missing one is below all intervals, so that is noted once for all: a lane that is far
 * behind costs no look at the thousands of them.
 *
 * The intervals are at the same time what RFC 5236's buffer and window wait for: each goes past the first
 * ones when it gives them up, for itself only (`awaited`, `skipped`).
 */
import { compacted } from './growing.ts'

export const STRIDE = 9
/** Cells from which on a call that moves them is faster than a loop. */
const LONG = 16 * STRIDE
export const LOW = 0
export const HIGH = 1
export const OPENED_AT = 2
export const OPENED_NS = 3
export const COUNT_BELOW = 4
export const BYTES_BELOW = 5
export const LAST_BELOW = 6
export const DELAY_BEFORE_NS = 7
export const DELAY_AFTER_NS = 8

/**
 * A packet as the rules about time meet it; one object is reused for all, so that a call passes one pointer.
 */
export class Arrival {
  /** Its index among the stream's arrivals, from 1. */
  index = 0
  sentNs = Number.NaN
  nowNs = Number.NaN
  /** Delay of the highest number received before it, ns. */
  highestDelayNs = Number.NaN
  /** Loss rules that judge it. */
  transport = 0

  /** Packets that arrived before it. */
  get received(): number {
    return this.index - 1
  }
}

export class MissingIntervals {
  /** Every number below this is received, or given up. */
  givenUpBelow = 0
  /** One after the other, {@link STRIDE} numbers each, from `start` to `end`. */
  cells = new Float64Array(STRIDE * 4)
  start = 0
  end = 0
  /**
   * What has arrived below all of them, in addition to what each knows: packets, bytes, and the latest
   * arrival.
   */
  countBelow = 0
  bytesBelow = 0
  lastBelow = 0
  /** The first interval that a reordering buffer still waits for, and a stay-back window. */
  awaited = 0
  skipped = 0

  /** Is nothing missing? */
  get isEmpty(): boolean {
    return this.start === this.end
  }

  /** Index of the arrival that opened the first interval; Infinity without one. */
  get firstOpenedAt(): number {
    return this.start === this.end ? Number.POSITIVE_INFINITY : this.cells[this.start + OPENED_AT]!
  }

  /** Packets above the lowest missing number, given all packets received: what SACK reports. */
  receivedAbove(received: number): number {
    return this.start === this.end ? 0 : received - this.cells[this.start + COUNT_BELOW]! - this.countBelow
  }

  /**
   * RFC 5236 3.8: packets that a reordering buffer of `bound` packets holds after an arrival, those waiting
   * for a number below them; a full buffer gives up what it waits for. @param received packets received, with
   * this one
   */
  buffered(received: number, bound: number): number {
    for (; this.awaited < this.end; this.awaited += STRIDE) {
      const waiting = received - this.cells[this.awaited + COUNT_BELOW]! - this.countBelow
      if (waiting <= bound) return waiting
    }
    return 0
  }

  /** Is `number` missing, as far as a stay-back window knows? It is never above the first number that is. */
  isMissed(number: number): boolean {
    return this.skipped < this.end && this.cells[this.skipped + LOW] === number
  }

  /** The stay-back window gives up the first interval it knows of; returns the number above it. */
  skip(): number {
    this.skipped += STRIDE
    return this.cells[this.skipped - STRIDE + HIGH]! + 1
  }

  /** Does a stay-back window still know of the first interval? */
  get isFirstAwaited(): boolean {
    return this.skipped === this.start
  }

  get firstLow(): number {
    return this.cells[this.start + LOW]!
  }

  get firstHigh(): number {
    return this.cells[this.start + HIGH]!
  }

  /** Is the first interval older than `packets` arrivals or `ns`? */
  isOverdue({ index, nowNs }: Arrival, packets: number, ns: number): boolean {
    if (this.start === this.end) return false
    const { cells, start } = this
    return index - cells[start + OPENED_AT]! > packets || nowNs - cells[start + OPENED_NS]! > ns
  }

  /** Gives up the first interval: its numbers count as lost. Returns how many. */
  giveUpFirst(): number {
    const { cells, start } = this
    this.givenUpBelow = cells[start + HIGH]! + 1
    this.start += STRIDE
    this.passGone()
    return this.givenUpBelow - cells[start + LOW]!
  }

  /** Nothing is missing any more of the interval at `at`. */
  remove(at: number): void {
    if (at === this.start) {
      this.start += STRIDE
      if (this.start === this.end) this.reset()
      else this.passGone()
      return
    }
    const { cells } = this
    this.end -= STRIDE
    const { end } = this
    if (end - at > LONG) cells.copyWithin(at, at + STRIDE, end + STRIDE)
    else for (let i = at; i < end; i++) cells[i] = cells[i + STRIDE]!
    if (at < this.awaited) this.awaited -= STRIDE
    if (at < this.skipped) this.skipped -= STRIDE
  }

  private reset(): void {
    this.start = 0
    this.end = 0
    this.awaited = 0
    this.skipped = 0
  }

  /** What waited for intervals before the first one waits for none of them any more. */
  private passGone(): void {
    if (this.awaited < this.start) this.awaited = this.start
    if (this.skipped < this.start) this.skipped = this.start
  }

  /** Makes two intervals of the one at `at`, below and above `number`; returns where the upper one is. */
  split(at: number, number: number): number {
    const offset = at - this.start
    if (this.end === this.cells.length) this.makeRoom()
    const { cells } = this
    const lower = this.start + offset
    const upper = lower + STRIDE
    cells.copyWithin(upper, lower, this.end)
    this.end += STRIDE
    if (lower < this.awaited) this.awaited += STRIDE
    if (lower < this.skipped) this.skipped += STRIDE
    cells[lower + HIGH] = number - 1
    return upper
  }

  /** Moves the open intervals to the front, into a longer array when they fill more than half. */
  makeRoom(): void {
    this.cells = compacted(this.cells, this.start, this.end)
    this.awaited -= this.start
    this.skipped -= this.start
    this.end -= this.start
    this.start = 0
  }
}
