/**
 * Natural logarithms of x and of 1 + x, after fdlibm's e_log.c and s_log1p.c (see ../elementary.ts): the argument is
 * 2^k (1 + f) with 1 + f about between the roots of a half and of two, and log(1 + f) is a polynomial in
 * (f / (2 + f))^2.
 */
import { HIGH, highWord, scratch, twoTo } from './words.ts'

// Everything that is used per number stands in this module's own constants: those of others cost a load each.
const POWERS = twoTo
const { whole, words, powers, reduced, quotients, rests, rareAt, rare } = scratch

const ONE = 0x3ff00000
const FRACTION = 0xfffff
/** High words of infinity and of what isn't a number begin here. */
const INFINITE = 0x7ff00000
/** What is added to high words so that exponents change at the root of two, where log1p and log have it. */
const TO_ROOT_LOG1P = ONE - 0x3fe6a09e
const TO_ROOT_LOG = ONE - 0x3fe6a09c
/** ln 2 in two parts; k times the first is exact. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
const L1 = 0.6666666666666735
const L2 = 0.3999999999940942
const L3 = 0.2857142874366239
const L4 = 0.22222198432149784
const L5 = 0.1818357216161805
const L6 = 0.15313837699209373
const L7 = 0.14798198605116586
const THIRD = 0.3333333333333333
const TWO_THIRDS = 0.6666666666666666
const TWO_TO_54 = 18014398509481984

/** The natural logarithm. */
export function log(x: number): number {
  let high = highWord(x)
  let normal = x
  let k = 0
  if (high < 0x00100000) {
    if (x === 0) return Number.NEGATIVE_INFINITY
    if (high < 0) return Number.NaN
    k = -54
    normal = x * TWO_TO_54
    high = highWord(normal)
  } else if (high >= 0x7fd00000) {
    // So large that its inverse power of two isn't a normal number.
    if (high >= INFINITE) return x
    k = 54
    normal = x / TWO_TO_54
    high = highWord(normal)
  }
  const exponent = (high + TO_ROOT_LOG) >> 20
  high &= FRACTION
  k += exponent - 1023
  // Exact, and no word is written: reading a number whose half was just written is slow.
  const f = normal * POWERS[2045 - exponent]! - 1
  if ((FRACTION & (2 + high)) < 3) {
    // |f| < 2^-20
    const rest = f * f * (0.5 - THIRD * f)
    return k * LN2_HIGH - (rest - k * LN2_LOW - f)
  }
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const rest = z * (L1 + w * (L3 + w * (L5 + w * L7))) + w * (L2 + w * (L4 + w * L6))
  if (((high - 0x6147a) | (0x6b851 - high)) > 0) {
    const half = 0.5 * f * f
    return k * LN2_HIGH - (half - (s * (half + rest) + k * LN2_LOW) - f)
  }
  return k * LN2_HIGH - (s * (f - rest) - k * LN2_LOW - f)
}

/** log(1 + x), exact to the last bits for small x, too. */
export function log1p(x: number): number {
  const high = highWord(x)
  const size = high & 0x7fffffff
  if (size >= INFINITE) return x === Number.NEGATIVE_INFINITY ? Number.NaN : x
  if (high < 0 && size >= ONE) return x === -1 ? Number.NEGATIVE_INFINITY : Number.NaN
  if (size < 0x3e200000) return size < 0x3c900000 ? x : x - x * x * 0.5
  let k = 0
  let f = x
  /** What is lost in 1 + x, by 1 + x. */
  let lost = 0
  let fraction = 1
  // Else 1 + x lies between the roots of a half and of two already.
  if (high >= 0x3fda827a || (high < 0 && high > (0xbfd2bec4 | 0))) {
    const u = high < 0x43400000 ? 1 + x : x
    const highOfU = highWord(u)
    k = (highOfU >> 20) - 1023
    if (high < 0x43400000) lost = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u
    fraction = highOfU & FRACTION
    if (fraction >= 0x6a09e) {
      k++
      fraction = (0x100000 - fraction) >> 2
    }
    // A quarter first, because 2^-1024 is too small for the table.
    f = u * 0.25 * POWERS[1024 - k]! - 1
  }
  const half = 0.5 * f * f
  if (fraction === 0) {
    // |f| < 2^-20
    if (f === 0) return k * LN2_HIGH + (lost + k * LN2_LOW)
    return k * LN2_HIGH - (half * (1 - TWO_THIRDS * f) - (k * LN2_LOW + lost) - f)
  }
  const s = f / (2 + f)
  const z = s * s
  const rest = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))))
  return k * LN2_HIGH - (half - (s * (half + rest) + (k * LN2_LOW + lost)) - f)
}

/** log(1 - x) of each number, as log1p(-x) has it. @param column multiples of 2^-53 in [0, 1): with those 1 - x is exact */
export function logOneMinusColumn(column: Float64Array, count: number): void {
  let rares = 0
  for (let i = 0; i < count; i++) {
    const u = 1 - column[i]!
    whole[i] = u
    const high = words[2 * i + HIGH]! + TO_ROOT_LOG1P
    // Next to a power of two, or just below the root of a half.
    if (((high - 0x95f5e) & FRACTION) <= 6 || (high & FRACTION) === FRACTION) {
      rareAt[rares] = i
      rare[rares++] = column[i]!
    }
    const k = (high >> 20) - 1023
    const f = u * POWERS[1022 - k]! - 1
    powers[i] = k
    reduced[i] = f
    quotients[i] = f / (2 + f)
  }
  for (let i = 0; i < count; i++) {
    const z = quotients[i]! * quotients[i]!
    rests[i] = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))))
  }
  for (let i = 0; i < count; i++) {
    const f = reduced[i]!
    const k = powers[i]!
    const half = 0.5 * f * f
    column[i] = k * LN2_HIGH - (half - (quotients[i]! * (half + rests[i]!) + k * LN2_LOW) - f)
  }
  for (let i = 0; i < rares; i++) column[rareAt[i]!] = log1p(-rare[i]!)
}

/** The natural logarithm of each number. @param column normal numbers in (0, 1] */
export function logColumn(column: Float64Array, count: number): void {
  let rares = 0
  for (let i = 0; i < count; i++) {
    const x = column[i]!
    whole[i] = x
    const high = words[2 * i + HIGH]! + TO_ROOT_LOG
    // Next to a power of two, or where the root of two is near: the formula is another one there.
    if (((high - 0x95f60) & FRACTION) <= 8 || ((high + 0x8c23) & FRACTION) <= 0xa3d8) {
      rareAt[rares] = i
      rare[rares++] = x
    }
    const k = (high >> 20) - 1023
    const f = x * POWERS[1022 - k]! - 1
    powers[i] = k
    reduced[i] = f
    quotients[i] = f / (2 + f)
  }
  for (let i = 0; i < count; i++) {
    const z = quotients[i]! * quotients[i]!
    const w = z * z
    rests[i] = z * (L1 + w * (L3 + w * (L5 + w * L7))) + w * (L2 + w * (L4 + w * L6))
  }
  for (let i = 0; i < count; i++) {
    const f = reduced[i]!
    const k = powers[i]!
    column[i] = k * LN2_HIGH - (quotients[i]! * (f - rests[i]!) - k * LN2_LOW - f)
  }
  for (let i = 0; i < rares; i++) column[rareAt[i]!] = log(rare[i]!)
}
