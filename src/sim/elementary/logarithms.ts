/**
 * Natural logarithms of x and of 1 + x, after fdlibm's e_log.c and s_log1p.c (see ../elementary.ts): the
 * argument is 2^k (1 + f) with 1 + f about between the roots of a half and of two, and log(1 + f) is a
 * polynomial in (f / (2 + f))^2.
 */
import { HIGH_INDEX, highWord, scratch, twoTo } from './words.ts'

// Everything that is used per number stands in this module's own constants: those of others cost a load each.
const HIGH = HIGH_INDEX
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

// Cut into functions short enough that V8 puts them where they are called, which spares a number on the heap
// per call.

/** The natural logarithm. */
export function log(x: number): number {
  const high = highWord(x)
  if (high < 0x00100000 || high >= 0x7fd00000) return logOfExtreme(x, high)
  return logOfNormal(x, high, 0)
}

/** Of numbers that, or whose inverse power of two, aren't normal. */
function logOfExtreme(x: number, high: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (high < 0) return Number.NaN
  if (high >= INFINITE) return x
  const normal = high < 0x00100000 ? x * TWO_TO_54 : x / TWO_TO_54
  return logOfNormal(normal, highWord(normal), high < 0x00100000 ? -54 : 54)
}

/** log(x 2^power) */
function logOfNormal(x: number, highOfX: number, power: number): number {
  const exponent = (highOfX + TO_ROOT_LOG) >> 20
  const high = highOfX & FRACTION
  const k = power + exponent - 1023
  // Exact, and no word is written: reading a number whose half was just written is slow.
  const f = x * POWERS[2045 - exponent]! - 1
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
  if (size < 0x3e200000 || size >= INFINITE || high >>> 0 >= 0xbff00000) return log1pOfExtreme(x, size)
  // Does 1 + x lie between the roots of a half and of two already?
  if (high >>> 0 <= 0xbfd2bec4 && high < 0x3fda827a) return log1pOf(x, 0, 0, 1)
  const u = high < 0x43400000 ? 1 + x : x
  const highOfU = highWord(u)
  const fraction = highOfU & FRACTION
  let k = (highOfU >> 20) - 1023
  /** What is lost in 1 + x: nothing for most draws, and dividing takes long. */
  const lost = high >= 0x43400000 ? 0 : k > 0 ? 1 - (u - x) : x - (u - 1)
  if (fraction >= 0x6a09e) k++
  // A quarter first, because 2^-1024 is too small for the table.
  return log1pOf(
    u * 0.25 * POWERS[1024 - k]! - 1,
    k,
    lost === 0 ? 0 : lost / u,
    (fraction + 3) & (FRACTION - 3),
  )
}

/** Of x next to 0, below -1 and beyond all numbers. */
function log1pOfExtreme(x: number, size: number): number {
  if (size < 0x3c900000) return x
  if (size < 0x3e200000) return x - x * x * 0.5
  if (x === -1) return Number.NEGATIVE_INFINITY
  return x > 0 ? x : Number.NaN
}

/** log((1 + f) 2^k) and a little. @param fraction 0 where |f| is below 2^-20 */
function log1pOf(f: number, k: number, lost: number, fraction: number): number {
  const half = 0.5 * f * f
  if (fraction === 0) {
    if (f === 0) return k * LN2_HIGH + (lost + k * LN2_LOW)
    return k * LN2_HIGH - (half * (1 - TWO_THIRDS * f) - (k * LN2_LOW + lost) - f)
  }
  const s = f / (2 + f)
  const z = s * s
  const rest = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))))
  return k * LN2_HIGH - (half - (s * (half + rest) + (k * LN2_LOW + lost)) - f)
}

/**
 * log(1 - x) of each number, as log1p(-x) has it. @param column multiples of 2^-53 in [0, 1): with those 1 -
 * x is exact
 */
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
