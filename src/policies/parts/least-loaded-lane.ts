/** The choice that several policies share: the lane with the fewest packets, queued and in service. */
import type { LaneView } from '../../model/policy.ts'

/** Packets that the lane has: waiting and in service. */
export function packetsOn(lanes: LaneView, lane: number): number {
  return lanes.queued(lane) + lanes.inService(lane)
}

/** The lane with the fewest packets; the lowest-numbered on a tie. */
export function leastLoadedLane(lanes: LaneView): number {
  let best = 0
  let fewest = Number.POSITIVE_INFINITY
  for (let lane = 0; lane < lanes.count; lane++) {
    const packets = packetsOn(lanes, lane)
    if (packets < fewest) {
      best = lane
      fewest = packets
    }
  }
  return best
}
