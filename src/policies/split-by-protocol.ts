/**
 * The split tunnel: UDP has lanes of its own, the lowest-numbered, and everything else (TCP above all) has
 * the others; inside its group a packet follows a rule. Spraying UDP then never delays TCP's order and the
 * other way round, but a group can stand idle while the other is full. Keeps the order of every flow with
 * `hash`, and with any rule while each group is one lane. With any-idle a packet that waits for its group
 * holds back those behind it, since both groups share one TUN queue; the real split tunnel has two. One lane
 * alone serves everything. Source: the OpenVPN fork author's post on one tunnel for UDP and another for TCP.
 * Validation: split-by-protocol.test.ts (groups, rules), policies.test.ts (contract).
 */
import { z } from 'zod'
import { UDP } from '../model/packets/flow-table.ts'
import { HOLD, type LaneView, type Packet, type PolicyPlugin } from '../model/policy.ts'

const parameters = z.strictObject({
  udpLanes: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .describe('lanes for UDP, from lane 0 on; the others serve the rest; half of the lanes when left out'),
  rule: z
    .enum(['hash', 'round-robin', 'any-idle'])
    .default('hash')
    .describe(
      'lane within the group: by the hash of the flow, in turn, or the lowest idle one, else it waits',
    ),
})

export const splitByProtocol: PolicyPlugin<typeof parameters> = {
  name: 'split-by-protocol',
  description: 'UDP to one group of lanes, everything else to the other (the split tunnel)',
  models: 'the split tunnel: one tunnel for UDP, another for TCP',
  keepsOrder: 'with rule=hash, or while each group is one lane',
  parameters,
  usesRandom: false,
  needsAddresses: () => 'it divides packets by their protocol',
  create({ udpLanes: given, rule }, lanes) {
    const { count } = lanes
    if (count > 1 && given !== undefined && given >= count) {
      const cure = count === 2 ? 'give 1' : `give 1 to ${count - 1}`
      throw new Error(`udpLanes ${given} of ${count} lanes leave none for the rest - ${cure}`)
    }
    const udpLanes = count === 1 ? 1 : (given ?? Math.floor(count / 2))
    const forUdp = withinGroup(rule, lanes, 0, udpLanes)
    const forRest = count === 1 ? forUdp : withinGroup(rule, lanes, udpLanes, count)
    return {
      name: 'split-by-protocol',
      keepsFlowOrder: rule === 'hash' || (udpLanes === 1 && count <= 2),
      choose: (packet) => (packet.flow.protocol === UDP ? forUdp(packet) : forRest(packet)),
    }
  },
}

/** The rule over the lanes `first` .. `end - 1`. */
function withinGroup(rule: string, lanes: LaneView, first: number, end: number): (packet: Packet) => number {
  if (rule === 'hash') return (packet) => first + (packet.flow.hash5Tuple % (end - first))
  if (rule === 'any-idle') {
    return () => {
      for (let lane = first; lane < end; lane++) if (lanes.isIdle(lane)) return lane
      return HOLD
    }
  }
  let next = first
  return () => {
    const lane = next
    next = lane + 1 === end ? first : lane + 1
    return lane
  }
}
