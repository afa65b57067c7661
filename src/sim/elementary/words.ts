/**
 * Doubles as words, as fdlibm takes them apart and puts them together, and room to work in. All of it is
 * shared, because these are called for every packet and must not allocate; no call leaves anything there for
 * another.
 */

/** Numbers in a column, at most. */
export const COLUMN = 512

const double = new Float64Array(1)
const words = new Int32Array(double.buffer)
/**
 * 1 where the high word comes second. A high word is sign, exponent and the first 20 bits of the fraction.
 */
export const HIGH_INDEX = new Uint32Array(Float64Array.of(1).buffer).indexOf(0x3ff00000)
const HIGH = HIGH_INDEX
const LOW = 1 - HIGH

/** The high word, signed. */
export function highWord(x: number): number {
  double[0] = x
  return words[HIGH]!
}

/** The number with that high word, and low word 0. */
export function fromHighWord(high: number): number {
  words[HIGH] = high
  words[LOW] = 0
  return double[0]!
}

/** 2^(i - 1022), for i from 0 to 2045: made of words, because what `**` gives is up to the engine. */
export const twoTo = Float64Array.from({ length: 2046 }, (_, i) => fromHighWord((i + 1) << 20))

/** What the loops over a column leave to the next one. */
const whole = new Float64Array(COLUMN)
export const scratch = {
  /** A column, and the same as words. */
  whole,
  words: new Int32Array(whole.buffer),
  powers: new Int32Array(COLUMN),
  reduced: new Float64Array(COLUMN),
  quotients: new Float64Array(COLUMN),
  rests: new Float64Array(COLUMN),
  /** Which numbers take a rare branch, and what they are. */
  rareAt: new Int32Array(COLUMN),
  rare: new Float64Array(COLUMN),
} as const
