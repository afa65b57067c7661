/**
 * Join the shortest queue: every packet to the lane with the fewest packets, queued and in service; the
 * lowest-numbered on a tie. Balances nearly as well as one central queue without holding packets back. It
 * counts packets, not work, and reorders every flow. Validation: least-loaded.test.ts (choice and ties),
 * policies.test.ts (contract).
 */
import { z } from 'zod'
import type { PolicyPlugin } from '../model/policy.ts'
import { leastLoadedLane } from './parts/least-loaded-lane.ts'

const parameters = z.strictObject({})

export const leastLoaded: PolicyPlugin<typeof parameters> = {
  name: 'least-loaded',
  description: 'every packet to the lane with the fewest packets (join the shortest queue)',
  models: 'join the shortest queue, as load balancers and user-space packet pools do it',
  keepsOrder: 'with one lane only',
  parameters,
  usesRandom: false,
  create(_parameters, lanes) {
    return {
      name: 'least-loaded',
      keepsFlowOrder: lanes.count === 1,
      choose: () => leastLoadedLane(lanes),
    }
  },
}
