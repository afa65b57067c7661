/**
 * An idle lane, else hold: packets wait in the TUN queue until some lane is free, so the lanes share one
 * central queue. It balances perfectly and reorders every flow. The lowest-numbered idle lane is the OpenVPN
 * fork's mtio mode as first written ("spray"); the one that has been idle longest is like several threads
 * that read one descriptor: replays measured equal shares of the packets for them (results/golden/live.md).
 * Validation: policies.test.ts (contract), oracles.test.ts (shared queue of two servers).
 */
import { z } from 'zod'
import { HOLD, type PolicyPlugin } from '../model/policy.ts'

const parameters = z.strictObject({
  order: z
    .enum(['lowest', 'longest'])
    .default('lowest')
    .describe('which idle lane: the lowest-numbered, or the one that has been idle longest'),
})

export const anyIdle: PolicyPlugin<typeof parameters> = {
  name: 'any-idle',
  description: 'an idle lane (lowest-numbered, or longest idle), else the packet waits in the TUN queue',
  models: "the OpenVPN fork's mtio mode as first written; order=longest: threads that read one descriptor",
  keepsOrder: 'with one lane only',
  parameters,
  usesRandom: false,
  create({ order }, lanes) {
    const { count } = lanes
    const keepsFlowOrder = count === 1
    if (order === 'lowest') {
      return {
        name: 'any-idle',
        keepsFlowOrder,
        choose() {
          for (let lane = 0; lane < count; lane++) if (lanes.isIdle(lane)) return lane
          return HOLD
        },
      }
    }
    /** Per lane the number of the departure that it had last; 0: none. */
    const lastDeparture = new Float64Array(count)
    let departures = 0
    return {
      name: 'any-idle',
      keepsFlowOrder,
      choose() {
        let chosen = HOLD
        for (let lane = 0; lane < count; lane++) {
          if (!lanes.isIdle(lane)) continue
          if (chosen === HOLD || lastDeparture[lane]! < lastDeparture[chosen]!) chosen = lane
        }
        return chosen
      },
      onDeparture(_packet, lane) {
        lastDeparture[lane] = ++departures
      },
    }
  },
}
