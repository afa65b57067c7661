/**
 * Rendezvous hashing: every lane gets a score from a hash of flow and lane, and the highest wins. A lane more
 * or less moves only the flows that it wins or had won. Weights scale a lane's share (-weight / ln u, u the
 * hash scaled to (0, 1)); a lane of weight 0 stands for one that was removed. Static while a run lasts, so it
 * keeps the order of every flow. Source: Thaler & Ravishankar, IEEE/ACM ToN 6(1), 1998; weights:
 * Schindelhauer & Schomaker, SPAA 2005. Validation: rendezvous.test.ts (only a removed lane's flows move,
 * shares), policies.test.ts (contract).
 */

import { z } from 'zod'
import type { Flow } from '../model/packets/flow-table.ts'
import { hashWords } from '../model/packets/hash.ts'
import type { PolicyPlugin } from '../model/policy.ts'
import { log } from '../sim/elementary.ts'
import { FlowCache } from './parts/flow-cache.ts'
import { laneWeights, weightsFor } from './parts/lane-weights.ts'

const parameters = z.strictObject({ weights: laneWeights.optional() })

export const rendezvous: PolicyPlugin<typeof parameters> = {
  name: 'rendezvous',
  description: 'the lane with the highest hash of flow and lane (highest random weight)',
  models: 'highest random weight (Thaler and Ravishankar 1998)',
  keepsOrder: 'always',
  parameters,
  usesRandom: false,
  create({ weights: given }, lanes) {
    const weights = weightsFor(lanes.count, given)
    const word = new Uint32Array(1)
    const winner = new FlowCache((flow: Flow) => {
      word[0] = flow.hash5Tuple
      let best = 0
      let highest = Number.NEGATIVE_INFINITY
      for (let lane = 0; lane < weights.length; lane++) {
        const u = (hashWords(word, 1, lane) + 0.5) / 2 ** 32
        const score = weights[lane]! === 0 ? Number.NEGATIVE_INFINITY : -weights[lane]! / log(u)
        if (score > highest) {
          best = lane
          highest = score
        }
      }
      return best
    })
    return {
      name: 'rendezvous',
      keepsFlowOrder: true,
      choose: (packet) => winner.of(packet.flow),
    }
  },
}
