/**
 * How often each of the most recent numbers of a stream has arrived: tells duplicates from late first copies
 * in bounded memory, one byte per number of the window. The window ends at the greatest number so far (RFC
 * 4737 section 6 allows to give up what is older).
 */
import { WINDOW_PACKETS } from './disorder.ts'

export class RecentNumbers {
  /** The greatest number so far. */
  highest = Number.NEGATIVE_INFINITY

  private readonly copies: Uint8Array
  private readonly mask: number

  /** @param windowPackets numbers that are remembered, rounded up to a power of two */
  constructor(windowPackets = WINDOW_PACKETS) {
    let slots = 1
    while (slots < windowPackets) slots *= 2
    this.copies = new Uint8Array(slots)
    this.mask = slots - 1
  }

  /**
   * @returns copies that arrived before this one: 0, 1, or 2 for two or more; -1 if it is older than the
   * window
   */
  note(number: number): number {
    const { copies, mask } = this
    if (number > this.highest) {
      if (number - this.highest > mask) copies.fill(0)
      else for (let skipped = this.highest + 1; skipped < number; skipped++) copies[skipped & mask] = 0
      copies[number & mask] = 1
      this.highest = number
      return 0
    }
    if (this.highest - number > mask) return -1
    const before = copies[number & mask]!
    if (before < 2) copies[number & mask] = before + 1
    return before
  }
}
