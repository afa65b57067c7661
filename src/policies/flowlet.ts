/**
 * Flowlets: a flow that was silent for more than `gap` is placed anew, otherwise it stays and its clock
 * starts again with every packet. When the gap is longer than any difference of delay between lanes nothing
 * is reordered; the policy can't see that, so it may reorder. Two packets exactly `gap` apart are one
 * flowlet. Source: Sinha, Kandula, Katabi, HotNets 2004; Kandula et al. (FLARE), CCR 37(2), 2007; Vanini et
 * al. (LetFlow), NSDI 2017 (random next path, gap of 500 us). Every flow has its own entry; CONGA's 64 K
 * shared ones aren't modelled. Validation: flowlet.test.ts (the gap's boundary, each next lane),
 * policies.test.ts (contract).
 */

import { z } from 'zod'
import type { LaneView, PolicyPlugin } from '../model/policy.ts'
import { grown } from '../sim/grown.ts'
import type { Random } from '../sim/random.ts'
import { durationNs } from '../unit-schemas.ts'
import { leastLoadedLane } from './parts/least-loaded-lane.ts'

const NONE = -1

const parameters = z.strictObject({
  gap: z
    .union([z.literal('never').transform(() => Number.POSITIVE_INFINITY), durationNs])
    .prefault('500us')
    .describe('silence beyond which a flow is placed anew; "never" keeps it on its first lane'),
  assign: z
    .enum(['random', 'round-robin', 'least-loaded'])
    .default('random')
    .describe('lane of the next flowlet: drawn at random (LetFlow), in turn, or the one with fewest packets'),
})

export const flowlet: PolicyPlugin<typeof parameters> = {
  name: 'flowlet',
  description: 'a flow is placed anew after a silence longer than a gap (LetFlow)',
  models: 'FLARE and LetFlow (NSDI 2017)',
  keepsOrder: "with one lane only; nothing is reordered while gap exceeds the lanes' difference in delay",
  parameters,
  usesRandom: true,
  timeToLive: { parameter: 'gap', never: 'never', movesOnlyByTtl: () => true },
  create({ gap, assign }, lanes, random) {
    const place = placement(assign, lanes, random)
    let laneOf = new Int16Array(1024).fill(NONE)
    let lastSeenNs = new Float64Array(1024)
    function grow(flows: number): void {
      laneOf = grown(laneOf, flows, NONE)
      lastSeenNs = grown(lastSeenNs, flows)
    }
    return {
      name: 'flowlet',
      keepsFlowOrder: lanes.count === 1 || gap === Number.POSITIVE_INFINITY,
      choose(packet, _lanes, nowNs) {
        const { index } = packet.flow
        if (index >= laneOf.length) grow(index + 1)
        if (laneOf[index] === NONE || nowNs - lastSeenNs[index]! > gap) laneOf[index] = place()
        lastSeenNs[index] = nowNs
        return laneOf[index]!
      },
    }
  },
}

function placement(assign: string, lanes: LaneView, random: Random): () => number {
  if (assign === 'random') return () => Math.floor(random() * lanes.count)
  if (assign === 'least-loaded') return () => leastLoadedLane(lanes)
  let last = -1
  return () => {
    last = last + 1 === lanes.count ? 0 : last + 1
    return last
  }
}
