/**
 * An example of a policy of your own, and a warning: small packets (voice, ACKs) get lane 0 for themselves,
 * all others are hashed over the other lanes. Tempting for latency; but a flow with packets of both sizes is
 * now on two lanes, and its small packets overtake its large ones.
 *
 * npx lanewise compare @02 -p hash -p ./examples/small-first.ts:belowBytes=300
 */
import { definePolicy, z } from 'lanewise'

export const policy = definePolicy({
  name: 'small-first',
  description: 'small packets to lane 0, the others hashed over the rest',
  parameters: z.strictObject({
    belowBytes: z.int().min(1).default(200).describe('packets smaller than this go to lane 0'),
  }),
  usesRandom: false,
  create({ belowBytes }, lanes) {
    const others = lanes.count - 1
    return {
      name: 'small-first',
      keepsFlowOrder: others === 0,
      choose(packet) {
        if (others === 0 || packet.sizeBytes < belowBytes) return 0
        return 1 + (packet.flow.hash5Tuple % others)
      },
    }
  },
})
