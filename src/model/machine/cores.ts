/**
 * Fewer cores than lanes: lanes with something to serve take turns, and service goes on only on a core. A
 * lane that finds no core free queues for one; it leaves its core when it runs out of packets, or at the end
 * of its time slice if another lane waits (else it has another slice). A slice is the lane's, not the
 * packet's: it may serve many packets in one. Whoever wakes up does so without a core, then queues for one.
 * Switching costs nothing. A lane's own packets stay in order; packets of different lanes may pass each
 * other, as with unequal speeds. Source: the round-robin policy of sched(7); tiny slices approach processor
 * sharing. Validation: cores.test.ts (turns worked by hand, M/M/1, processor sharing).
 */
import type { Lane, LaneSettings } from './lane.ts'

/** Lanes that have to share cores, for a pipeline. */
export interface LaneCores {
  /** The lane takes `row`: the next one of a lane at work, or the one that wakes it, `wakeUpNs` from now. */
  start(lane: Lane, row: number, nowNs: number, wakeUpNs: number): void
  /** The lane's event is due: has it finished? If not, it has woken up or its slice is over. */
  hasFinished(lane: number, nowNs: number): boolean
  /** The lane on its core has another part of its packet to do. */
  goOn(lane: number, nowNs: number): void
  /** The lane has nothing left to serve. */
  release(lane: number, nowNs: number): void
}

/** What the cores need of the pipeline around them. */
export interface CoresHost {
  /** Sets the time of the lane's one event; Infinity for none. */
  scheduleLane(lane: number, timeNs: number): void
  /** The lane has got or lost its core. */
  coreChanged(lane: number, nowNs: number): void
}

/** Undefined where every lane has a core of its own. */
export function sharedCores(
  { cores }: LaneSettings,
  lanes: readonly Lane[],
  host: CoresHost,
): Cores | undefined {
  return cores === undefined ? undefined : new Cores(cores.count, cores.timeSliceNs, lanes, host)
}

export class Cores implements LaneCores {
  private free: number
  private readonly sliceNs: number
  private readonly lanes: readonly Lane[]
  private readonly host: CoresHost
  /** Lanes that wait for a core, first in line first. */
  private readonly line: number[] = []
  /** Per lane: end of its slice, NaN while it has no core. */
  private readonly sliceEndNs: Float64Array
  /** Per lane on a core: when it will have finished its packet, if it may stay. */
  private readonly finishNs: Float64Array

  constructor(count: number, sliceNs: number, lanes: readonly Lane[], host: CoresHost) {
    this.free = count
    this.sliceNs = sliceNs
    this.lanes = lanes
    this.host = host
    this.sliceEndNs = new Float64Array(lanes.length).fill(Number.NaN)
    this.finishNs = new Float64Array(lanes.length)
  }

  start(lane: Lane, row: number, nowNs: number, wakeUpNs: number): void {
    lane.take(row)
    if (this.hasCore(lane.index)) this.goOn(lane.index, nowNs)
    else if (wakeUpNs > 0) this.host.scheduleLane(lane.index, nowNs + wakeUpNs)
    else this.enter(lane.index, nowNs)
  }

  hasFinished(lane: number, nowNs: number): boolean {
    if (!this.hasCore(lane)) this.enter(lane, nowNs)
    else if (this.finishNs[lane] === nowNs) return true
    else {
      this.lanes[lane]!.pause(nowNs)
      this.goOn(lane, nowNs)
    }
    return false
  }

  release(lane: number, nowNs: number): void {
    this.sliceEndNs[lane] = Number.NaN
    if (this.line.length > 0) this.enterCore(this.line.shift()!, nowNs)
    else this.free++
  }

  private hasCore(lane: number): boolean {
    return !Number.isNaN(this.sliceEndNs[lane]!)
  }

  private enter(lane: number, nowNs: number): void {
    if (this.free === 0) this.queue(lane)
    else {
      this.free--
      this.enterCore(lane, nowNs)
    }
  }

  private queue(lane: number): void {
    this.line.push(lane)
    this.host.scheduleLane(lane, Number.POSITIVE_INFINITY)
  }

  private enterCore(lane: number, nowNs: number): void {
    this.sliceEndNs[lane] = nowNs + this.sliceNs
    this.run(lane, nowNs)
    this.host.coreChanged(lane, nowNs)
  }

  /**
   * The lane has a core and a packet that isn't under way: works on, or makes room at the end of its slice.
   */
  goOn(lane: number, nowNs: number): void {
    if (this.sliceEndNs[lane]! > nowNs) this.run(lane, nowNs)
    else if (this.line.length === 0) {
      this.sliceEndNs[lane] = nowNs + this.sliceNs
      this.run(lane, nowNs)
    } else {
      this.release(lane, nowNs)
      this.queue(lane)
      this.host.coreChanged(lane, nowNs)
    }
  }

  private run(lane: number, nowNs: number): void {
    const finishNs = this.lanes[lane]!.run(nowNs)
    this.finishNs[lane] = finishNs
    this.host.scheduleLane(lane, Math.min(finishNs, this.sliceEndNs[lane]!))
  }
}
