/**
 * The power of two choices: of `choices` different lanes drawn at random, the one with the fewest packets,
 * queued and in service; the first drawn on a tie. Two are enough to cut the longest queue from log n / log
 * log n to log log n, at the cost of looking at two lanes instead of all. Reorders every flow. Source:
 * Mitzenmacher, IEEE TPDS 12(10), 2001; Azar, Broder, Karlin, Upfal, SIAM J. Comput. 29(1), 1999. Validation:
 * two-choices.test.ts (choice, ties, longest queue against random), policies.test.ts (contract).
 */
import { z } from 'zod'
import type { PolicyPlugin } from '../model/policy.ts'
import { packetsOn } from './parts/least-loaded-lane.ts'

const parameters = z.strictObject({
  choices: z
    .int()
    .min(1)
    .max(1024)
    .default(2)
    .describe('different lanes looked at per packet; 1 is random, all lanes when there are fewer'),
})

export const twoChoices: PolicyPlugin<typeof parameters> = {
  name: 'two-choices',
  description: 'the shorter of two lanes drawn at random (choices)',
  models: 'the power of two choices (Mitzenmacher 2001)',
  keepsOrder: 'with one lane only',
  parameters,
  usesRandom: true,
  create({ choices }, lanes, random) {
    const { count } = lanes
    const draws = Math.min(choices, count)
    /** All lanes; each packet shuffles as many to the front as it draws. */
    const order = Int32Array.from({ length: count }, (_, lane) => lane)
    return {
      name: 'two-choices',
      keepsFlowOrder: count === 1,
      choose() {
        let best = 0
        let fewest = Number.POSITIVE_INFINITY
        for (let i = 0; i < draws; i++) {
          const j = i + Math.floor(random() * (count - i))
          const lane = order[j]!
          order[j] = order[i]!
          order[i] = lane
          const packets = packetsOn(lanes, lane)
          if (packets < fewest) {
            best = lane
            fewest = packets
          }
        }
        return best
      },
    }
  },
}
