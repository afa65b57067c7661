/**
 * Gaps between reordering discontinuities (RFC 4737 section 4.5): a discontinuity is an arrival that jumped
 * over numbers; it is a reordering one when some of them arrive after all, and a gap is the distance to the
 * reordering discontinuity before it. This is the end-of-stream reading: discontinuities count in the order
 * in which they arrived, whichever was recognised first. One is kept until it and all before it are decided.
 */
import { compacted } from './growing.ts'

const STRIDE = 4
const ARRIVAL = 0
const TIME_NS = 1
const MISSING = 2
/** Index of the first late arrival that made it a reordering one; 0 before. */
const DETECTED_AT = 3

/** Sums over the gaps of all streams. */
export class GapSums {
  count = 0
  packets = 0
  ns = 0
  /** Those of them whose discontinuity before was recognised before: the letter of RFC 4737 4.5.4. */
  detected = 0
  detectedPackets = 0
}

export class Discontinuities {
  private cells = new Float64Array(STRIDE * 4)
  private start = 0
  private end = 0
  private lastArrival = Number.NaN
  private lastNs = Number.NaN
  private lastDetectedAt = 0

  /** Arrival `index` has jumped over `missing` numbers. */
  open(index: number, nowNs: number, missing: number): void {
    if (this.end === this.cells.length) this.makeRoom()
    this.cells[this.end + ARRIVAL] = index
    this.cells[this.end + TIME_NS] = nowNs
    this.cells[this.end + MISSING] = missing
    this.cells[this.end + DETECTED_AT] = 0
    this.end += STRIDE
  }

  /** A number that the discontinuity at `arrival` jumped over has arrived, as arrival `late`. */
  fill(arrival: number, late: number, sums: GapSums): void {
    const at = this.find(arrival)
    if (at < 0) return
    if (this.cells[at + DETECTED_AT] === 0) this.cells[at + DETECTED_AT] = late
    this.cells[at + MISSING]!--
    this.drain(sums)
  }

  /** `missing` numbers that the discontinuity at `arrival` jumped over are given up. */
  giveUp(arrival: number, missing: number, sums: GapSums): void {
    const at = this.find(arrival)
    if (at < 0) return
    this.cells[at + MISSING]! -= missing
    this.drain(sums)
  }

  /** The stream has ended: what is still missing never came. */
  close(sums: GapSums): void {
    for (let at = this.start; at < this.end; at += STRIDE) this.cells[at + MISSING] = 0
    this.drain(sums)
  }

  private drain(sums: GapSums): void {
    const cells = this.cells
    for (; this.start < this.end; this.start += STRIDE) {
      if (cells[this.start + DETECTED_AT]! > 0) this.emit(this.start, sums)
      else if (cells[this.start + MISSING]! > 0) return
    }
    this.start = 0
    this.end = 0
  }

  private emit(at: number, sums: GapSums): void {
    const arrival = this.cells[at + ARRIVAL]!
    const timeNs = this.cells[at + TIME_NS]!
    const detectedAt = this.cells[at + DETECTED_AT]!
    if (!Number.isNaN(this.lastArrival)) {
      sums.count++
      sums.packets += arrival - this.lastArrival
      sums.ns += timeNs - this.lastNs
      if (detectedAt > this.lastDetectedAt) {
        sums.detected++
        sums.detectedPackets += arrival - this.lastArrival
      }
    }
    this.lastArrival = arrival
    this.lastNs = timeNs
    this.lastDetectedAt = detectedAt
  }

  private find(arrival: number): number {
    const { cells, start, end } = this
    // Most are the first or the last, or are decided.
    if (start === end || arrival < cells[start + ARRIVAL]!) return -1
    if (cells[start + ARRIVAL] === arrival) return start
    if (cells[end - STRIDE + ARRIVAL] === arrival) return end - STRIDE
    let low = start / STRIDE
    let high = end / STRIDE - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const found = this.cells[middle * STRIDE + ARRIVAL]!
      if (found === arrival) return middle * STRIDE
      if (found < arrival) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  private makeRoom(): void {
    this.cells = compacted(this.cells, this.start, this.end)
    this.end -= this.start
    this.start = 0
  }
}
