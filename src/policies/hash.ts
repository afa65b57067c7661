/**
 * The flow's hash modulo the number of lanes: stateless, keeps the order of every flow, and leaves the
 * balance to luck. `symmetric` gives both directions of a conversation the same lane, `address-pair` all that
 * two hosts say, `inner` the flows inside a tunnel theirs: these keep their order, the tunnel doesn't. The
 * hash is MurmurHash3 (model/packets/hash.ts). Validation: policies.test.ts (contract: 0 reordered),
 * hash.test.ts.
 */
import { z } from 'zod'
import type { PolicyPlugin } from '../model/policy.ts'

const parameters = z.strictObject({
  key: z
    .enum(['5-tuple', 'symmetric', 'address-pair', 'inner'])
    .default('5-tuple')
    .describe(
      "what is hashed: the directed 5-tuple, both directions alike, the two addresses, or the 5-tuple inside a tunnel (whose own order isn't kept)",
    ),
})

export const hash: PolicyPlugin<typeof parameters> = {
  name: 'hash',
  description: "the flow's hash modulo the number of lanes",
  models: 'static flow hashing: ECMP, worker pools keyed by flow',
  keepsOrder: 'always',
  parameters,
  usesRandom: false,
  create({ key }, lanes) {
    const { count } = lanes
    const policy = { name: 'hash', keepsFlowOrder: true }
    if (key === 'symmetric') return { ...policy, choose: (packet) => packet.flow.hashSymmetric % count }
    if (key === 'address-pair') return { ...policy, choose: (packet) => packet.flow.hashAddressPair % count }
    const flowKey = key === 'inner' ? key : '5-tuple'
    return { ...policy, flowKey, choose: (packet) => packet.flow.hash5Tuple % count }
  },
}
