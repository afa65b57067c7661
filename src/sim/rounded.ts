/** Rounding to whole numbers where it is done for every packet. */

/** What Math.round gives, without its branch, which surprises the processor at every second number. */
export function rounded(value: number): number {
  const whole = Math.floor(value)
  return whole + Number(value - whole >= 0.5)
}
