/**
 * Every packet to the next lane in turn, whatever its flow: the plainest spray. Reorders whenever two packets
 * of one flow take unequal time. Validation: policies.test.ts (contract), oracles.test.ts (D/M/1 queues under
 * periodic arrivals).
 */
import { z } from 'zod'
import type { PolicyPlugin } from '../model/policy.ts'

const parameters = z.strictObject({})

export const roundRobin: PolicyPlugin<typeof parameters> = {
  name: 'round-robin',
  description: 'every packet to the next lane in turn',
  models: 'the plainest spray: pistons, per-packet round-robin of links',
  keepsOrder: 'with one lane only',
  parameters,
  usesRandom: false,
  create(_parameters, lanes) {
    let next = 0
    return {
      name: 'round-robin',
      keepsFlowOrder: lanes.count === 1,
      choose() {
        const lane = next
        next = lane + 1 === lanes.count ? 0 : lane + 1
        return lane
      },
    }
  },
}
