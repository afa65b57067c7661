/**
 * An example of a policy with a time to live: a flow keeps its lane until it has been silent for the TTL,
 * then it goes to the next lane in turn. `timeToLive` tells tune which parameter that is; how long is long
 * enough?
 *
 * npx lanewise tune scenarios/02-spray-breaks-udp.yaml -p ./examples/sticky.ts
 */
import { definePolicy, durationNs, z } from 'lanewise'

const forEver = z.literal('never').transform(() => Number.POSITIVE_INFINITY)

export const policy = definePolicy({
  name: 'sticky',
  description: 'a flow keeps its lane until it has been silent for the TTL, then the next one in turn',
  parameters: z.strictObject({
    ttl: z.union([forEver, durationNs]).prefault('1s').describe('silence after which a flow is placed anew'),
  }),
  usesRandom: false,
  timeToLive: { parameter: 'ttl', never: 'never', movesOnlyByTtl: () => true },
  create({ ttl }, lanes) {
    const laneOf: number[] = []
    const lastSeenNs: number[] = []
    let placed = 0
    return {
      name: 'sticky',
      keepsFlowOrder: lanes.count === 1 || ttl === Number.POSITIVE_INFINITY,
      choose({ flow }, _lanes, nowNs) {
        const { index } = flow
        const isNew = laneOf[index] === undefined || nowNs - lastSeenNs[index]! >= ttl
        if (isNew) laneOf[index] = placed++ % lanes.count
        lastSeenNs[index] = nowNs
        return laneOf[index]!
      },
    }
  },
})
