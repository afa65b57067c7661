/**
 * Sine and cosine, after fdlibm's s_sin.c, s_cos.c, k_sin.c and k_cos.c (see ../elementary.ts): the argument
 * less the nearest multiple of pi / 2, then one polynomial or the other by the quarter of the circle.
 */
import { reduce, remainder } from './quarter-turns.ts'
import { fromHighWord, highWord } from './words.ts'

const S1 = -0.16666666666666632
const S2 = 0.00833333333332249
const S3 = -0.0001984126982985795
const S4 = 0.0000027557313707070068
const S5 = -2.5050760253406863e-8
const S6 = 1.58969099521155e-10
const C1 = 0.0416666666666666
const C2 = -0.001388888888887411
const C3 = 0.00002480158728947673
const C4 = -2.7557314351390663e-7
const C5 = 2.087572321298175e-9
const C6 = -1.1359647557788195e-11
/** High words of infinity and of what isn't a number, without their sign, begin here. */
const INFINITE = 0x7ff00000
/** High word of pi / 4. */
const EIGHTH = 0x3fe921fb

/** The sine of an angle in radians. */
export function sin(x: number): number {
  const size = highWord(x) & 0x7fffffff
  if (size <= EIGHTH) return sineOf(x, 0)
  if (size >= INFINITE) return Number.NaN
  return ofQuarter(reduce(x))
}

/** The cosine of an angle in radians. */
export function cos(x: number): number {
  const size = highWord(x) & 0x7fffffff
  if (size <= EIGHTH) return cosineOf(x, 0)
  if (size >= INFINITE) return Number.NaN
  return ofQuarter(reduce(x) + 1)
}

/** The sine of so many quarter turns and the remainder. */
function ofQuarter(quarter: number): number {
  const size =
    (quarter & 1) === 0 ? sineOf(remainder[0]!, remainder[1]!) : cosineOf(remainder[0]!, remainder[1]!)
  return (quarter & 2) === 0 ? size : -size
}

/** The sine of x + rest, for |x| up to pi / 4. */
function sineOf(x: number, rest: number): number {
  if ((highWord(x) & 0x7fffffff) < 0x3e400000) return x
  const z = x * x
  const v = z * x
  const r = S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)))
  if (rest === 0) return x + v * (S1 + z * r)
  return x - (z * (0.5 * rest - v * r) - rest - v * S1)
}

/** The cosine of x + rest, for |x| up to pi / 4. */
function cosineOf(x: number, rest: number): number {
  const size = highWord(x) & 0x7fffffff
  if (size < 0x3e400000) return 1
  const z = x * x
  const r = z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * C6)))))
  if (size < 0x3fd33333) return 1 - (0.5 * z - (z * r - x * rest))
  const quarter = size > 0x3fe90000 ? 0.28125 : fromHighWord(size - 0x00200000)
  return 1 - quarter - (0.5 * z - quarter - (z * r - x * rest))
}
