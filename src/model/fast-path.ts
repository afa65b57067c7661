/**
 * The fast path: what pipeline.ts, reader.ts and event-queue.ts do together, written as one loop for the plain case, where
 * nothing but lanes takes time: a reader without cost, links that are instant and lose nothing, no release, a core for
 * each lane, an up-to-date view and a policy without a timer. Then every packet meets the policy when it arrives and reaches
 * the sink when its lane has finished it, so the only events are the lanes' completions. It works on the same rows, lanes
 * and events, block by block, and leaves a block to the general path where something has to wait for more than its
 * lane; results are the same to the bit (fast-path.test.ts).
 */
import type { EventQueue } from '../sim/event-queue.ts'
import type { PacketChunk } from './chunk.ts'
import type { Lane, Lanes } from './lane.ts'
import type { Observers } from './observer.ts'
import { NO_ROW, type PacketStore } from './packet-store.ts'
import type { PipelineSettings } from './pipeline-settings.ts'
import { HOLD } from './policy.ts'
import type { PolicySeat } from './policy-seat.ts'
import type { Reader } from './reader.ts'

/** With more lanes the general path's tree finds the next event sooner than a look at each. */
const LANES_MAX = 16

/** The pipeline that the path belongs to: its parts, and what it does with a packet that needs more than a lane. */
export interface FastPathParts {
  readonly store: PacketStore
  readonly lanes: Lanes
  readonly events: EventQueue
  readonly observers: Observers
  readonly seat: PolicySeat
  readonly reader: Reader
  readonly lane: LaneEntry
}

/** What the pipeline does with a packet in front of its lane. */
export interface LaneEntry {
  /** Gives the packet its number in the tunnel. */
  number(row: number, lane: number): void
  /** The lane's queue is full; false where the packet has to wait for room. */
  dropAtLane(row: number, lane: number): boolean
}

/** Is there nothing in these settings that the fast path doesn't do? */
function isPlain({ reader, lanes, link, release, returnLane }: PipelineSettings): boolean {
  const readsAtOnce = reader.perPacketNs === 0 && reader.perPassNs === 0 && reader.stage === undefined
  const isInstant =
    !link.hasJitter &&
    link.delayNs.every((ns) => ns === 0) &&
    link.rateBps.every((rate) => rate === Number.POSITIVE_INFINITY) &&
    link.lossRatio.every((ratio) => ratio === 0)
  const isBare = release === undefined && returnLane === undefined && lanes.cores === undefined
  return (
    readsAtOnce && isInstant && isBare && !((reader.feedbackDelayNs ?? 0) > 0) && lanes.count <= LANES_MAX
  )
}

export class FastPath {
  private readonly parts: FastPathParts
  private readonly lanes: readonly Lane[]
  private readonly room: number

  private constructor(parts: FastPathParts) {
    this.parts = parts
    this.lanes = parts.lanes.lanes
    this.room = parts.lanes.capacityPackets
  }

  /** undefined where the pipeline isn't plain. */
  static of(settings: PipelineSettings, parts: FastPathParts): FastPath | undefined {
    const hasTimer = parts.seat.policy.nextTimerNs !== undefined
    return isPlain(settings) && !hasTimer ? new FastPath(parts) : undefined
  }

  /** Runs on through the arrivals from..to - 1 of `chunk`, or some of them; returns the first that is left. */
  consume(chunk: PacketChunk, from: number, to: number): number {
    const { lanes, room } = this
    const { store, events, observers, seat, reader, lane: entry } = this.parts
    if (chunk.hasWays || !reader.isFree || !events.onlyBelow(lanes.length)) return from
    const { arrivalNs } = chunk
    const { timeNs } = events
    let next = events.earliestOf(lanes.length)
    let nextNs = timeNs[next]!
    let i = from
    while (i < to) {
      const nowNs = arrivalNs[i]!
      while (nextNs <= nowNs) {
        store.nowNs = nextNs
        const row = lanes[next]!.finish()
        this.startNext(next)
        observers.laneExit(row)
        seat.departed(row, next)
        store.dueNs[row] = nextNs
        observers.delivery(row)
        store.remove(row)
        next = events.earliestOf(lanes.length)
        nextNs = timeNs[next]!
      }
      store.nowNs = nowNs
      const row = store.add(chunk, i++)
      observers.arrival(row)
      seat.beginPass(1)
      const chosen = seat.choose(row)
      if (chosen === HOLD) {
        events.rebuild()
        reader.holdOnly(row)
        return i
      }
      observers.choice(row)
      const lane = lanes[chosen]!
      if (lane.serving === NO_ROW) {
        entry.number(row, chosen)
        lane.wake(row)
        timeNs[chosen] = lane.endNs
        events.stamp(chosen)
        if (lane.endNs < nextNs) {
          next = chosen
          nextNs = lane.endNs
        }
      } else if (lane.queue.count < room) {
        entry.number(row, chosen)
        lane.queue.push(row)
      } else if (!entry.dropAtLane(row, chosen)) {
        events.rebuild()
        reader.keep(row, chosen)
        return i
      }
    }
    events.rebuild()
    return i
  }

  /** The lane has finished a packet and takes the next one, if there is one. */
  private startNext(index: number): void {
    const { events } = this.parts
    const lane = this.lanes[index]!
    if (lane.queue.count === 0) {
      events.timeNs[index] = Number.POSITIVE_INFINITY
      return
    }
    lane.start(lane.queue.shift())
    events.timeNs[index] = lane.endNs
    events.stamp(index)
  }
}
