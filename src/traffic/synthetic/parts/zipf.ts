/** Zipf popularity: item i (from 0) is drawn with probability proportional to (i + 1)^-exponent. */
import type { Random } from '../../../sim/random.ts'
import { weightedIndex } from '../../../sim/weighted-index.ts'

export function zipfIndex(count: number, exponent: number, random: Random): () => number {
  const weights = Float64Array.from({ length: count }, (_, i) => Math.exp(-exponent * Math.log(i + 1)))
  return weightedIndex(weights, random)
}
