/**
 * The fast path: what pipeline.ts, reader.ts and event-queue.ts do together, for the plain case, where nothing but lanes takes
 * time: a reader without cost, links that are instant and lose nothing, no release, no stalls, a core for each lane, an
 * up-to-date view and a policy without a timer. There a packet's way is known when it meets the policy: its lane
 * serves it when it has served those before it (Lindley's recursion), and it leaves at the end of that. So a block of arrivals is
 * given to the lanes in one loop, and those that have left are told in order of time afterwards, or before a policy looks
 * at the lanes. Where a packet has to wait for more than its lane the lanes get back what they have, and the general path
 * goes on; results are the same to the bit (fast-path.test.ts).
 */
import type { EventQueue } from '../sim/event-queue.ts'
import { BLOCK_PACKETS, type PacketChunk } from './chunk.ts'
import type { Lane, Lanes, LanesAhead } from './lane.ts'
import type { Observers } from './observer.ts'
import { NO_ROW, type PacketStore } from './packet-store.ts'
import type { PipelineSettings } from './pipeline-settings.ts'
import { HOLD } from './policy.ts'
import type { PolicySeat } from './policy-seat.ts'
import type { Reader } from './reader.ts'

/** With more lanes the general path's tree finds the next event sooner than a look at each. */
const LANES_MAX = 16
/** Blocks that are left to the general path at most, when packets had to wait there. */
const PAUSE_BLOCKS_MAX = 64
/** A service that an arrival began comes after those that a departure began at the same time. */
const BEGUN_BY_ARRIVAL = 2 ** 52

/** The pipeline that the path belongs to: its parts, and what it does with a packet that needs more than a lane. */
export interface FastPathParts {
  readonly store: PacketStore
  readonly lanes: Lanes
  readonly events: EventQueue
  readonly observers: Observers
  readonly seat: PolicySeat
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

/** Is there nothing in these settings that the fast path doesn't do? */
function isPlain({ reader, lanes, link, release, returnLane }: PipelineSettings): boolean {
  const readsAtOnce = reader.perPacketNs === 0 && reader.perPassNs === 0 && reader.stage === undefined
  const isInstant =
    !link.hasJitter &&
    link.delayNs.every((ns) => ns === 0) &&
    link.rateBps.every((rate) => rate === Number.POSITIVE_INFINITY) &&
    link.lossRatio.every((ratio) => ratio === 0)
  const isBare = release === undefined && returnLane === undefined && lanes.cores === undefined
  const isUpToDate = !((reader.feedbackDelayNs ?? 0) > 0)
  return readsAtOnce && isInstant && isBare && isUpToDate && lanes.count <= LANES_MAX
}

export class FastPath implements LanesAhead {
  private readonly parts: FastPathParts
  private readonly lanes: readonly Lane[]
  private readonly room: number
  private readonly hearsPasses: boolean
  private readonly hearsDepartures: boolean
  private isAhead = false
  /** Departures are being told: the lanes are as they are. */
  private isTelling = false
  private pauseBlocks = 0
  private blocksToPause = 0

  // Of each lane, while the path is ahead: the packets inside as far as departures have been told, linked as in a queue.
  private readonly count: Int32Array
  private readonly head: Int32Array
  private readonly tail: Int32Array
  /** The last row that was there before the block. */
  private readonly settled: Int32Array
  /** When the first packet leaves; Infinity without one. */
  private readonly endNs: Float64Array
  /** The latest departure that was told: when it was, and its number; negative for what went on when the path began. */
  private readonly leftNs: Float64Array
  private readonly leftAs: Float64Array
  private readonly left: Float64Array
  private readonly servedNs: Float64Array
  private departures = 0
  /** Rows of packets that have left their lanes, and that observers haven't heard of. */
  private readonly departed = new Int32Array(2 * BLOCK_PACKETS)
  private departedCount = 0

  private constructor(parts: FastPathParts) {
    this.parts = parts
    this.lanes = parts.lanes.lanes
    this.room = parts.lanes.capacityPackets
    this.hearsPasses = parts.seat.policy.onPass !== undefined
    this.hearsDepartures = parts.seat.policy.onDeparture !== undefined
    const { count } = parts.lanes
    this.count = new Int32Array(count)
    this.head = new Int32Array(count)
    this.tail = new Int32Array(count)
    this.settled = new Int32Array(count)
    this.endNs = new Float64Array(count)
    this.leftNs = new Float64Array(count)
    this.leftAs = new Float64Array(count)
    this.left = new Float64Array(count)
    this.servedNs = new Float64Array(count)
  }

  /** undefined where the pipeline isn't plain, or something has to see all that happens in order of time. */
  static of(settings: PipelineSettings, parts: FastPathParts): FastPath | undefined {
    const hasTimer = parts.seat.policy.nextTimerNs !== undefined
    const stalls = parts.lanes.lanes.some((lane) => lane.stalls !== undefined)
    const isPossible = isPlain(settings) && !hasTimer && !stalls && parts.observers.takeBlocks
    return isPossible ? new FastPath(parts) : undefined
  }

  /** Runs on through the arrivals from..to - 1 of `chunk`, a block at most, or some of them; returns the first that is left. */
  consume(chunk: PacketChunk, from: number, to: number): number {
    if (!this.isAhead && (chunk.hasWays || !this.takeOver())) return from
    if (chunk.hasWays) {
      this.giveBack()
      return from
    }
    const { store, observers, reader } = this.parts
    store.load(chunk, from, to)
    const met = this.handOver(to - from)
    this.tell()
    observers.block(met)
    this.flush()
    this.settle()
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

  /** Gives the lanes and the event queue what they would have without the fast path; nothing where they have it. */
  giveBack(): void {
    if (!this.isAhead) return
    this.isAhead = false
    const { store, lanes, events, observers } = this.parts
    lanes.ahead = undefined
    const busy: number[] = []
    const inside: number[] = []
    for (const { index, queue } of this.lanes) {
      const packets = this.count[index]!
      let row = packets === 0 ? NO_ROW : this.head[index]!
      this.lanes[index]!.resume(row, this.left[index]!, this.servedNs[index]!)
      events.timeNs[index] = this.endNs[index]!
      if (row === NO_ROW) continue
      busy.push(index)
      for (let i = 0; i < packets; i++) {
        const next = store.next[row]!
        store.dueNs[row] = Number.POSITIVE_INFINITY
        if (i > 0) {
          store.startNs[row] = Number.NaN
          queue.push(row)
        }
        inside.push(row)
        row = next
      }
    }
    observers.foresight(false, inside)
    busy.sort((a, b) => (this.wasBegunBefore(a, b) ? -1 : 1))
    for (const lane of busy) events.stamp(lane)
    events.rebuild()
  }

  packets(lane: number): number {
    this.tellTheLanes()
    return this.count[lane]!
  }
  finished(lane: number): number {
    this.tellTheLanes()
    return this.left[lane]!
  }
  busyNs(lane: number): number {
    this.tellTheLanes()
    const { startNs, dueNs, nowNs } = this.parts.store
    const row = this.head[lane]!
    if (this.count[lane] === 0 || nowNs <= startNs[row]!) return this.servedNs[lane]!
    return this.servedNs[lane]! + Math.min(dueNs[row]!, nowNs) - startNs[row]!
  }
  doneNs(lane: number): number {
    const { nowNs } = this.parts.store
    const { endNs } = this.lanes[lane]!
    return Math.max(endNs, nowNs)
  }

  /** Looks ahead from here on; false where something else is going on. */
  private takeOver(): boolean {
    const { store, lanes, events, observers, reader } = this.parts
    if (this.blocksToPause-- > 0) return false
    if (!reader.isFree || !events.onlyBelow(this.lanes.length)) return false
    const inside: number[] = []
    for (const lane of this.lanes) {
      const { index, queue, serving } = lane
      const packets = serving === NO_ROW ? 0 : queue.count + 1
      this.count[index] = packets
      this.endNs[index] = events.timeNs[index]!
      this.leftNs[index] = Number.NEGATIVE_INFINITY
      this.leftAs[index] = packets === 0 ? 0 : events.orderOf(index) - BEGUN_BY_ARRIVAL
      this.left[index] = lane.finished
      this.servedNs[index] = lane.busyNs(Number.NEGATIVE_INFINITY)
      this.head[index] = serving
      let last = serving
      for (let i = 0; i < packets; i++) {
        if (i > 0) {
          const row = queue.shift()
          store.next[last] = row
          lane.follow(row)
          last = row
        }
        store.dueNs[last] = lane.endNs
        inside.push(last)
      }
      this.tail[index] = last
      this.settled[index] = last
    }
    observers.foresight(true, inside)
    this.isAhead = true
    lanes.ahead = this
    return true
  }

  /** Gives the first `packets` rows to their lanes; returns the first one that has to wait, with lane or HOLD in its column. */
  private handOver(packets: number): number {
    const { store, seat, entry } = this.parts
    const { lanes, count, head, tail, endNs, room, hearsPasses, hearsDepartures } = this
    const { arrivalNs, dueNs, tunnelNumber, next } = store
    for (let row = 0; row < packets; row++) {
      const nowNs = arrivalNs[row]!
      store.nowNs = nowNs
      if (hearsDepartures) this.tell()
      if (hearsPasses) seat.beginPass(1)
      const chosen = seat.choose(row)
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
    return this.count[lane]! > this.room
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

  /** The policy looks at the lanes: what has left them by now is told before. */
  private tellTheLanes(): void {
    if (!this.isTelling) this.tell()
  }

  /** Takes all packets out of the lanes that have left them by now, in the order in which they did. */
  private tell(): void {
    const { store, seat } = this.parts
    const { count, head, endNs, leftNs, leftAs, left, servedNs, departed, hearsDepartures } = this
    const { startNs, dueNs, next } = store
    const untilNs = store.nowNs
    let lane = this.earliest()
    if (endNs[lane]! > untilNs) return
    this.isTelling = true
    let { departures, departedCount } = this
    do {
      const row = head[lane]!
      const nowNs = endNs[lane]!
      left[lane]!++
      servedNs[lane]! += nowNs - startNs[row]!
      leftNs[lane] = nowNs
      leftAs[lane] = departures++
      if (--count[lane]! === 0) endNs[lane] = Number.POSITIVE_INFINITY
      else {
        const first = next[row]!
        head[lane] = first
        endNs[lane] = dueNs[first]!
      }
      if (hearsDepartures) {
        store.nowNs = nowNs
        seat.departed(row, lane)
      }
      departed[departedCount++] = row
      if (departedCount === departed.length) {
        this.departedCount = departedCount
        this.flush()
        departedCount = 0
      }
      lane = this.earliest()
    } while (endNs[lane]! <= untilNs)
    this.departures = departures
    this.departedCount = departedCount
    this.isTelling = false
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

  /** The lane whose first packet leaves next; any where there is none. */
  private earliest(): number {
    const { endNs } = this
    let first = 0
    let firstNs = endNs[0]!
    for (let lane = 1; lane < endNs.length; lane++) {
      const ns = endNs[lane]!
      if (ns > firstNs || (ns === firstNs && !this.wasBegunBefore(lane, first))) continue
      first = lane
      firstNs = ns
    }
    return first
  }

  /** Of first packets that leave at one time: was the service of `a` begun before that of `b`? */
  private wasBegunBefore(a: number, b: number): boolean {
    const sinceA = this.begunNs(a)
    const sinceB = this.begunNs(b)
    return sinceA < sinceB || (sinceA === sinceB && this.begunAs(a) < this.begunAs(b))
  }

  /** When the first packet's service was begun: at the departure before, which it waited for, or when it came. */
  private begunNs(lane: number): number {
    if (this.leftAs[lane]! < 0) return Number.NEGATIVE_INFINITY
    return Math.max(this.leftNs[lane]!, this.parts.store.arrivalNs[this.head[lane]!]!)
  }

  /** What is begun at one time goes by the number of that departure, then by that of the arrival. */
  private begunAs(lane: number): number {
    const { arrivalNs, index } = this.parts.store
    const row = this.head[lane]!
    const waited = this.leftAs[lane]! < 0 || arrivalNs[row]! < this.leftNs[lane]!
    return waited ? this.leftAs[lane]! : BEGUN_BY_ARRIVAL + index[row]!
  }

  /** Packets that are still inside after their block move to rows of their own. */
  private settle(): void {
    const { store } = this.parts
    for (let lane = 0; lane < this.count.length; lane++) {
      if (this.count[lane] === 0) continue
      const isNew = this.head[lane]! < BLOCK_PACKETS
      let last = isNew ? NO_ROW : this.settled[lane]!
      if (last !== this.tail[lane]) {
        const end = this.tail[lane]!
        let row = isNew ? this.head[lane]! : store.next[last]!
        for (;;) {
          const moved = store.settle(row)
          if (last === NO_ROW) this.head[lane] = moved
          else store.next[last] = moved
          last = moved
          if (row === end) break
          row = store.next[row]!
        }
        this.tail[lane] = last
      }
      this.settled[lane] = last
    }
  }
}
