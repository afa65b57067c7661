/**
 * The lanes as they were `delayNs` ago: what policies see of them under `reader.feedbackDelay`. Every change
 * of a lane is noted as a snapshot and shown once it is that old, the reader's own hand-overs too: it doesn't
 * count what it has given away itself. So policies that follow the load send several packets to the lane that
 * looks best, and herd. Only the view is old: a full queue, the stage and `onDeparture` go by the true state.
 * May reorder nothing by itself. Memory follows the changes within one delay.
 */

import type { LaneView } from '../policy.ts'
import type { LaneState, Lanes } from './lane.ts'

interface Snapshot {
  readonly lane: number
  readonly state: LaneState
  /** When the policy gets to see it, ns. */
  readonly visibleNs: number
}

export class StaleLanes implements LaneView {
  readonly count: number
  private readonly lanes: Lanes
  private readonly delayNs: number
  private readonly schedule: (timeNs: number) => void
  /** What the policy sees. */
  private readonly seen: LaneState[]
  /** What it will see, oldest first, from `first` on. */
  private coming: Snapshot[] = []
  private first = 0

  /**
   * @param schedule asks for `catchUp` at that time, instead of one asked for before; Infinity: not at all
   */
  constructor(lanes: Lanes, delayNs: number, schedule: (timeNs: number) => void) {
    this.count = lanes.count
    this.lanes = lanes
    this.delayNs = delayNs
    this.schedule = schedule
    this.seen = lanes.lanes.map((lane) => lane.state())
  }

  /** Nothing new will be seen unless something happens. */
  get isUpToDate(): boolean {
    return this.first === this.coming.length
  }

  /** The lane has changed just now. */
  note(lane: number, nowNs: number): void {
    const visibleNs = nowNs + this.delayNs
    if (this.isUpToDate) this.schedule(visibleNs)
    this.coming.push({ lane, state: this.lanes.lanes[lane]!.state(), visibleNs })
  }

  /** Shows what is old enough now; true when a packet is seen to have left, which is news for one on HOLD. */
  catchUp(nowNs: number): boolean {
    let left = false
    for (; !this.isUpToDate; this.first++) {
      const { lane, state, visibleNs } = this.coming[this.first]!
      if (visibleNs > nowNs) break
      if (state.finished > this.seen[lane]!.finished) left = true
      this.seen[lane] = state
    }
    if (this.first > this.coming.length / 2) {
      this.coming = this.coming.slice(this.first)
      this.first = 0
    }
    this.schedule(this.coming[this.first]?.visibleNs ?? Number.POSITIVE_INFINITY)
    return left
  }

  queued(lane: number): number {
    return this.seen[lane]!.queued
  }
  inService(lane: number): number {
    return this.seen[lane]!.inService
  }
  isIdle(lane: number): boolean {
    return this.seen[lane]!.inService === 0
  }
  freeSlots(lane: number): number {
    return this.lanes.capacityPackets - this.seen[lane]!.queued
  }
  finished(lane: number): number {
    return this.seen[lane]!.finished
  }
  busyNs(lane: number): number {
    const { servedNs, startedNs, serviceNs } = this.seen[lane]!
    const inProgressNs = this.lanes.nowNs - this.delayNs - startedNs
    return servedNs + Math.min(serviceNs, Math.max(0, inProgressNs))
  }
}
