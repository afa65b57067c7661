/**
 * Many draws at once from one random stream: the same numbers, bit for bit, as drawing them one by one through
 * seedrandom's alea and d3-random, at a third of the cost, because the generator's state stays in registers. A stream
 * is drawn from either in bulk or one by one, never both, and for one distribution.
 * Sources: J. Baagøe, Alea (2010), as in seedrandom 3; G. Marsaglia's polar method, as in d3-random 3.
 */
import type { AleaState, Random } from './random.ts'

/** Draws per call of an inner loop: one that is entered rarely is never compiled well, see model/chunk.ts. */
const BLOCK = 512
const HIGH_BITS = 0x200000
const LOW_BIT = 1.1102230246251565e-16 // 2^-53
const MULTIPLIER = 2091639
const CARRY = 2.3283064365386963e-10 // 2^-32

export class BulkDraws {
  private s0: number
  private s1: number
  private s2: number
  private c: number
  /** The second normal of the latest pair, before scaling; NaN when it has been given. */
  private spare = Number.NaN
  /** Uniform draws that normals are made of, in pairs, and how many of them have been. */
  private readonly drawn = new Float64Array(BLOCK)
  private used = BLOCK

  /** @param state of the stream, which is not to be drawn from any more */
  private constructor({ s0, s1, s2, c }: AleaState) {
    this.s0 = s0
    this.s1 = s1
    this.s2 = s2
    this.c = c
  }

  /** undefined where the stream doesn't show its state: then it can only be drawn from one by one. */
  static of(random: Random): BulkDraws | undefined {
    return random.state && new BulkDraws(random.state())
  }

  /** Uniform on [0, 1). */
  uniforms(out: Float64Array, count: number): void {
    for (let from = 0; from < count; from += BLOCK)
      this.someUniforms(out, from, Math.min(count, from + BLOCK))
  }

  /**
   * Alea's step is t = M s0 + c / 2^32, s2 = fraction of t, c = the rest. What c adds hardly ever carries, so the rest is taken
   * before: then a step needn't wait for the one before it. All of it is exact, so it is the same number.
   */
  private someUniforms(out: Float64Array, from: number, to: number): void {
    let { s0, s1, s2, c } = this
    for (let i = from; i < to; i++) {
      let product = MULTIPLIER * s0
      s0 = s1
      s1 = s2
      let whole = product | 0
      s2 = product - whole + c * CARRY
      if (s2 >= 1) {
        s2 -= 1
        whole++
      }
      c = whole
      const high = s2
      product = MULTIPLIER * s0
      s0 = s1
      s1 = s2
      whole = product | 0
      s2 = product - whole + c * CARRY
      if (s2 >= 1) {
        s2 -= 1
        whole++
      }
      c = whole
      out[i] = high + ((s2 * HIGH_BITS) | 0) * LOW_BIT
    }
    this.s0 = s0
    this.s1 = s1
    this.s2 = s2
    this.c = c
  }

  /** Exponential with the given mean. */
  exponentials(mean: number, out: Float64Array, count: number): void {
    for (let from = 0; from < count; from += BLOCK) {
      const to = Math.min(count, from + BLOCK)
      this.someUniforms(out, from, to)
      toExponentials(mean, out, from, to)
    }
  }

  /** Lognormal: `median` times exp(sigma z). */
  lognormals(median: number, sigma: number, out: Float64Array, count: number): void {
    for (let from = 0; from < count; from += BLOCK) {
      const to = Math.min(count, from + BLOCK)
      this.someNormals(sigma, out, from, to)
      toLognormals(median, out, from, to)
    }
  }

  /** Normal with mean 0. */
  private someNormals(sigma: number, out: Float64Array, from: number, to: number): void {
    const { drawn } = this
    let { used, spare } = this
    for (let i = from; i < to; i++) {
      if (!Number.isNaN(spare)) {
        out[i] = spare
        spare = Number.NaN
        continue
      }
      let x = 0
      let y = 0
      let r = 0
      do {
        if (used === BLOCK) {
          this.someUniforms(drawn, 0, BLOCK)
          used = 0
        }
        x = drawn[used]! * 2 - 1
        y = drawn[used + 1]! * 2 - 1
        used += 2
        r = x * x + y * y
      } while (r === 0 || r > 1)
      const scale = Math.sqrt((-2 * Math.log(r)) / r)
      out[i] = sigma * y * scale
      spare = sigma * x * scale
    }
    this.used = used
    this.spare = spare
  }
}

function toExponentials(mean: number, out: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) out[i] = -Math.log1p(-out[i]!) * mean
}

function toLognormals(median: number, out: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) out[i] = median * Math.exp(out[i]!)
}
