/**
 * A flow stays on its lane while any packet of it is between the choice and the lane's end, and may go to the
 * least loaded lane whenever nothing of it is in flight. So no packet ever overtakes one of its flow, without
 * a TTL to guess: the order-preserving yardstick that other policies are measured against. It isn't an
 * optimum: a move could be safe earlier, when the old lane is sure to finish first. Receive flow steering has
 * this rule with a queue's tail instead of a count (and learns of departures in batches), Flowcut with
 * acknowledged bytes. Source: Linux net/core/dev.c get_rps_cpu and Documentation/networking/scaling.rst;
 * Flowcut, arXiv 2506.21406. Validation: drained.test.ts (the rule for moves), policies.test.ts (contract: 0
 * reordered, no unsafe move).
 */

import { z } from 'zod'
import type { Flow } from '../model/packets/flow-table.ts'
import type { PolicyPlugin } from '../model/policy.ts'
import { grown } from '../sim/grown.ts'
import { leastLoadedLane } from './parts/least-loaded-lane.ts'

const parameters = z.strictObject({
  key: z
    .enum(['5-tuple', 'address-pair', 'inner'])
    .default('5-tuple')
    .describe(
      "what stays together: a flow, everything that two hosts say, or a flow inside a tunnel (whose own order isn't kept)",
    ),
})

export const drained: PolicyPlugin<typeof parameters> = {
  name: 'drained',
  description: 'a flow moves to the least loaded lane only when nothing of it is in flight',
  models: 'the rule of receive flow steering (RFS) and Flowcut',
  keepsOrder: 'always',
  parameters,
  usesRandom: false,
  create({ key }, lanes) {
    const keyOf = key === 'address-pair' ? (flow: Flow) => flow.pairIndex : (flow: Flow) => flow.index
    let laneOf = new Int16Array(1024)
    let inFlight = new Int32Array(1024)
    function grow(keys: number): void {
      laneOf = grown(laneOf, keys)
      inFlight = grown(inFlight, keys)
    }
    return {
      name: 'drained',
      flowKey: key === 'inner' ? key : '5-tuple',
      keepsFlowOrder: true,
      choose(packet) {
        const id = keyOf(packet.flow)
        if (id >= laneOf.length) grow(id + 1)
        if (inFlight[id]!++ === 0) laneOf[id] = leastLoadedLane(lanes)
        return laneOf[id]!
      },
      onDeparture(packet) {
        inFlight[keyOf(packet.flow)]!--
      },
    }
  },
}
