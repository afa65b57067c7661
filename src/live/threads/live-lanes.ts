/**
 * The lanes of a replay as its policy sees them: counts from shared memory, as they were when departures were
 * last taken note of. So the view and what `onDeparture` has told always agree, and both lag behind the lanes
 * a little. As in the simulator, a packet handed to an idle lane is in service at once, its wake-up included.
 */
import type { LaneView } from '../../model/policy.ts'
import type { RingInput } from './ring.ts'

export class LiveLanes implements LaneView {
  readonly count: number
  /** The reader's clock: what busyNs is measured to. */
  nowNs = 0
  readonly capacityPackets: number
  private readonly rings: readonly RingInput[]
  /** Per lane, in shared memory: time in service up to the last packet that it finished. */
  private readonly servedNs: Float64Array
  /** Per lane, in shared memory: when it began with its packet; NaN while it has none. */
  private readonly servingSinceNs: Float64Array

  constructor(
    rings: readonly RingInput[],
    capacityPackets: number,
    times: { readonly servedNs: Float64Array; readonly servingSinceNs: Float64Array },
  ) {
    this.count = rings.length
    this.rings = rings
    this.capacityPackets = capacityPackets
    this.servedNs = times.servedNs
    this.servingSinceNs = times.servingSinceNs
  }

  /** Packets handed over that haven't departed. */
  private inside(lane: number): number {
    const { pushed, departed } = this.rings[lane]!
    return pushed - departed
  }

  queued(lane: number): number {
    return Math.max(0, this.inside(lane) - 1)
  }
  inService(lane: number): number {
    return Math.min(1, this.inside(lane))
  }
  isIdle(lane: number): boolean {
    return this.inside(lane) === 0
  }
  freeSlots(lane: number): number {
    return this.capacityPackets - this.queued(lane)
  }
  finished(lane: number): number {
    return this.rings[lane]!.departed
  }
  busyNs(lane: number): number {
    const sinceNs = this.servingSinceNs[lane]!
    const servedNs = this.servedNs[lane]!
    return Number.isNaN(sinceNs) ? servedNs : servedNs + Math.max(0, this.nowNs - sinceNs)
  }
}
