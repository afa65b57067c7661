/**
 * Many draws at once from one random stream: the same numbers, bit for bit, as drawing them one by one
 * through seedrandom's alea and d3-random, at a quarter of the cost, because the generator's state stays in
 * registers and whole columns are worked on, step by step. A stream is drawn from either in bulk or one by
 * one, never both, and for one distribution. Sources: J. Baagøe, Alea (2010), as in seedrandom 3; G.
 * Marsaglia's polar method, as in d3-random 3.
 */
import { COLUMN, expColumn, logColumn, logOneMinusColumn } from './elementary.ts'
import type { AleaState, Random } from './random.ts'

const MULTIPLIER = 2091639
const WORD = 2 ** 32
/** What a step carries over, per unit of a word. */
const CARRY = MULTIPLIER / WORD
const HIGH_UNIT = 1 / WORD
const LOW_UNIT = 2 ** -53

/** Draws on their way. Filled and emptied within one call, so one is enough for all streams. */
const column = new Float64Array(COLUMN)
/** Points within the unit circle: their coordinates, and their squared distance from its centre. */
const x = new Float64Array(COLUMN / 2)
const y = new Float64Array(COLUMN / 2)
const square = new Float64Array(COLUMN / 2)
const logarithm = new Float64Array(COLUMN / 2)

export class BulkDraws {
  /** Alea's numbers as words: s0 is n0 / 2^32. */
  private n0: number
  private n1: number
  private n2: number
  private c: number
  /** Lognormal draws that are ready, and how many of them have been given. */
  private readonly lognormal = new Float64Array(COLUMN)
  private ready = 0
  private given = 0

  /** @param state of the stream, which is not to be drawn from any more */
  private constructor({ s0, s1, s2, c }: AleaState) {
    this.n0 = (s0 * WORD) | 0
    this.n1 = (s1 * WORD) | 0
    this.n2 = (s2 * WORD) | 0
    this.c = c
  }

  /** undefined where the stream doesn't show its state: then it can only be drawn from one by one. */
  static of(random: Random): BulkDraws | undefined {
    return random.state && new BulkDraws(random.state())
  }

  /** Uniform on [0, 1). */
  uniforms(out: Float64Array, count: number): void {
    for (let from = 0; from < count; from += COLUMN)
      this.someUniforms(out, from, Math.min(count, from + COLUMN))
  }

  /** Exponential with the given mean. */
  exponentials(mean: number, out: Float64Array, count: number): void {
    for (let from = 0; from < count; from += COLUMN) {
      const some = Math.min(COLUMN, count - from)
      this.someUniforms(column, 0, some)
      logOneMinusColumn(column, some)
      for (let i = 0; i < some; i++) out[from + i] = -column[i]! * mean
    }
  }

  /** Lognormal: `median` times exp(sigma z). The same parameters in every call. */
  lognormals(median: number, sigma: number, out: Float64Array, count: number): void {
    for (let from = 0; from < count; ) {
      if (this.given === this.ready) this.moreLognormals(median, sigma)
      const some = Math.min(count - from, this.ready - this.given)
      out.set(this.lognormal.subarray(this.given, this.given + some), from)
      this.given += some
      from += some
    }
  }

  /**
   * Alea's step is t = M s0 + c / 2^32, s2 = fraction of t, c = the rest. In units of 2^-32 the fraction is
   * the low word of M n0 + c; its high word is that of M n0, but for the carry. All of it is exact, so it is
   * the same number.
   */
  private someUniforms(out: Float64Array, from: number, to: number): void {
    let { n0, n1, n2, c } = this
    for (let i = from; i < to; i++) {
      let product = Math.imul(MULTIPLIER, n0)
      const high = (product + c) | 0
      c = ((n0 >>> 0) * CARRY) | 0
      if (high >>> 0 < product >>> 0) c++
      product = Math.imul(MULTIPLIER, n1)
      const low = (product + c) | 0
      c = ((n1 >>> 0) * CARRY) | 0
      if (low >>> 0 < product >>> 0) c++
      n0 = n2
      n1 = high
      n2 = low
      out[i] = (high >>> 0) * HIGH_UNIT + (low >>> 11) * LOW_UNIT
    }
    this.n0 = n0
    this.n1 = n1
    this.n2 = n2
    this.c = c
  }

  private moreLognormals(median: number, sigma: number): void {
    this.someUniforms(column, 0, COLUMN)
    const pairs = pointsInCircle()
    logarithm.set(square)
    logColumn(logarithm, pairs)
    toNormals(sigma, this.lognormal, pairs)
    expColumn(this.lognormal, 2 * pairs)
    times(median, this.lognormal, 2 * pairs)
    this.ready = 2 * pairs
    this.given = 0
  }
}

/** Points of pairs of uniform numbers in `column`, those outside the circle left out; how many. */
function pointsInCircle(): number {
  let kept = 0
  for (let i = 0; i < COLUMN; i += 2) {
    const px = column[i]! * 2 - 1
    const py = column[i + 1]! * 2 - 1
    const r = px * px + py * py
    x[kept] = px
    y[kept] = py
    square[kept] = r
    // No branch, because a fifth of the points would surprise the processor.
    kept += Number(r <= 1) - Number(r === 0)
  }
  return kept
}

/** Two normal numbers of each point, with mean 0. */
function toNormals(sigma: number, out: Float64Array, pairs: number): void {
  for (let i = 0; i < pairs; i++) {
    const scale = Math.sqrt((-2 * logarithm[i]!) / square[i]!)
    out[2 * i] = sigma * y[i]! * scale
    out[2 * i + 1] = sigma * x[i]! * scale
  }
}

function times(factor: number, out: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = factor * out[i]!
}
