/**
 * Reorder buffer-occupancy density (RBD, RFC 5236 sections 3.8 and 7.2): how many packets a buffer that
 * restores order holds after each arrival, over one stream. A missing number is given up when BT packets wait
 * for it. The printed pseudo-code forgets the arrival that finds the buffer full, although definition 3.8
 * stores it: `fixed`, the default, stores it; `literal` is the text. O(log BT) per packet, memory O(BT); a
 * number far ahead costs no more, because the expected number jumps to the smallest one stored instead of
 * counting up to it.
 */

export type BufferDensityVariant = 'fixed' | 'literal'

export interface BufferDensityOptions {
  readonly variant?: BufferDensityVariant
  /** Number that is expected first; default 0. */
  readonly next?: number
  /** Where to count instead of an array of its own, so that many flows can share one; BT + 1 long. */
  readonly counts?: Float64Array
}

export class ReorderBufferDensity {
  /** BT. */
  readonly thresholdPackets: number
  /** counts[b]: arrivals after which b packets were stored, b = 0 .. BT. */
  readonly counts: Float64Array
  /** Arrivals that were dropped: duplicates, and numbers already given up. */
  repeated = 0
  /** Packets stored now. */
  occupancy = 0
  /** E: the smallest number that has neither arrived nor been given up. */
  next: number

  private readonly isFixed: boolean
  /** A binary heap of the numbers stored, smallest first, and the same numbers as a set. */
  private readonly heap: Float64Array
  private readonly stored = new Set<number>()

  /** @param thresholdPackets BT, 0 or more */
  constructor(thresholdPackets: number, options: BufferDensityOptions = {}) {
    this.thresholdPackets = thresholdPackets
    this.counts = options.counts ?? new Float64Array(thresholdPackets + 1)
    this.heap = new Float64Array(thresholdPackets)
    this.next = options.next ?? 0
    this.isFixed = options.variant !== 'literal'
  }

  /** A packet arrives, first copy or not. @param number of the packet in its stream, a whole number */
  record(number: number): void {
    if (number < this.next || (this.occupancy > 0 && this.stored.has(number))) {
      this.repeated++
      return
    }
    if (number === this.next) this.release(number)
    else if (this.occupancy < this.thresholdPackets) this.store(number)
    else {
      this.next = this.occupancy > 0 ? Math.min(this.heap[0]!, number) : number
      this.release(number)
      if (this.isFixed && this.next <= number) this.store(number)
    }
    this.counts[this.occupancy]!++
  }

  /** Lets go of what is in order now, the arriving packet included. */
  private release(arriving: number): void {
    for (;;) {
      if (this.occupancy > 0 && this.heap[0] === this.next) this.removeSmallest()
      else if (arriving !== this.next) return
      this.next++
    }
  }

  private store(number: number): void {
    const { heap } = this
    this.stored.add(number)
    let at = this.occupancy++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent]! < number) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = number
  }

  private removeSmallest(): void {
    const { heap } = this
    this.stored.delete(heap[0]!)
    const size = --this.occupancy
    const moved = heap[size]!
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && heap[child + 1]! < heap[child]!) child++
      if (heap[child]! >= moved) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = moved
  }
}
