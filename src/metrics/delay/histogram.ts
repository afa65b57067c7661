/**
 * A log-linear histogram of non-negative numbers with 1024 buckets per power of two: any percentile is within
 * 0.1 % of the exact one, mean, minimum and maximum are exact. The bucket is read off the number's own bits
 * (exponent and the top 10 bits of the mantissa), as HDR Histogram does with integers; memory is fixed.
 * Written here because reports need the buckets themselves, which Node's built-in histogram doesn't show.
 */

const bits = new Float64Array(1)
const words = new Uint32Array(bits.buffer)
const HIGH = new Uint32Array(new Float64Array([1]).buffer)[1] === 0 ? 0 : 1
/** Bucket number of 1.0; numbers below 1 count as their own first bucket, 0. */
const FIRST = 1023 << 10
/** Up to 2^53. */
const BUCKETS = (54 << 10) + 1
const NO_BUCKETS = new Uint32Array(0)

export class Histogram {
  count = 0
  sum = 0
  max = 0
  min = Number.POSITIVE_INFINITY
  /** Allocated with the first value: many histograms stay empty. */
  private buckets = NO_BUCKETS

  /** Counts one value, 0 to 2^53. */
  record(value: number): void {
    if (this.count++ === 0) this.buckets = new Uint32Array(BUCKETS)
    this.sum += value
    if (value > this.max) this.max = value
    if (value < this.min) this.min = value
    if (value < 1) {
      this.buckets[0]!++
      return
    }
    bits[0] = value
    this.buckets[(words[HIGH]! >>> 10) - FIRST + 1]!++
  }

  /** Counts `later[i] - earlier[i]` for the first `count` of both, as {@link record} would one by one. */
  recordDifferences(earlier: Float64Array, later: Float64Array, count: number): void {
    if (count === 0) return
    if (this.count === 0) this.buckets = new Uint32Array(BUCKETS)
    const { buckets } = this
    let { sum, max, min } = this
    for (let i = 0; i < count; i++) {
      const value = later[i]! - earlier[i]!
      sum += value
      if (value > max) max = value
      if (value < min) min = value
      bits[0] = value
      buckets[value < 1 ? 0 : (words[HIGH]! >>> 10) - FIRST + 1]!++
    }
    this.count += count
    this.sum = sum
    this.max = max
    this.min = min
  }

  /** Mean, or null without values. */
  get mean(): number | null {
    return this.count === 0 ? null : this.sum / this.count
  }

  /**
   * The smallest value that at least `share` of the values don't exceed (nearest rank), rounded down by at
   * most 0.1 % (whole numbers below 1024 are exact); null without values. @param share 0..1
   */
  quantile(share: number): number | null {
    if (this.count === 0) return null
    const rank = Math.max(1, Math.ceil(share * this.count))
    let seen = 0
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.buckets[i]!
      if (seen >= rank) return i === 0 ? 0 : Math.min(this.max, lowOf(i))
    }
    return this.max
  }

  /**
   * The counts in coarser buckets, empty ones left out: [low, high, count] with low <= value < high.
   * @param perOctave buckets per power of two, a power of two up to 1024; 16 is what distributions have
   */
  table(perOctave = 16): Array<readonly [number, number, number]> {
    const rows: Array<readonly [number, number, number]> = []
    if (this.count === 0) return rows
    if (this.buckets[0]! > 0) rows.push([0, 1, this.buckets[0]!])
    const step = 1024 / perOctave
    for (let i = 1; i < BUCKETS; i += step) {
      let count = 0
      for (let j = i; j < i + step && j < BUCKETS; j++) count += this.buckets[j]!
      if (count > 0) rows.push([lowOf(i), lowOf(i + step), count])
    }
    return rows
  }
}

/** Lowest value of bucket i >= 1. */
function lowOf(i: number): number {
  words[HIGH] = (i - 1 + FIRST) << 10
  words[1 - HIGH] = 0
  return bits[0]!
}
