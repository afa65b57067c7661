/** Powers of two by doubling, because Math.log2 may be off by one bit. */

/** The largest power of two up to `size`, 1 where there is none. */
export function powerOfTwoUpTo(size: number): number {
  let power = 1
  while (2 * power <= size) power *= 2
  return power
}
