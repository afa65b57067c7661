/**
 * Draws an index with probability proportional to its weight: Walker's alias method in Vose's form (IEEE
 * Trans. Software Eng. 17(9), 1991). O(n) to set up, two random numbers a draw.
 */
import type { Random } from './random.ts'

/** @param weights not negative, at least one above 0 */
export function weightedIndex(weights: ArrayLike<number>, random: Random): () => number {
  const count = weights.length
  let total = 0
  for (let i = 0; i < count; i++) total += weights[i]!
  const chance = Float64Array.from(weights, (weight) => (weight * count) / total)
  const alias = Int32Array.from({ length: count }, (_, i) => i)
  const small: number[] = []
  const large: number[] = []
  for (let i = 0; i < count; i++) (chance[i]! < 1 ? small : large).push(i)
  while (small.length > 0 && large.length > 0) {
    const low = small.pop()!
    const high = large.at(-1)!
    alias[low] = high
    chance[high]! -= 1 - chance[low]!
    if (chance[high]! < 1) {
      large.pop()
      small.push(high)
    }
  }
  // Rounding leaves some of them a hair below 1; one without weight must not be among them.
  for (const i of [...small, ...large]) if (weights[i]! > 0) chance[i] = 1
  return () => {
    const i = Math.floor(random() * count)
    return random() < chance[i]! ? i : alias[i]!
  }
}
