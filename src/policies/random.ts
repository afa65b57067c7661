/**
 * Every packet to a lane drawn at random, equally or by weights. With two lanes behind links of unequal delay
 * this is the two-path model; with exponential service it is k private M/M/1 queues. Validation:
 * random.test.ts (shares), policies.test.ts (contract), oracles.test.ts (two private M/M/1 queues).
 */
import { z } from 'zod'
import type { PolicyPlugin } from '../model/policy.ts'
import { laneWeights, weightsFor } from './parts/lane-weights.ts'

const parameters = z.strictObject({ weights: laneWeights.optional() })

export const random: PolicyPlugin<typeof parameters> = {
  name: 'random',
  description: 'every packet to a random lane (weights)',
  models: 'per-packet spraying by chance; with two lanes and unequal links the two-path model',
  keepsOrder: 'with one lane only, or one weight above 0',
  parameters,
  usesRandom: true,
  create({ weights: given }, lanes, uniform) {
    const { count } = lanes
    if (given === undefined) {
      return { name: 'random', keepsFlowOrder: count === 1, choose: () => Math.floor(uniform() * count) }
    }
    const weights = weightsFor(count, given)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const last = weights.findLastIndex((weight) => weight > 0)
    return {
      name: 'random',
      keepsFlowOrder: weights.filter((weight) => weight > 0).length === 1,
      choose() {
        let left = uniform() * total
        let lane = 0
        while (lane < last && left >= weights[lane]!) left -= weights[lane++]!
        return lane
      },
    }
  },
}
