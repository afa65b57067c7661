/**
 * Logarithms and exponentials of columns, in place: bit for bit what V8's Math.log1p, Math.log and Math.exp
 * give, at half the cost, because a call of those leaves the compiled code, and short loops let the processor
 * work on many numbers at once. Here stands fdlibm's common case, every operation in its order; the few
 * numbers that take another branch there go to Math. V8's latest sources have other logarithms, LLVM's: on a
 * Node with those the tests beside this say so. Source: fdlibm 5.3 (Sun Microsystems, 1993), s_log1p.c,
 * e_log.c and e_exp.c, as in V8's src/base/ieee754.cc.
 */

/** Numbers in a column, at most. */
export const COLUMN = 512

const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
const INVERSE_LN2 = Math.LOG2E
/** Coefficients of both logarithms, and of the exponential. */
const L1 = 0.6666666666666735
const L2 = 0.3999999999940942
const L3 = 0.2857142874366239
const L4 = 0.22222198432149784
const L5 = 0.1818357216161805
const L6 = 0.15313837699209373
const L7 = 0.14798198605116586
const P1 = 0.16666666666666602
const P2 = -0.0027777777777015593
const P3 = 0.00006613756321437934
const P4 = -0.0000016533902205465252
const P5 = 4.1381367970572385e-8

/** 2^(i - 1022). */
const POWERS = Float64Array.from({ length: 2046 }, (_, i) => 2 ** (i - 1022))
const HALVES = Float64Array.of(0.5, -0.5)
/** A number's high word: sign, exponent and the first 20 bits of its fraction. */
const ONE = 0x3ff00000
const FRACTION = 0xfffff
/** What is added to high words so that exponents change at the root of two, where log1p and log have it. */
const TO_ROOT_LOG1P = ONE - 0x3fe6a09e
const TO_ROOT_LOG = ONE - 0x3fe6a09c

/** A column, and the same as words. */
const whole = new Float64Array(COLUMN)
const words = new Int32Array(whole.buffer)
/** 1 where the high word comes second. */
const HIGH = new Uint32Array(Float64Array.of(1).buffer).indexOf(ONE)
/** What one loop leaves to the next. */
const powers = new Int32Array(COLUMN)
const reduced = new Float64Array(COLUMN)
const quotients = new Float64Array(COLUMN)
const rests = new Float64Array(COLUMN)
/** Which numbers take a rare branch, and what they are. */
const rareAt = new Int32Array(COLUMN)
const rare = new Float64Array(COLUMN)

/**
 * log(1 - x), as Math.log1p(-x) has it. @param column multiples of 2^-53 in [0, 1): with those 1 - x is exact
 */
export function logOneMinus(column: Float64Array, count: number): void {
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
  for (let i = 0; i < rares; i++) column[rareAt[i]!] = Math.log1p(-rare[i]!)
}

/** The natural logarithm. @param column normal numbers in (0, 1] */
export function log(column: Float64Array, count: number): void {
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
  for (let i = 0; i < rares; i++) column[rareAt[i]!] = Math.log(rare[i]!)
}

/** e to the power of each number. @param column any numbers */
export function exp(column: Float64Array, count: number): void {
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
  for (let i = 0; i < rares; i++) column[rareAt[i]!] = Math.exp(rare[i]!)
}
