/**
 * The fast path: what pipeline.ts, reader.ts and event-queue.ts do together, for the plain case, where
 * nothing but lanes takes time: a reader without cost, links that are instant and lose nothing, no release,
 * no stalls, a core for each lane, an up-to-date view and a policy without a timer. There a packet's way is
 * known when it meets the policy: its lane serves it when it has served those before it (Lindley's
 * recursion), and it leaves at the end of that. So a block of arrivals is given to the lanes in one loop, and
 * those that have left are told in order of time afterwards, or before a policy looks at the lanes. Where a
 * packet has to wait for more than its lane the lanes get back what they have, and the general path goes on;
 * results are the same to the bit (fast-path.slow.test.ts).
 */
import type { EventQueue } from '../../sim/event-queue.ts'
import type { Lane, Lanes, LanesAhead } from '../machine/lane.ts'
import type { Reader } from '../machine/reader.ts'
import type { Observers } from '../observer.ts'
import { BLOCK_PACKETS, type PacketChunk } from '../packets/chunk.ts'
import type { PacketStore } from '../packets/packet-store.ts'
import type { PipelineSettings } from '../pipeline-settings.ts'
import { HOLD } from '../policy.ts'
import type { PolicyHarness } from '../policy-harness.ts'
import { lookaheadApplies } from './applies.ts'
import { LindleyLanes } from './lindley-lanes.ts'

/** Blocks that are left to the general path at most, when packets had to wait there. */
const PAUSE_BLOCKS_MAX = 64

/**
 * The pipeline that the path belongs to: its parts, and what it does with a packet that needs more than a
 * lane.
 */
export interface FastPathParts {
  readonly store: PacketStore
  readonly lanes: Lanes
  readonly events: EventQueue
  readonly observers: Observers
  readonly harness: PolicyHarness
  readonly reader: Reader
  readonly entry: LaneEntry
}

/** What the pipeline does with a packet in front of its lane. */
export interface LaneEntry {
  /** Packets that have got a number in the tunnel. */
  tunnelCount: number
  /** The lane's queue is full: tells everybody where it is dropped; false where it has to wait. */
  refuse(row: number, lane: number): boolean
}

export class FastPath implements LanesAhead {
  private readonly parts: FastPathParts
  private readonly lanes: readonly Lane[]
  private readonly lindley: LindleyLanes
  private readonly room: number
  private readonly hearsPasses: boolean
  private readonly hearsDepartures: boolean
  private isAhead = false
  /** All that have left by now are out of the lanes, or being taken out in order. */
  private isTold = false
  private pauseBlocks = 0
  private blocksToPause = 0

  /** Rows of packets that have left their lanes, and that observers haven't heard of. */
  private readonly departed = new Int32Array(2 * BLOCK_PACKETS)
  private departedCount = 0

  private constructor(parts: FastPathParts) {
    this.parts = parts
    this.lanes = parts.lanes.lanes
    this.lindley = new LindleyLanes(parts.lanes.lanes, parts.store)
    this.room = parts.lanes.capacityPackets
    this.hearsPasses = parts.harness.policy.onPass !== undefined
    this.hearsDepartures = parts.harness.policy.onDeparture !== undefined
  }

  /** undefined where the pipeline isn't plain, or something has to see all that happens in order of time. */
  static of(settings: PipelineSettings, parts: FastPathParts): FastPath | undefined {
    if (!lookaheadApplies(settings, parts.harness.policy, parts.observers.takeBlocks)) return undefined
    parts.store.reserveBlock()
    return new FastPath(parts)
  }

  /**
   * Runs on through the arrivals from..to - 1 of `chunk`, a block at most, or some of them; returns the first
   * that is left.
   */
  consume(chunk: PacketChunk, from: number, to: number): number {
    if (chunk.hasWays || !(this.isAhead || this.takeOver())) {
      this.giveBack()
      return from
    }
    const { store, observers, reader } = this.parts
    store.load(chunk, from, to)
    const met = this.handOver(to - from)
    this.tell()
    observers.block(met)
    this.flush()
    this.lindley.settle()
    if (from + met === to) {
      this.pauseBlocks = 0
      return to
    }
    // The next packet has to wait for something else.
    this.giveBack()
    this.pauseBlocks = Math.min(PAUSE_BLOCKS_MAX, 2 * this.pauseBlocks + 1)
    this.blocksToPause = this.pauseBlocks
    const row = store.settle(met)
    const lane = store.lane[row]!
    store.count++
    store.startNs[row] = Number.NaN
    store.dueNs[row] = Number.POSITIVE_INFINITY
    store.tunnelNumber[row] = -1
    observers.arrival(row)
    if (lane === HOLD) reader.holdOnly(row)
    else {
      observers.choice(row)
      reader.keep(row, lane)
    }
    return from + met + 1
  }

  /** Tells all that leave before the horizon; false where it isn't ahead. */
  advanceTo(horizonNs: number): boolean {
    if (!this.isAhead) return false
    const { store } = this.parts
    const beforeNs = store.nowNs
    // Times are whole, so this is the last moment before.
    store.nowNs = Math.ceil(horizonNs) - 0.5
    this.tell()
    this.flush()
    this.lindley.settle()
    // The clock stands where the last event left it, as on the general path, and not at the horizon.
    store.nowNs = Math.max(beforeNs, this.lindley.lastLeftNs())
    return true
  }

  /**
   * Gives the lanes and the event queue what they would have without the fast path; nothing where they have
   * it.
   */
  giveBack(): void {
    if (!this.isAhead) return
    const { lanes, events, observers } = this.parts
    this.isAhead = false
    lanes.ahead = undefined
    observers.foresight(false, this.lindley.giveBack(events))
  }

  packets(lane: number): number {
    return this.lindley.count[this.looked(lane)]!
  }
  finished(lane: number): number {
    return this.lindley.left[this.looked(lane)]!
  }
  busyNs(lane: number): number {
    return this.lindley.busyNs(this.looked(lane), this.parts.store.nowNs)
  }
  doneNs(lane: number, nowNs: number): number {
    return this.lindley.doneNs(this.looked(lane), nowNs)
  }

  /**
   * Looks ahead from here on; false where something else is going on. The end of the warm-up is such an
   * event, so all arrivals here are of the sample.
   */
  private takeOver(): boolean {
    const { lanes, events, observers, reader } = this.parts
    if (this.blocksToPause-- > 0) return false
    if (!reader.isFree || !events.onlyBelow(this.lanes.length)) return false
    observers.foresight(true, this.lindley.takeOver(events))
    this.isAhead = true
    lanes.ahead = this
    return true
  }

  /**
   * Gives the first `packets` rows to their lanes; returns the first one that has to wait, with lane or HOLD
   * in its column.
   */
  private handOver(packets: number): number {
    const { store, harness, entry } = this.parts
    const { lanes, room, hearsPasses, hearsDepartures } = this
    const { count, head, tail, endNs } = this.lindley
    const { arrivalNs, dueNs, tunnelNumber, next } = store
    for (let row = 0; row < packets; row++) {
      const nowNs = arrivalNs[row]!
      store.nowNs = nowNs
      this.isTold = false
      if (hearsDepartures) this.tell()
      if (hearsPasses) harness.beginPass(1)
      const chosen = harness.choose(row)
      if (chosen === HOLD) return this.stopAt(row, HOLD)
      const lane = lanes[chosen]!
      // At one instant departures come first, so a lane that finishes now is idle.
      if (lane.endNs > nowNs) {
        if (count[chosen]! > room && this.isFull(chosen)) {
          if (this.drop(row, chosen)) continue
          return this.stopAt(row, chosen)
        }
        lane.follow(row)
      } else lane.wake(row)
      const leavesNs = lane.endNs
      dueNs[row] = leavesNs
      tunnelNumber[row] = entry.tunnelCount++
      if (count[chosen]!++ === 0) {
        head[chosen] = row
        endNs[chosen] = leavesNs
      } else next[tail[chosen]!] = row
      tail[chosen] = row
    }
    store.count += packets
    return packets
  }

  private stopAt(row: number, chosen: number): number {
    const { store } = this.parts
    store.lane[row] = chosen
    store.count += row
    return row
  }

  /** Is there no room in the lane's queue when all that have left by now are out of it? */
  private isFull(lane: number): boolean {
    this.tell()
    return this.lindley.count[lane]! > this.room
  }

  private drop(row: number, lane: number): boolean {
    const { store, entry } = this.parts
    store.startNs[row] = Number.NaN
    store.dueNs[row] = Number.NaN
    store.tunnelNumber[row] = -1
    if (!entry.refuse(row, lane)) return false
    store.count--
    return true
  }

  /**
   * The policy looks at a lane: what has left the lanes by now is told before. Throws where there is no such
   * lane, as lanes do.
   */
  private looked(lane: number): number {
    if (!this.isTold) this.tell()
    return this.lanes[lane]!.index
  }

  /** Takes all packets out of the lanes that have left them by now, in the order in which they did. */
  private tell(): void {
    const { store, harness } = this.parts
    const { lindley, departed, hearsDepartures } = this
    const { count, head, endNs, leftNs, leftAs, left, servedNs } = lindley
    const { startNs, dueNs, next } = store
    const untilNs = store.nowNs
    this.isTold = true
    let lane = lindley.earliest()
    if (endNs[lane]! > untilNs) return
    let { departedCount } = this
    do {
      const row = head[lane]!
      const nowNs = endNs[lane]!
      left[lane]!++
      servedNs[lane]! += nowNs - startNs[row]!
      leftNs[lane] = nowNs
      leftAs[lane] = lindley.departures++
      if (--count[lane]! === 0) endNs[lane] = Number.POSITIVE_INFINITY
      else {
        const first = next[row]!
        head[lane] = first
        endNs[lane] = dueNs[first]!
      }
      if (hearsDepartures) {
        store.nowNs = nowNs
        harness.departed(row, lane)
      }
      departed[departedCount++] = row
      if (departedCount === departed.length) {
        this.departedCount = departedCount
        this.flush()
        departedCount = 0
      }
      lane = lindley.earliest()
    } while (endNs[lane]! <= untilNs)
    this.departedCount = departedCount
    store.nowNs = untilNs
  }

  /** Observers hear of packets that have left, and rows that these had of their own are free again. */
  private flush(): void {
    const { store, observers } = this.parts
    const { departed, departedCount } = this
    this.departedCount = 0
    observers.departures(store, departed, departedCount)
    for (let i = 0; i < departedCount; i++) {
      const row = departed[i]!
      if (row >= BLOCK_PACKETS) store.free(row)
    }
    store.count -= departedCount
  }
}
