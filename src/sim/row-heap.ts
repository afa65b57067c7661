/**
 * Numbers in the order of a time, equal times in the order of being added: a binary heap in typed arrays. For
 * places where things overtake each other, such as a link that doesn't keep order.
 */
import { grown } from './grown.ts'

export class RowHeap {
  count = 0
  private rows = new Int32Array(64)
  private timeNs = new Float64Array(64)
  private order = new Float64Array(64)
  private sequence = 0

  /** The row with the earliest time; only when count > 0. */
  get head(): number {
    return this.rows[0]!
  }

  push(row: number, timeNs: number): void {
    if (this.count === this.rows.length) this.grow()
    let at = this.count++
    const order = this.sequence++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.timeNs[parent]! <= timeNs) break
      this.move(parent, at)
      at = parent
    }
    this.put(at, row, timeNs, order)
  }

  /** Takes the head out; only when count > 0. */
  shift(): number {
    const row = this.rows[0]!
    const last = --this.count
    const timeNs = this.timeNs[last]!
    const order = this.order[last]!
    const lastRow = this.rows[last]!
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= last) break
      if (child + 1 < last && this.isBefore(child + 1, this.timeNs[child]!, this.order[child]!)) child++
      if (!this.isBefore(child, timeNs, order)) break
      this.move(child, at)
      at = child
    }
    this.put(at, lastRow, timeNs, order)
    return row
  }

  private isBefore(at: number, timeNs: number, order: number): boolean {
    const own = this.timeNs[at]!
    return own < timeNs || (own === timeNs && this.order[at]! < order)
  }

  private move(from: number, to: number): void {
    this.put(to, this.rows[from]!, this.timeNs[from]!, this.order[from]!)
  }

  private put(at: number, row: number, timeNs: number, order: number): void {
    this.rows[at] = row
    this.timeNs[at] = timeNs
    this.order[at] = order
  }

  private grow(): void {
    const length = this.rows.length * 2
    this.rows = grown(this.rows, length)
    this.timeNs = grown(this.timeNs, length)
    this.order = grown(this.order, length)
  }
}
