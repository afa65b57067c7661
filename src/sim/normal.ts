/**
 * Normal numbers, one by one, by G. Marsaglia's polar method: a point that is uniform within the unit circle
 * gives two of them, and the second is kept for the next call. Bit for bit what d3-random 3 gives where
 * Math.log is fdlibm's.
 */
import { log } from './elementary.ts'
import type { Random } from './random.ts'

/** Draws with that mean and standard deviation. */
export function normalDraws(mean: number, deviation: number, random: Random): () => number {
  let x = 0
  let square = 0
  let hasSecond = false
  return () => {
    let y = x
    if (!hasSecond) {
      do {
        x = random() * 2 - 1
        y = random() * 2 - 1
        square = x * x + y * y
      } while (square === 0 || square > 1)
    }
    hasSecond = !hasSecond
    return mean + deviation * y * Math.sqrt((-2 * log(square)) / square)
  }
}
