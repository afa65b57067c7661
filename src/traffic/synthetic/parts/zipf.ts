/** Zipf popularity: item i (from 0) is drawn with probability proportional to (i + 1)^-exponent. */

import { exp, log } from '../../../sim/elementary.ts'
import type { Random } from '../../../sim/random.ts'
import { weightedIndex } from '../../../sim/weighted-index.ts'

export function zipfIndex(count: number, exponent: number, random: Random): () => number {
  const weights = Float64Array.from({ length: count }, (_, i) => exp(-exponent * log(i + 1)))
  return weightedIndex(weights, random)
}
