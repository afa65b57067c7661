/**
 * The lowest-numbered idle lane, else hold: packets wait in the TUN queue until some lane is free, so the lanes
 * share one central queue. This is the OpenVPN fork's mtio mode as first written ("spray"), and what several
 * threads reading one descriptor do. It balances perfectly and reorders every flow.
 * Validation: policies.test.ts (contract), oracles.test.ts (shared queue of two servers).
 */
import { z } from 'zod'
import { HOLD, type PolicyPlugin } from '../model/policy.ts'

const parameters = z.strictObject({})

export const anyIdle: PolicyPlugin<typeof parameters> = {
  name: 'any-idle',
  description: 'the lowest-numbered idle lane, else the packet waits in the TUN queue',
  parameters,
  usesRandom: false,
  create(_parameters, lanes) {
    return {
      name: 'any-idle',
      keepsFlowOrder: lanes.count === 1,
      choose() {
        for (let lane = 0; lane < lanes.count; lane++) if (lanes.isIdle(lane)) return lane
        return HOLD
      },
    }
  },
}
