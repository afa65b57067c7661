/**
 * Numbers of a CSV from their bytes. Whole numbers below 10^15 are read digit by digit; whatever else a
 * program writes (3.0, 1e6) goes through Number(). Times may be nanoseconds or seconds since 1970, which a
 * double doesn't hold: their decimals are moved, and they count from the whole second of the file's first
 * such time, exactly.
 */

/** The field isn't a number of the kind asked for. */
export const NOT_A_NUMBER = Number.NEGATIVE_INFINITY

const DIGITS_FAST = 15
const DOT = 0x2e
const POWERS_OF_TEN = Array.from({ length: 10 }, (_, power) => Number(`1e${power}`))
const ZERO = 0x30

/** A whole number 0..2^53 - 1, or NOT_A_NUMBER. */
export function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  const fast = digits(bytes, start, end)
  if (fast >= 0) return fast
  const value = slow(latin1(bytes, start, end))
  return Number.isSafeInteger(value) && value >= 0 ? value : NOT_A_NUMBER
}

/** The same, also as 0x1f and of several values (1,2) the first: as tshark writes them. */
export function tsharkNumber(bytes: Uint8Array, start: number, end: number): number {
  const fast = digits(bytes, start, end)
  if (fast >= 0) return fast
  const [first = ''] = latin1(bytes, start, end).split(',')
  const value = /^0x[\da-f]{1,13}$/i.test(first) ? Number(first) : slow(first)
  return Number.isSafeInteger(value) && value >= 0 ? value : NOT_A_NUMBER
}

/** Times as nanoseconds, relative to one second that all share. */
export class CsvTimes {
  /** Whole seconds that times count from; 0 while none was beyond 2^53 ns. */
  baseSeconds = 0
  private hasTimes = false

  /**
   * A time in ns from the base, NaN where the field is empty or says NaN, or NOT_A_NUMBER.
   * Decimals below a nanosecond are left out where the unit is above it.
   * @param shift decimals by which the unit is above a nanosecond: 9 for seconds, 0 for nanoseconds
   */
  read(bytes: Uint8Array, start: number, end: number, shift: number): number {
    if (start === end) return Number.NaN
    const isSmall = this.baseSeconds === 0 && shift === 0
    const fast = isSmall ? digits(bytes, start, end) : -1
    if (fast >= 0) {
      this.hasTimes = true
      return fast
    }
    // Seconds with decimals, and whole nanoseconds.
    const split = shift === 9 ? bytes.indexOf(DOT, start) : shift === 0 ? end - 9 : -1
    if (split > start && split < end) {
      const seconds = digits(bytes, start, split)
      const from = shift === 9 ? split + 1 : split
      const rest = digits(bytes, from, end)
      if (seconds >= 0 && rest >= 0 && end - from <= 9)
        return this.relative(seconds, rest * POWERS_OF_TEN[9 - (end - from)]!)
    }
    const text = latin1(bytes, start, end)
    // Seconds and nanoseconds apart, so that nothing is rounded.
    const [, sign, whole, fraction = ''] = /^([-+]?)(\d{1,30})(?:\.(\d*))?$/.exec(text) ?? []
    if (whole !== undefined) {
      const ns = whole + fraction.slice(0, shift).padEnd(shift, '0')
      const seconds = Number(ns.slice(0, -9) || '0')
      const rest = Number(`${ns.slice(-9)}.${shift === 0 ? fraction : ''}`)
      const factor = sign === '-' ? -1 : 1
      return this.relative(factor * seconds, factor * rest)
    }
    if (text.toLowerCase() === 'nan') return Number.NaN
    const value = slow(text) * POWERS_OF_TEN[shift]!
    if (!Number.isFinite(value)) return NOT_A_NUMBER
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return this.relative(0, value)
    const seconds = Math.floor(value / 1e9)
    return this.relative(seconds, value - seconds * 1e9)
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

/** Bytes as characters, one each: all that numbers, separators and names of columns are told by. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!)
  return text
}

function slow(text: string): number {
  return /^[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN
}
