/**
 * The arctangent, after fdlibm's s_atan.c (see ../elementary.ts): the argument is made small by the nearest
 * of the arctangents of 0, 1/2, 1, 3/2 and infinity, and what is left is a polynomial.
 */
import { highWord } from './words.ts'

/** Arctangents of 1/2, 1, 3/2 and infinity, in two parts each. */
const HIGHS = Float64Array.of(0.4636476090008061, 0.7853981633974483, 0.982793723247329, 1.5707963267948966)
const LOWS = Float64Array.of(
  2.2698777452961687e-17,
  3.061616997868383e-17,
  1.3903311031230998e-17,
  6.123233995736766e-17,
)
const A0 = 0.3333333333333293
const A1 = -0.19999999999876483
const A2 = 0.14285714272503466
const A3 = -0.11111110405462356
const A4 = 0.09090887133436507
const A5 = -0.0769187620504483
const A6 = 0.06661073137387531
const A7 = -0.058335701337905735
const A8 = 0.049768779946159324
const A9 = -0.036531572744216916
const A10 = 0.016285820115365782

/** The arctangent, between -pi / 2 and pi / 2. */
export function atan(x: number): number {
  const high = highWord(x)
  const size = high & 0x7fffffff
  if (size >= 0x44100000) {
    // From 2^66 on there is nothing but pi / 2.
    if (Number.isNaN(x)) return x
    return high > 0 ? HIGHS[3]! + LOWS[3]! : -HIGHS[3]! - LOWS[3]!
  }
  if (size < 0x3fdc0000) {
    if (size < 0x3e400000) return x
    return x - x * series(x)
  }
  const positive = Math.abs(x)
  let near = 3
  let rest = 0
  if (size < 0x3fe60000) {
    near = 0
    rest = (2 * positive - 1) / (2 + positive)
  } else if (size < 0x3ff30000) {
    near = 1
    rest = (positive - 1) / (positive + 1)
  } else if (size < 0x40038000) {
    near = 2
    rest = (positive - 1.5) / (1 + 1.5 * positive)
  } else rest = -1 / positive
  const angle = HIGHS[near]! - (rest * series(rest) - LOWS[near]! - rest)
  return high < 0 ? -angle : angle
}

function series(x: number): number {
  const z = x * x
  const w = z * z
  const odd = z * (A0 + w * (A2 + w * (A4 + w * (A6 + w * (A8 + w * A10)))))
  const even = w * (A1 + w * (A3 + w * (A5 + w * (A7 + w * A9))))
  return odd + even
}
