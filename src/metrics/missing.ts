/**
 * Numbers of one stream that are still missing, as intervals in ascending order. An interval is opened by the
 * arrival that jumped over it, and remembers that arrival: for any missing number it is the earliest arrival with
 * a greater one, so extent, late time and overtakers of a late packet are one look-up (definitions: RFC 4737
 * sections 4.2 and 5, RFC 6675 section 4). An interval also knows the last arrival below it, which gives the
 * degree of n-reordering without keeping any history. In-order packets never touch this.
 */

const STRIDE = 7
const LOW = 0
const HIGH = 1
const OPENED_AT = 2
const OPENED_NS = 3
const COUNT_BELOW = 4
const DATA_BELOW = 5
const LAST_BELOW = 6

/** What is known of a late packet; one object is reused for all. */
export class LateArrival {
  /** RFC 4737 4.2: arrivals between the first overtaker and this packet, 1 when it came right before. */
  extent = 0
  /** RFC 4737 4.3: time since its first overtaker arrived, ns. */
  lateTimeNs = 0
  /** Packets sent later that arrived before it. */
  overtakers = 0
  /** The same, counting only packets with data. */
  dataOvertakers = 0
  /** RFC 4737 5: how many arrivals right before it were all sent later. */
  nDegree = 0
}

export class MissingIntervals {
  private cells = new Float64Array(STRIDE * 4)
  private start = 0
  private end = 0

  /** Intervals that are open. */
  get count(): number {
    return (this.end - this.start) / STRIDE
  }

  /**
   * Numbers low..high were jumped over.
   * @param arrival index of the arrival that jumped, from 1
   * @param count packets that arrived before it; @param data those of them with data
   */
  open(low: number, high: number, arrival: number, nowNs: number, count: number, data: number): void {
    if (this.end === this.cells.length) this.makeRoom()
    this.write(this.end, low, high, arrival, nowNs, count, data, arrival - 1)
    this.end += STRIDE
  }

  /**
   * The late packet `number` has arrived: fills `late` and returns true, or returns false where the number isn't
   * missing (a duplicate, or given up).
   * @param arrival its index, from 1; @param count packets that arrived before it; @param data those with data
   * @param isData whether it carries data itself
   */
  fill(
    number: number,
    arrival: number,
    nowNs: number,
    count: number,
    data: number,
    isData: boolean,
    late: LateArrival,
  ): boolean {
    const cells = this.cells
    let at = this.end - STRIDE
    while (at >= this.start && cells[at + LOW]! > number) at -= STRIDE
    if (at < this.start || cells[at + HIGH]! < number) return false
    for (let above = at + STRIDE; above < this.end; above += STRIDE) this.countBelow(above, arrival, isData)
    late.extent = arrival - cells[at + OPENED_AT]!
    late.lateTimeNs = nowNs - cells[at + OPENED_NS]!
    late.overtakers = count - cells[at + COUNT_BELOW]!
    late.dataOvertakers = data - cells[at + DATA_BELOW]!
    late.nDegree = arrival - cells[at + LAST_BELOW]! - 1
    this.take(at, number, arrival, isData)
    return true
  }

  /** Gives up intervals opened more than `packets` arrivals or `ns` ago: their numbers count as lost. */
  expire(arrival: number, nowNs: number, packets: number, ns: number): void {
    const cells = this.cells
    while (this.start < this.end) {
      const recent = arrival - cells[this.start + OPENED_AT]! <= packets
      if (recent && nowNs - cells[this.start + OPENED_NS]! <= ns) return
      this.start += STRIDE
    }
  }

  /** Takes `number` out of the interval at `at`, which may vanish, shrink or split. */
  private take(at: number, number: number, arrival: number, isData: boolean): void {
    const cells = this.cells
    const low = cells[at + LOW]!
    const high = cells[at + HIGH]!
    if (low === high) {
      cells.copyWithin(at, at + STRIDE, this.end)
      this.end -= STRIDE
    } else if (number === high) {
      cells[at + HIGH] = number - 1
    } else if (number === low) {
      cells[at + LOW] = number + 1
      this.countBelow(at, arrival, isData)
    } else {
      if (this.end === cells.length) {
        const offset = at - this.start
        this.makeRoom()
        this.split(this.start + offset, number, arrival, isData)
      } else this.split(at, number, arrival, isData)
    }
  }

  private split(at: number, number: number, arrival: number, isData: boolean): void {
    const cells = this.cells
    cells.copyWithin(at + STRIDE, at, this.end)
    this.end += STRIDE
    cells[at + HIGH] = number - 1
    cells[at + STRIDE + LOW] = number + 1
    this.countBelow(at + STRIDE, arrival, isData)
  }

  private countBelow(at: number, arrival: number, isData: boolean): void {
    this.cells[at + COUNT_BELOW]!++
    if (isData) this.cells[at + DATA_BELOW]!++
    this.cells[at + LAST_BELOW] = arrival
  }

  private write(
    at: number,
    low: number,
    high: number,
    arrival: number,
    nowNs: number,
    count: number,
    data: number,
    lastBelow: number,
  ): void {
    const cells = this.cells
    cells[at + LOW] = low
    cells[at + HIGH] = high
    cells[at + OPENED_AT] = arrival
    cells[at + OPENED_NS] = nowNs
    cells[at + COUNT_BELOW] = count
    cells[at + DATA_BELOW] = data
    cells[at + LAST_BELOW] = lastBelow
  }

  /** Moves the open intervals to the front, into a longer array when they fill more than half. */
  private makeRoom(): void {
    const used = this.end - this.start
    const cells = used * 2 > this.cells.length ? new Float64Array(this.cells.length * 2) : this.cells
    cells.set(this.cells.subarray(this.start, this.end))
    this.cells = cells
    this.start = 0
    this.end = used
  }
}
