/**
 * Every packet to a lane drawn at random, equally or by weights. With two lanes behind links of unequal delay this
 * is the two-path model; with exponential service it is k private M/M/1 queues.
 * Validation: policies.test.ts (contract), oracles.test.ts (two private M/M/1 queues).
 */
import { z } from 'zod'
import type { PolicyPlugin } from '../model/policy.ts'

/** "3:1" or [3, 1]. */
const weights = z
  .union([z.array(z.number().nonnegative()), z.string().regex(/^\d+(\.\d+)?(:\d+(\.\d+)?)*$/)])
  .transform((given) => (typeof given === 'string' ? given.split(':').map(Number) : given))
  .refine((list) => list.some((weight) => weight > 0), { error: 'all weights are 0 - give one above 0' })
  .describe('one weight per lane, like 3:1 or [3, 1]')

const parameters = z.strictObject({ weights: weights.optional() })

export const random: PolicyPlugin<typeof parameters> = {
  name: 'random',
  description: 'every packet to a random lane (weights)',
  parameters,
  usesRandom: true,
  create({ weights }, lanes, uniform) {
    const { count } = lanes
    const keepsFlowOrder = count === 1
    if (weights === undefined) {
      return { name: 'random', keepsFlowOrder, choose: () => Math.floor(uniform() * count) }
    }
    if (weights.length !== count) {
      throw new Error(`${weights.length} weights for ${count} lanes - give one weight per lane`)
    }
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const last = weights.findLastIndex((weight) => weight > 0)
    return {
      name: 'random',
      keepsFlowOrder,
      choose() {
        let left = uniform() * total
        let lane = 0
        while (lane < last && left >= weights[lane]!) left -= weights[lane++]!
        return lane
      },
    }
  },
}
