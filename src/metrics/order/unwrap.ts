/**
 * Sequence numbers of a fixed width made into numbers that don't roll over (RFC 4737 section 6): a jump of
 * more than half the range, up or down from the greatest number so far, is taken for a roll-over. Duplicates
 * and late packets keep their places; a packet from before the first one may get a negative number.
 */

export class SequenceUnwrapper {
  private readonly range: number
  private highest = Number.NaN

  /** @param bits width of the numbers on the wire, 8 to 53; @throws RangeError for another width */
  constructor(bits: number) {
    if (!Number.isInteger(bits) || bits < 8 || bits > 53) {
      throw new RangeError(`SequenceUnwrapper: ${bits} bits - give a whole number from 8 to 53`)
    }
    this.range = 2 ** bits
  }

  /**
   * @param number as on the wire, 0 <= number < 2^bits
   * @returns the number without roll-over
   * @throws RangeError above 2^53 - 1, where numbers are no longer exact
   */
  unwrap(number: number): number {
    if (Number.isNaN(this.highest)) {
      this.highest = number
      return number
    }
    const { highest, range } = this
    let step = number - (highest % range)
    if (step > range / 2) step -= range
    else if (step < -range / 2) step += range
    if (step <= 0) return highest + step
    if (step > Number.MAX_SAFE_INTEGER - highest) {
      throw new RangeError(`SequenceUnwrapper: ${number} after ${highest} passes 2^53 - start a new stream`)
    }
    this.highest = highest + step
    return this.highest
  }
}
