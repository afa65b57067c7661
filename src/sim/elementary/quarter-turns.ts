/**
 * What is left of an angle beyond the nearest multiple of pi / 2, after fdlibm's e_rem_pio2.c and
 * k_rem_pio2.c (see ../elementary.ts). Up to 2^19 pi / 2 a multiple of pi / 2 in up to three parts is taken
 * away; beyond, the angle is multiplied by as many bits of 2 / pi as matter (M. Payne and R. Hanek, SIGNUM
 * Newsletter 18, 1983), in digits of 24 bits.
 */
import { highWord, twoTo } from './words.ts'

/** What {@link reduce} leaves over: the remainder, and what the first number lost. */
export const remainder = new Float64Array(2)

const TWO_BY_PI = 0.6366197723675814
/** pi / 2 in parts of 33 bits, and what is missing after each. */
const PART1 = 1.5707963267341256
const PART1_REST = 6.077100506506192e-11
const PART2 = 6.077100506303966e-11
const PART2_REST = 2.0222662487959506e-21
const PART3 = 2.0222662487111665e-21
const PART3_REST = 8.4784276603689e-32
/** High words of n pi / 2, n from 0 to 31: next to those a short remainder doesn't do. */
const MULTIPLES = Int32Array.from({ length: 32 }, (_, n) => highWord(n * 1.5707963267948966))

/** The digits of 2 / pi. */
const DIGITS = Int32Array.of(
  ...[0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041, 0xfe5163, 0xabdebb],
  ...[0xc561b7, 0x246e3a, 0x424dd2, 0xe00649, 0x2eea09, 0xd1921c, 0xfe1deb, 0x1cb129, 0xa73ee8, 0x8235f5],
  ...[0x2ebb44, 0x84e99c, 0x7026b4, 0x5f7e41, 0x3991d6, 0x398353, 0x39f49c, 0x845f8b, 0xbdf928, 0x3b1ff8],
  ...[0x97ffde, 0x05980f, 0xef2f11, 0x8b5a0a, 0x6d1f6d, 0x367ecf, 0x27cb09, 0xb74f46, 0x3f669e, 0x5fea2d],
  ...[0x7527ba, 0xc7ebe5, 0xf17b3d, 0x0739f7, 0x8a5292, 0xea6bfb, 0x5fb11f, 0x8d5d08, 0x560330, 0x46fc7b],
  ...[0x6babf0, 0xcfbc20, 0x9af436, 0x1da9e3, 0x91615e, 0xe61b08, 0x659985, 0x5f14a0, 0x68408d, 0xffd880],
  ...[0x4d7327, 0x310606, 0x1556ca, 0x73a8c9, 0x60e27b, 0xc08c6b],
)
/** pi / 2, 24 bits a number. */
const QUARTER = Float64Array.of(
  1.570796251296997,
  7.549789415861596e-8,
  5.390302529957765e-15,
  3.282003415807913e-22,
  1.270655753080676e-29,
)
/** The first digits that are multiplied; more follow where they turn out to be zeros. */
const FIRST = 4
const DIGIT = 0x1000000
const INVERSE_DIGIT = 1 / DIGIT

const angle = new Float64Array(3)
const factors = new Float64Array(20)
const products = new Float64Array(20)
const digits = new Int32Array(20)
const terms = new Float64Array(20)

/** The multiple that was taken away, correct in its last two bits. @param x finite, beyond pi / 4 */
export function reduce(x: number): number {
  const high = highWord(x)
  const size = high & 0x7fffffff
  const positive = Math.abs(x)
  const n =
    size < 0x4002d97c
      ? afterOne(positive, size)
      : size <= 0x413921fb
        ? afterFew(positive, size)
        : afterMany(positive, size)
  if (high >= 0) return n
  remainder[0] = -remainder[0]!
  remainder[1] = -remainder[1]!
  return -n
}

/** Below 3 pi / 4. */
function afterOne(x: number, size: number): number {
  if (size !== 0x3ff921fb) leave(x - PART1, PART1_REST)
  // So near to pi / 2 that more of it matters.
  else leave(x - PART1 - PART2, PART2_REST)
  return 1
}

function afterFew(x: number, size: number): number {
  const n = (x * TWO_BY_PI + 0.5) | 0
  let r = x - n * PART1
  let w = n * PART1_REST
  if (n < 32 && size !== MULTIPLES[n]) {
    leave(r, w)
    return n
  }
  const exponent = size >> 20
  if (exponent - exponentOf(r - w) > 16) {
    let before = r
    w = n * PART2
    r = before - w
    w = n * PART2_REST - (before - r - w)
    if (exponent - exponentOf(r - w) > 49) {
      before = r
      w = n * PART3
      r = before - w
      w = n * PART3_REST - (before - r - w)
    }
  }
  leave(r, w)
  return n
}

function exponentOf(x: number): number {
  return (highWord(x) >> 20) & 0x7ff
}

/** The remainder is `upper` - `lower`. */
function leave(upper: number, lower: number): void {
  const first = upper - lower
  remainder[0] = first
  remainder[1] = upper - first - lower
}

function afterMany(x: number, size: number): number {
  // The angle as three digits and an exponent.
  const exponent = (size >> 20) - 1046
  let z = x * twoTo[1022 - exponent]!
  for (let i = 0; i < 2; i++) {
    angle[i] = z | 0
    z = (z - angle[i]!) * DIGIT
  }
  angle[2] = z
  let last = 2
  while (angle[last] === 0) last--
  return byDigits(last, exponent)
}

/** The product of 2 / pi and `angle[0..last]` 2^exponent: its fraction, times pi / 2, is the remainder. */
function byDigits(last: number, exponent: number): number {
  const from = Math.max(0, Math.trunc((exponent - 3) / 24))
  let shift = exponent - 24 * (from + 1)
  for (let i = 0; i <= last + FIRST; i++) factors[i] = i + from < last ? 0 : DIGITS[i + from - last]!
  for (let i = 0; i <= FIRST; i++) products[i] = productAt(i, last)

  let count = FIRST
  let n = 0
  let isAbove = 0
  let z = 0
  for (;;) {
    z = toDigits(count)
    z *= twoTo[1022 + shift]!
    z -= 8 * Math.floor(z * 0.125)
    n = z | 0
    z -= n
    // Is the fraction a half or more? Then the next multiple is nearer.
    isAbove = 0
    if (shift > 0) {
      const whole = digits[count - 1]! >> (24 - shift)
      n += whole
      digits[count - 1] = digits[count - 1]! - (whole << (24 - shift))
      isAbove = digits[count - 1]! >> (23 - shift)
    } else if (shift === 0) isAbove = digits[count - 1]! >> 23
    else if (z >= 0.5) isAbove = 2
    if (isAbove > 0) {
      n++
      const carry = negate(count)
      if (shift === 1) digits[count - 1] = digits[count - 1]! & 0x7fffff
      else if (shift === 2) digits[count - 1] = digits[count - 1]! & 0x3fffff
      if (isAbove === 2) {
        z = 1 - z
        if (carry) z -= twoTo[1022 + shift]!
      }
    }
    if (z !== 0 || !areZero(FIRST, count)) break
    // Nothing but zeros: more digits of 2 / pi are needed.
    let more = 1
    while (digits[FIRST - more] === 0) more++
    for (let i = count + 1; i <= count + more; i++) {
      factors[last + i] = DIGITS[from + i]!
      products[i] = productAt(i, last)
    }
    count += more
  }

  if (z === 0) {
    do {
      count--
      shift -= 24
    } while (digits[count] === 0)
  } else {
    z *= twoTo[1022 - shift]!
    if (z >= DIGIT) {
      const upper = (INVERSE_DIGIT * z) | 0
      digits[count] = z - DIGIT * upper
      count++
      shift += 24
      digits[count] = upper
    } else digits[count] = z
  }
  timesQuarter(count, shift, isAbove !== 0)
  return n & 7
}

function productAt(i: number, last: number): number {
  let sum = 0
  for (let j = 0; j <= last; j++) sum += angle[j]! * factors[last + i - j]!
  return sum
}

/** The products as digits, the smallest first; what is above them is returned. */
function toDigits(count: number): number {
  let z = products[count]!
  for (let i = 0, j = count; j > 0; i++, j--) {
    const upper = (INVERSE_DIGIT * z) | 0
    digits[i] = z - DIGIT * upper
    z = products[j - 1]! + upper
  }
  return z
}

/** 1 less the digits; false where they all are 0. */
function negate(count: number): boolean {
  let carry = false
  for (let i = 0; i < count; i++) {
    const digit = digits[i]!
    if (carry) digits[i] = 0xffffff - digit
    else if (digit !== 0) {
      carry = true
      digits[i] = DIGIT - digit
    }
  }
  return carry
}

function areZero(from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (digits[i] !== 0) return false
  return true
}

/** Leaves pi / 2 times the digits, added from the smallest term on. */
function timesQuarter(count: number, shift: number, isNegative: boolean): void {
  let scale = twoTo[1022 + shift]!
  for (let i = count; i >= 0; i--) {
    products[i] = scale * digits[i]!
    scale *= INVERSE_DIGIT
  }
  for (let i = count; i >= 0; i--) {
    let sum = 0
    for (let k = 0; k <= FIRST && k <= count - i; k++) sum += QUARTER[k]! * products[i + k]!
    terms[count - i] = sum
  }
  let sum = 0
  for (let i = count; i >= 0; i--) sum += terms[i]!
  let rest = terms[0]! - sum
  for (let i = 1; i <= count; i++) rest += terms[i]!
  remainder[0] = isNegative ? -sum : sum
  remainder[1] = isNegative ? -rest : rest
}
