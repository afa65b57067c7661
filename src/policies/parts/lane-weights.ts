/** Weights of lanes as users write them: "3:1" or [3, 1]. */
import { z } from 'zod'

const WEIGHT_MAX = 1e6

/** One weight per lane, at least one above 0; as a list of numbers. */
export const laneWeights = z
  .union([
    z.array(z.number().min(0).max(WEIGHT_MAX)).max(1024),
    z.string().regex(/^\d+(\.\d+)?(:\d+(\.\d+)?)*$/),
  ])
  .transform((given) => (typeof given === 'string' ? given.split(':').map(Number) : given))
  .refine((list) => list.every((weight) => weight <= WEIGHT_MAX), {
    error: `has a weight above ${WEIGHT_MAX} - only their proportion counts, so give smaller ones`,
  })
  .refine((list) => list.some((weight) => weight > 0), { error: 'all weights are 0 - give one above 0' })
  .describe('one weight per lane, like 3:1 or [3, 1]')

/** The weights, or all 1 where none are given. Throws when there isn't one for every lane. */
export function weightsFor(lanes: number, weights: readonly number[] | undefined): readonly number[] {
  if (weights === undefined) return new Array<number>(lanes).fill(1)
  if (weights.length !== lanes) {
    throw new Error(`${weights.length} weights for ${lanes} lanes - give one weight per lane`)
  }
  return weights
}
