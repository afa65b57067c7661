/**
 * What the lanes hold while the fast path runs ahead of them: each a queue of packets whose ends are known,
 * linked by the store's `next`, the one in service first. It takes them over from the lanes and the event
 * queue and gives them back, and says which packet leaves next: at one time the one whose service was begun
 * first, as the event queue has it. Columns stand open, because the fast path's loops work on them.
 */
import type { EventQueue } from '../../sim/event-queue.ts'
import type { Lane } from '../machine/lane.ts'
import { BLOCK_PACKETS } from '../packets/chunk.ts'
import { NO_ROW, type PacketStore } from '../packets/packet-store.ts'

/** A service that an arrival began comes after those that a departure began at the same time. */
const BEGUN_BY_ARRIVAL = 2 ** 52

export class LindleyLanes {
  /** Packets inside, as far as departures have been told, and the first and last of them. */
  readonly count: Int32Array
  readonly head: Int32Array
  readonly tail: Int32Array
  /** The last row that was there before the block. */
  private readonly settled: Int32Array
  /** When the first packet leaves; Infinity without one. */
  readonly endNs: Float64Array
  /**
   * The latest departure that was told: when it was, and its number; negative, but in the same order, for
   * what went on when the path began.
   */
  readonly leftNs: Float64Array
  readonly leftAs: Float64Array
  /** Packets that have left, and the time that they were in service. */
  readonly left: Float64Array
  readonly servedNs: Float64Array
  /** Departures that have been told. */
  departures = 0
  private readonly lanes: readonly Lane[]
  private readonly store: PacketStore

  constructor(lanes: readonly Lane[], store: PacketStore) {
    this.lanes = lanes
    this.store = store
    const count = lanes.length
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

  /** Takes over what the lanes have; returns the rows inside. */
  takeOver(events: EventQueue): number[] {
    const { store } = this
    const inside: number[] = []
    for (const lane of this.lanes) {
      const { index, queue, serving } = lane
      const { finished, servedNs } = lane.state()
      const packets = serving === NO_ROW ? 0 : queue.count + 1
      this.count[index] = packets
      this.endNs[index] = events.timeOf(index)
      this.leftNs[index] = Number.NEGATIVE_INFINITY
      this.leftAs[index] = packets === 0 ? 0 : events.orderOf(index) - BEGUN_BY_ARRIVAL
      this.left[index] = finished
      this.servedNs[index] = servedNs
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
    return inside
  }

  /** Gives lanes and events what they would have otherwise; returns the rows inside. */
  giveBack(events: EventQueue): number[] {
    const { store } = this
    const busy: number[] = []
    const inside: number[] = []
    for (const lane of this.lanes) {
      const { index, queue } = lane
      const packets = this.count[index]!
      let row = packets === 0 ? NO_ROW : this.head[index]!
      lane.resume(row, this.left[index]!, this.servedNs[index]!)
      events.timeNs[index] = this.endNs[index]!
      if (packets > 0) busy.push(index)
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
    busy.sort((a, b) => (this.wasBegunBefore(a, b) ? -1 : 1))
    for (const lane of busy) events.stamp(lane)
    events.rebuild()
    return inside
  }

  /** The latest departure that was told, ns; -Infinity before the first. */
  lastLeftNs(): number {
    let lastNs = Number.NEGATIVE_INFINITY
    for (const ns of this.leftNs) lastNs = Math.max(lastNs, ns)
    return lastNs
  }

  /** Time in service up to now, ns. */
  busyNs(lane: number, nowNs: number): number {
    const { startNs, dueNs } = this.store
    const row = this.head[lane]!
    if (this.count[lane] === 0 || nowNs <= startNs[row]!) return this.servedNs[lane]!
    return this.servedNs[lane]! + Math.min(dueNs[row]!, nowNs) - startNs[row]!
  }

  /** When everything inside will be done, if the service under way goes on until `nowNs` at least, ns. */
  doneNs(lane: number, nowNs: number): number {
    if (this.count[lane] === 0) return nowNs
    const firstEndNs = this.endNs[lane]!
    return Math.max(nowNs, firstEndNs) + (this.lanes[lane]!.endNs - firstEndNs)
  }

  /** Packets that are still inside after their block move to rows of their own. */
  settle(): void {
    const { store } = this
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

  /** The lane whose first packet leaves next; any where there is none. */
  earliest(): number {
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

  /**
   * When the first packet's service was begun: at the departure before, which it waited for, or when it came.
   */
  private begunNs(lane: number): number {
    if (this.leftAs[lane]! < 0) return Number.NEGATIVE_INFINITY
    return Math.max(this.leftNs[lane]!, this.store.arrivalNs[this.head[lane]!]!)
  }

  /** What is begun at one time goes by the number of that departure, then by that of the arrival. */
  private begunAs(lane: number): number {
    const { arrivalNs, index } = this.store
    const row = this.head[lane]!
    const waited = this.leftAs[lane]! < 0 || arrivalNs[row]! < this.leftNs[lane]!
    return waited ? this.leftAs[lane]! : BEGUN_BY_ARRIVAL + index[row]!
  }
}
