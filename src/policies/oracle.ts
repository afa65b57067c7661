/**
 * A bound, for the simulator only: it knows how long every packet will take on every lane. A packet goes to
 * the lane that finishes it first, of those on which it cannot finish before its flow's packet before it.
 * Flows are moved as often as that allows, so no order-keeping rule without more knowledge balances better.
 * Stalls, wake-ups, stages and unequal links are not foreseen and can reorder; without them nothing is.
 * Validation: oracle.test.ts (hand-worked choices, 0 reordered, beats drained), policies.test.ts (contract).
 */
import { z } from 'zod'
import type { PolicyPlugin } from '../model/policy.ts'

const parameters = z.strictObject({})

export const oracle: PolicyPlugin<typeof parameters> = {
  name: 'oracle',
  description: "a bound: foresees each packet's work (simulator only)",
  models: 'nothing real: a bound for order-keeping rules',
  keepsOrder:
    'with one lane for certain; else as long as nothing unforeseen happens (stalls, wake-ups, stages, unequal links)',
  parameters,
  usesRandom: false,
  create(_parameters, lanes) {
    /** Per flow: when its last packet will be finished, ns. */
    const finishNs: number[] = []
    /** Per flow: the lane of its last packet, always a safe choice. */
    const lastLane: number[] = []
    return {
      name: 'oracle',
      keepsFlowOrder: lanes.count === 1,
      choose(packet, view, nowNs) {
        const future = view.oracle
        if (future === undefined) throw new Error('foresees only simulated lanes, with no feedbackDelay')
        const flow = packet.flow.index
        const before = finishNs[flow] ?? Number.NEGATIVE_INFINITY
        let best = lastLane[flow] ?? 0
        let bestNs = Number.POSITIVE_INFINITY
        for (let lane = 0; lane < view.count; lane++) {
          const doneNs = future.doneNs(lane, nowNs) + future.serviceNs(packet, lane)
          const isSafe = doneNs > before || lane === lastLane[flow]
          if (isSafe && doneNs < bestNs) {
            best = lane
            bestNs = doneNs
          }
        }
        finishNs[flow] = Math.max(before, bestNs)
        lastLane[flow] = best
        return best
      },
    }
  },
}
