/**
 * An idle lane, else hold: packets wait in the TUN queue until some lane is free, so the lanes share one
 * central queue. It balances perfectly and reorders every flow. The one that has been idle longest is like
 * several threads that read one descriptor: replays measured equal shares of the packets for them
 * (results/golden/live.md). The highest-numbered that was idle at the last look, right after a packet was
 * handed out, is what the manager of the OpenVPN fork's mtio mode does without its map ("spray"; read from
 * its source, and seen in its threads' counters); the lowest-numbered is a plain form of that.
 * Validation: any-idle.test.ts (by hand), policies.test.ts (contract), oracles.test.ts (shared queue of two
 * servers).
 */
import { z } from 'zod'
import { HOLD, type PolicyPlugin } from '../model/policy.ts'

const parameters = z.strictObject({
  order: z
    .enum(['lowest', 'longest', 'last-look'])
    .default('lowest')
    .describe(
      'which idle lane: the lowest-numbered, the one that has been idle longest, or the highest-numbered that was idle right after the packet before was handed out, as the fork does',
    ),
})

export const anyIdle: PolicyPlugin<typeof parameters> = {
  name: 'any-idle',
  description:
    'an idle lane (lowest-numbered, longest idle, or as last seen), else the packet waits in the TUN queue',
  models:
    "order=last-look: the OpenVPN fork's mtio mode without its map; order=longest: threads that read one descriptor",
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
    if (order === 'last-look') {
      const highestIdle = (but: number) => {
        for (let lane = count - 1; lane >= 0; lane--) if (lane !== but && lanes.isIdle(lane)) return lane
        return HOLD
      }
      /** Of the look after the last packet. Nobody else gives it work, so it stays idle. */
      let kept = HOLD
      return {
        name: 'any-idle',
        keepsFlowOrder,
        choose() {
          const lane = kept === HOLD ? highestIdle(HOLD) : kept
          // The packet is handed out at this instant; its lane is the only one that this changes.
          if (lane !== HOLD) kept = highestIdle(lane)
          return lane
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
