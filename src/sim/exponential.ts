/**
 * Exponential numbers, one by one: by inversion, bit for bit what d3-random 3 gives where Math.log1p is
 * fdlibm's.
 */
import { log1p } from './elementary.ts'
import type { Random } from './random.ts'

/** Draws with mean 1. */
export function exponentialDraws(random: Random): () => number {
  return () => -log1p(-random())
}
