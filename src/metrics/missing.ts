/**
 * Numbers of one stream that are still missing, as intervals in ascending order. An interval is opened by the
 * arrival that jumped over it, and remembers that arrival: for any missing number it is the earliest arrival with
 * a greater one, so extent, late time, byte offset and overtakers of a late packet are one look-up (RFC 4737 sections
 * 4.2 to 4.4 and 5, RFC 6675 section 4). An interval also knows the last arrival below it, which gives the degree of
 * n-reordering without any history, and the delays of its two neighbours, which the delay variation of packets
 * next to each other needs (RFC 3393). In-order packets never touch this.
 *
 * The intervals are at the same time what RFC 5236's buffer and window wait for: each goes past the first ones when
 * it gives them up, for itself only (`awaited`, `skipped`).
 */
import { compacted } from './growing.ts'

const STRIDE = 9
const LOW = 0
const HIGH = 1
const OPENED_AT = 2
const OPENED_NS = 3
const COUNT_BELOW = 4
const BYTES_BELOW = 5
const LAST_BELOW = 6
const DELAY_BEFORE_NS = 7
const DELAY_AFTER_NS = 8

/** A packet as its stream meets it; one object is reused for all, so that a call passes one pointer. */
export class Arrival {
  /** Number of the packet in its stream, and number that the stream expected next. */
  number = 0
  expected = 0
  /** Its index among the stream's arrivals, from 1. */
  index = 0
  sentNs = Number.NaN
  nowNs = Number.NaN
  delayNs = Number.NaN
  /** Bytes that arrived before it, and its own. */
  bytesBefore = 0
  sizeBytes = 0
  /** Delay of the highest number received before it, ns. */
  highestDelayNs = Number.NaN
  /** Loss rules that judge it. */
  transport = 0

  /** Packets that arrived before it. */
  get received(): number {
    return this.index - 1
  }
}

/** What is known of a late packet; one object is reused for all. */
export class LateArrival {
  /** RFC 4737 4.2: arrivals between the first overtaker and this packet, 1 when it came right before. */
  extent = 0
  /** RFC 4737 4.3: time since its first overtaker arrived, ns. */
  lateTimeNs = Number.NaN
  /** RFC 4737 4.4: bytes of the packets that overtook it: what restoring the order had to store. */
  byteOffsetBytes = 0
  /** Packets sent later that arrived before it. */
  overtakers = 0
  /** RFC 4737 5: how many arrivals right before it were all sent later. */
  nDegree = 0
  /** Index of the arrival that jumped over it, from 1. */
  openedAt = 0
  /** Was it the lowest number missing: what a cumulative acknowledgement waits for? */
  wasLowest = false
  /** Had a full reordering buffer given it up, and the stay-back window (RFC 5236)? */
  wasAbandoned = false
  wasSkipped = false
  /** Delays of the packets sent right before and right after it, ns; NaN where they haven't arrived. */
  delayBeforeNs = Number.NaN
  delayAfterNs = Number.NaN
}

export class MissingIntervals {
  /** Every number below this is received, or given up. */
  givenUpBelow = 0
  private cells = new Float64Array(STRIDE * 4)
  private start = 0
  private end = 0
  /** The first interval that a reordering buffer still waits for, and a stay-back window. */
  private awaited = 0
  private skipped = 0

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
    return this.start === this.end ? 0 : received - this.cells[this.start + COUNT_BELOW]!
  }

  /** The packet has jumped over all numbers from the expected one. */
  open(packet: Arrival): void {
    if (this.end === this.cells.length) this.makeRoom()
    const { cells, end } = this
    const { number, expected, index } = packet
    cells[end + LOW] = expected
    cells[end + HIGH] = number - 1
    cells[end + OPENED_AT] = index
    cells[end + OPENED_NS] = packet.nowNs
    cells[end + COUNT_BELOW] = index - 1
    cells[end + BYTES_BELOW] = packet.bytesBefore
    cells[end + LAST_BELOW] = index - 1
    cells[end + DELAY_BEFORE_NS] = expected > 0 ? packet.highestDelayNs : Number.NaN
    cells[end + DELAY_AFTER_NS] = packet.delayNs
    this.end += STRIDE
  }

  /**
   * A packet below the expected number has arrived: fills `late` and returns true, or returns false where its number
   * isn't missing (a duplicate, or given up).
   */
  fill(packet: Arrival, late: LateArrival): boolean {
    const cells = this.cells
    const { number, index } = packet
    let at = this.end - STRIDE
    while (at >= this.start && cells[at + LOW]! > number) at -= STRIDE
    if (at < this.start || cells[at + HIGH]! < number) return false
    const { sizeBytes } = packet
    for (let above = at + STRIDE; above < this.end; above += STRIDE) {
      cells[above + COUNT_BELOW]!++
      cells[above + BYTES_BELOW]! += sizeBytes
      cells[above + LAST_BELOW] = index
    }
    const low = cells[at + LOW]!
    late.extent = index - cells[at + OPENED_AT]!
    late.lateTimeNs = packet.nowNs - cells[at + OPENED_NS]!
    late.byteOffsetBytes = packet.bytesBefore - cells[at + BYTES_BELOW]!
    late.overtakers = index - 1 - cells[at + COUNT_BELOW]!
    late.nDegree = index - cells[at + LAST_BELOW]! - 1
    late.openedAt = cells[at + OPENED_AT]!
    late.wasAbandoned = at < this.awaited
    late.wasSkipped = at < this.skipped
    late.wasLowest = at === this.start && number === low
    late.delayBeforeNs = number === low ? cells[at + DELAY_BEFORE_NS]! : Number.NaN
    late.delayAfterNs = number === cells[at + HIGH]! ? cells[at + DELAY_AFTER_NS]! : Number.NaN
    this.take(at, packet)
    return true
  }

  /**
   * RFC 5236 3.8: packets that a reordering buffer of `bound` packets holds after an arrival, those waiting for a
   * number below them; a full buffer gives up what it waits for. @param received packets received, with this one
   */
  buffered(received: number, bound: number): number {
    for (; this.awaited < this.end; this.awaited += STRIDE) {
      const waiting = received - this.cells[this.awaited + COUNT_BELOW]!
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
    if (this.awaited < this.start) this.awaited = this.start
    if (this.skipped < this.start) this.skipped = this.start
    return this.givenUpBelow - cells[start + LOW]!
  }

  /** Takes the packet's number out of the interval at `at`, which may vanish, shrink or split. */
  private take(at: number, packet: Arrival): void {
    const cells = this.cells
    const { number } = packet
    const low = cells[at + LOW]!
    const high = cells[at + HIGH]!
    if (low === high) this.remove(at)
    else if (number === high) {
      cells[at + HIGH] = number - 1
      cells[at + DELAY_AFTER_NS] = packet.delayNs
    } else if (number === low) {
      cells[at + LOW] = number + 1
      cells[at + DELAY_BEFORE_NS] = packet.delayNs
      this.countBelow(at, packet)
    } else this.split(at, packet)
  }

  private remove(at: number): void {
    const { cells } = this
    if (at === this.start && at + STRIDE < this.end) {
      this.start += STRIDE
      if (this.awaited < this.start) this.awaited = this.start
      if (this.skipped < this.start) this.skipped = this.start
      return
    }
    this.end -= STRIDE
    if (this.start === this.end) {
      this.start = 0
      this.end = 0
      this.awaited = 0
      this.skipped = 0
      return
    }
    const { end } = this
    for (let i = at; i < end; i++) cells[i] = cells[i + STRIDE]!
    if (at < this.awaited) this.awaited -= STRIDE
    if (at < this.skipped) this.skipped -= STRIDE
  }

  private split(at: number, packet: Arrival): void {
    const offset = at - this.start
    if (this.end === this.cells.length) this.makeRoom()
    const { cells } = this
    const lower = this.start + offset
    const upper = lower + STRIDE
    cells.copyWithin(upper, lower, this.end)
    this.end += STRIDE
    if (lower < this.awaited) this.awaited += STRIDE
    if (lower < this.skipped) this.skipped += STRIDE
    cells[lower + HIGH] = packet.number - 1
    cells[lower + DELAY_AFTER_NS] = packet.delayNs
    cells[upper + LOW] = packet.number + 1
    cells[upper + DELAY_BEFORE_NS] = packet.delayNs
    this.countBelow(upper, packet)
  }

  private countBelow(at: number, packet: Arrival): void {
    this.cells[at + COUNT_BELOW]!++
    this.cells[at + BYTES_BELOW]! += packet.sizeBytes
    this.cells[at + LAST_BELOW] = packet.index
  }

  /** Moves the open intervals to the front, into a longer array when they fill more than half. */
  private makeRoom(): void {
    this.cells = compacted(this.cells, this.start, this.end)
    this.awaited -= this.start
    this.skipped -= this.start
    this.end -= this.start
    this.start = 0
  }
}
