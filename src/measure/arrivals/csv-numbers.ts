/**
 * Numbers of a CSV from their bytes. Whole numbers below 10^15 are read digit by digit; whatever else a
 * program writes (3.0, 1e6) goes through Number(). Times may be nanoseconds since 1970, which a double
 * doesn't hold: they count from the whole second of the file's first such time, exactly.
 */

/** The field isn't a number of the kind asked for. */
export const NOT_A_NUMBER = Number.NEGATIVE_INFINITY

const DIGITS_FAST = 15
const MINUS = 0x2d
const ZERO = 0x30

/** A whole number 0..2^53 - 1, or NOT_A_NUMBER. */
export function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  const fast = digits(bytes, start, end)
  if (fast >= 0) return fast
  const value = slow(bytes, start, end)
  return Number.isSafeInteger(value) && value >= 0 ? value : NOT_A_NUMBER
}

/** Times in nanoseconds, relative to one second that all share. */
export class CsvTimes {
  /** Whole seconds that times count from; 0 while none was beyond 2^53. */
  baseSeconds = 0
  private hasTimes = false

  /** A time in ns from the base, NaN where the field is empty or says NaN, or NOT_A_NUMBER. */
  read(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return Number.NaN
    const isSmall = this.baseSeconds === 0
    const fast = isSmall ? digits(bytes, start, end) : -1
    if (fast >= 0) {
      this.hasTimes = true
      return fast
    }
    // Seconds and nanoseconds apart, so that nothing is rounded.
    const isNegative = bytes[start] === MINUS
    const first = isNegative ? start + 1 : start
    const split = Math.max(end - 9, first)
    const seconds = split === first ? 0 : digits(bytes, first, split)
    const rest = digits(bytes, split, end)
    if (seconds >= 0 && rest >= 0)
      return this.relative(isNegative ? -seconds : seconds, isNegative ? -rest : rest)
    const text = new TextDecoder().decode(bytes.subarray(start, end))
    if (text.toLowerCase() === 'nan') return Number.NaN
    const value = slow(bytes, start, end)
    return Number.isFinite(value) ? this.relative(0, value) : NOT_A_NUMBER
  }

  private relative(seconds: number, ns: number): number {
    if (!this.hasTimes && Math.abs(seconds * 1e9 + ns) > Number.MAX_SAFE_INTEGER) this.baseSeconds = seconds
    this.hasTimes = true
    const value = (seconds - this.baseSeconds) * 1e9 + ns
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : NOT_A_NUMBER
  }
}

/** The number that 1 to 15 digits write, or -1. */
function digits(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length === 0 || length > DIGITS_FAST) return -1
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function slow(bytes: Uint8Array, start: number, end: number): number {
  const text = new TextDecoder().decode(bytes.subarray(start, end))
  return /^[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN
}
