/**
 * Sprayer: TCP packets that open or close a connection (SYN, FIN, RST) go to the lane that the flow's hash
 * designates, both directions to the same one, so that connection state has one writer; everything else is
 * sprayed, so that one flow can use every lane. Reorders every flow, and a FIN may overtake the data before
 * it. The paper sprays by bits of the TCP checksum, which is like chance. Its forwarding of packets between
 * cores when state must be written is not modelled. Source: Sadok, Campista, Costa, "A case for spraying
 * packets in software middleboxes", HotNets 2018. Validation: sprayer.test.ts (which packets are designated,
 * each spray), policies.test.ts (contract).
 */
import { z } from 'zod'
import { TCP } from '../model/packets/flow-table.ts'
import { HOLD, type LaneView, type PolicyPlugin } from '../model/policy.ts'
import type { Random } from '../sim/random.ts'

const parameters = z.strictObject({
  spray: z
    .enum(['random', 'round-robin', 'any-idle'])
    .default('random')
    .describe('lane of a data packet: drawn at random, in turn, or the lowest idle one, else it waits'),
})

const FIN_SYN_RST = 0x07

export const sprayer: PolicyPlugin<typeof parameters> = {
  name: 'sprayer',
  description: "data packets sprayed, TCP SYN, FIN and RST to the lane of the flow's hash",
  models: 'Sprayer (HotNets 2018)',
  keepsOrder: 'with one lane only',
  parameters,
  usesRandom: true,
  create({ spray }, lanes, random) {
    const next = spraying(spray, lanes, random)
    return {
      name: 'sprayer',
      keepsFlowOrder: lanes.count === 1,
      choose(packet) {
        const { flow } = packet
        const designated = (packet.tcpFlags & FIN_SYN_RST) !== 0 && flow.protocol === TCP
        return designated ? flow.hashSymmetric % lanes.count : next()
      },
    }
  },
}

function spraying(spray: string, lanes: LaneView, random: Random): () => number {
  const { count } = lanes
  if (spray === 'random') return () => Math.floor(random() * count)
  if (spray === 'any-idle') {
    return () => {
      for (let lane = 0; lane < count; lane++) if (lanes.isIdle(lane)) return lane
      return HOLD
    }
  }
  let last = -1
  return () => {
    last = last + 1 === count ? 0 : last + 1
    return last
  }
}
