/**
 * e^x and e^x - 1, after fdlibm's e_exp.c and s_expm1.c (see ../elementary.ts): x is k ln 2 + r with r about
 * between -ln 2 / 2 and ln 2 / 2; e^r is a rational function, and 2^k an exponent.
 */
import { HIGH_INDEX, highWord, scratch, twoTo } from './words.ts'

// Everything that is used per number stands in this module's own constants: those of others cost a load each.
const HIGH = HIGH_INDEX
const POWERS = twoTo
const { whole, words, powers, reduced, quotients, rests, rareAt, rare } = scratch

const ONE = 0x3ff00000
const INFINITE = 0x7ff00000
/** ln 2 in two parts; k times the first is exact. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
const INVERSE_LN2 = Math.LOG2E
const P1 = 0.16666666666666602
const P2 = -0.0027777777777015593
const P3 = 0.00006613756321437934
const P4 = -0.0000016533902205465252
const P5 = 4.1381367970572385e-8
const HALVES = Float64Array.of(0.5, -0.5)
const Q1 = -0.03333333333333313
const Q2 = 0.0015873015872548146
const Q3 = -0.0000793650757867488
const Q4 = 0.000004008217827329362
const Q5 = -2.0109921818362437e-7
/** Beyond these e^x is infinite, and 0. */
const X_MAX = 709.782712893384
const X_MIN = -745.1332191019411
/** High words of half of ln 2, and of one and a half ln 2. */
const HALF_LN2 = 0x3fd62e42
const ONE_AND_A_HALF_LN2 = 0x3ff0a2b2
/** V8's own addition to fdlibm, which gets the last bit of this one wrong. */
const E = Math.E

/** e to the power of x. */
export function exp(x: number): number {
  const high = highWord(x)
  const size = high & 0x7fffffff
  if (size >= 0x40862e42) {
    if (size >= INFINITE) return x === Number.NEGATIVE_INFINITY ? 0 : x
    if (x > X_MAX) return Number.POSITIVE_INFINITY
    if (x < X_MIN) return 0
  }
  if (size <= HALF_LN2) {
    if (size < 0x3e300000) return 1 + x
    const c = correction(x)
    return 1 - ((x * c) / (c - 2) - x)
  }
  if (x === 1) return E
  let k = high < 0 ? -1 : 1
  if (size >= ONE_AND_A_HALF_LN2) k = (INVERSE_LN2 * x + (high < 0 ? -0.5 : 0.5)) | 0
  const upper = x - k * LN2_HIGH
  const lower = k * LN2_LOW
  const r = upper - lower
  const c = correction(r)
  const y = 1 - (lower - (r * c) / (2 - c) - upper)
  if (k < -1021) return y * POWERS[1022 + k + 1000]! * POWERS[22]!
  return k === 1024 ? y * 2 * POWERS[2045]! : y * POWERS[1022 + k]!
}

function correction(r: number): number {
  const t = r * r
  return r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))))
}

/** e^x - 1, exact to the last bits for small x, too. */
export function expm1(x: number): number {
  const high = highWord(x)
  const size = high & 0x7fffffff
  if (size >= 0x4043687a) {
    // |x| >= 56 ln 2
    if (size >= INFINITE) return x === Number.NEGATIVE_INFINITY ? -1 : x
    if (x > X_MAX) return Number.POSITIVE_INFINITY
    if (high < 0) return -1
  }
  let r = x
  let k = 0
  /** What is lost in r. */
  let lost = 0
  if (size > HALF_LN2) {
    k = high < 0 ? -1 : 1
    if (size >= ONE_AND_A_HALF_LN2) k = (INVERSE_LN2 * x + (high < 0 ? -0.5 : 0.5)) | 0
    const upper = x - k * LN2_HIGH
    const lower = k * LN2_LOW
    r = upper - lower
    lost = upper - r - lower
  } else if (size < 0x3c900000) return x
  const half = 0.5 * r
  const square = r * half
  const r1 = 1 + square * (Q1 + square * (Q2 + square * (Q3 + square * (Q4 + square * Q5))))
  const t = 3 - r1 * half
  let e = square * ((r1 - t) / (6 - r * t))
  if (k === 0) return r - (r * e - square)
  e = r * (e - lost) - lost - square
  if (k === -1) return 0.5 * (r - e) - 0.5
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e)
  if (k <= -2 || k > 56) {
    const y = 1 - (e - r)
    return (k === 1024 ? y * 2 * POWERS[2045]! : y * POWERS[1022 + k]!) - 1
  }
  if (k < 20) return (1 - POWERS[1022 - k]! - (e - r)) * POWERS[1022 + k]!
  return (r - (e + POWERS[1022 - k]!) + 1) * POWERS[1022 + k]!
}

/** e to the power of each number. @param column any numbers */
export function expColumn(column: Float64Array, count: number): void {
  let rares = 0
  for (let i = 0; i < count; i++) {
    let x = column[i]!
    whole[i] = x
    const high = words[2 * i + HIGH]!
    const size = high & 0x7fffffff
    // Tiny, half of ln 2, 1, or so large that powers of two run out.
    if (size < 0x3e300000 || size === 0x3fd62e42 || size === ONE || size > 0x40850000) {
      rareAt[rares] = i
      rare[rares++] = x
      x = 0
    }
    const k = (INVERSE_LN2 * x + HALVES[high >>> 31]!) | 0
    const upper = x - k * LN2_HIGH
    const lower = k * LN2_LOW
    powers[i] = k
    column[i] = upper
    rests[i] = lower
    reduced[i] = upper - lower
  }
  for (let i = 0; i < count; i++) {
    const x = reduced[i]!
    const t = x * x
    quotients[i] = x - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))))
  }
  for (let i = 0; i < count; i++) {
    const c = quotients[i]!
    column[i] = (1 - (rests[i]! - (reduced[i]! * c) / (2 - c) - column[i]!)) * POWERS[1022 + powers[i]!]!
  }
  for (let i = 0; i < rares; i++) column[rareAt[i]!] = exp(rare[i]!)
}
