/**
 * Reordering-free runs (RFC 4737 section 4.6), pooled over streams: x reordered packets, a in-order ones, p =
 * x + a, and q, the sum of the squared lengths of the runs that a reordered packet ended. Note that a / x
 * also counts the unfinished last run. The sum of squares is exact: it is carried into a BigInt before a
 * double would round.
 */

const CARRY = 2 ** 52
/** A run whose square might carry at once. */
const LONG = 2 ** 26

export class FreeRuns {
  /** Reordered packets: runs that have ended. */
  x = 0
  /** In-order packets. */
  a = 0
  private low = 0
  private high = 0n

  /** A reordered packet ended a run of `length` in-order packets. */
  end(length: number): void {
    this.x++
    if (length >= LONG) this.high += BigInt(length) * BigInt(length)
    else this.low += length * length
    if (this.low >= CARRY) this.carry()
  }

  private carry(): void {
    this.high += BigInt(this.low)
    this.low = 0
  }

  get q(): bigint {
    return this.high + BigInt(this.low)
  }

  /** a / x, packets; null where nothing was reordered. */
  get mean(): number | null {
    return this.x === 0 ? null : this.a / this.x
  }

  /** q / a, packets: the length of the run around an in-order packet, averaged over the in-order packets. */
  get meanSeen(): number | null {
    return this.x === 0 || this.a === 0 ? null : Number(this.q) / this.a
  }
}
