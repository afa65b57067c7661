/**
 * Zipf popularity: item i (from 0) is drawn with probability proportional to (i + 1)^-exponent. Walker's alias
 * method, in Vose's form: O(n) to set up, two random numbers a draw.
 */
import type { Random } from '../sim/random.ts'

export function zipfIndex(count: number, exponent: number, random: Random): () => number {
  const weights = Float64Array.from({ length: count }, (_, i) => Math.exp(-exponent * Math.log(i + 1)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const chance = weights.map((weight) => (weight * count) / total)
  const alias = new Int32Array(count)
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
  for (const i of [...small, ...large]) chance[i] = 1
  return () => {
    const i = Math.floor(random() * count)
    return random() < chance[i]! ? i : alias[i]!
  }
}
