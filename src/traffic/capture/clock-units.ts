/**
 * pcapng times: a 64-bit count of an interface's own units (any power of 10 or of 2, option `if_tsresol`)
 * plus an offset in seconds. Made into whole seconds and nanoseconds without rounding through doubles: the
 * upper 48 bits are divided first, then the rest, which is exact for units down to 2^-37 s; finer ones, which
 * nobody writes, go through BigInt. Fractions of a nanosecond are cut off.
 */

/** One interface's clock. {@link read} leaves its result in `seconds` and `nanoseconds`. */
export class ClockUnits {
  seconds = 0
  nanoseconds = 0
  private readonly offsetSeconds: number
  private readonly unitsPerSecond: number
  /** Nanoseconds per unit where that is a whole number, else 0. */
  private readonly nsPerUnit: number
  private readonly exponent: number
  private readonly base: 2 | 10

  /**
   * @param resolution the value of `if_tsresol`: 10^-n, or 2^-n with the highest bit set
   * @param offsetSeconds the value of `if_tsoffset`
   */
  constructor(resolution: number, offsetSeconds: number) {
    this.offsetSeconds = offsetSeconds
    this.exponent = resolution & 0x7f
    this.base = resolution >= 0x80 ? 2 : 10
    // Of whole numbers, because powers of doubles may be off by their last bit.
    this.unitsPerSecond = Number(BigInt(this.base) ** BigInt(this.exponent))
    this.nsPerUnit = this.base === 10 && this.exponent <= 9 ? 1e9 / this.unitsPerSecond : 0
  }

  /** Sets `seconds` and `nanoseconds` from the two halves of a time. */
  read(high: number, low: number): void {
    const units = this.unitsPerSecond
    if (units > 2 ** 37) {
      this.readFine(high, low)
      return
    }
    const upper = high * 0x10000 + (low >>> 16)
    const upperSeconds = wholeQuotient(upper, units)
    const lower = (upper - upperSeconds * units) * 0x10000 + (low & 0xffff)
    const lowerSeconds = wholeQuotient(lower, units)
    const rest = lower - lowerSeconds * units
    this.seconds = upperSeconds * 0x10000 + lowerSeconds + this.offsetSeconds
    if (this.nsPerUnit > 0) this.nanoseconds = rest * this.nsPerUnit
    else if (units <= 2 ** 23) this.nanoseconds = wholeQuotient(rest * 1e9, units)
    else this.nanoseconds = Number((BigInt(rest) * 1_000_000_000n) / BigInt(units))
  }

  private readFine(high: number, low: number): void {
    const count = (BigInt(high) << 32n) | BigInt(low)
    const units = BigInt(this.base) ** BigInt(this.exponent)
    this.seconds = Number(count / units) + this.offsetSeconds
    this.nanoseconds = Number(((count % units) * 1_000_000_000n) / units)
  }
}

/** floor(a / b) for integers below 2^53; the double quotient may have been rounded up to the next integer. */
function wholeQuotient(a: number, b: number): number {
  const quotient = Math.floor(a / b)
  return quotient * b > a ? quotient - 1 : quotient
}
