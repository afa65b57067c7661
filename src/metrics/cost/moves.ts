/**
 * Moves of flows between lanes, counted for every policy in the same way. A move is a packet sent to another
 * lane than its flow's packet before. It is unsafe when at that moment an earlier packet of the flow on
 * another lane will reach the sink later than now + d0, d0 the smallest link delay: with equal links, when it
 * hasn't left its lane. Behind threads at the far end or streams of bytes nobody knows when, and every packet
 * counts that isn't delivered. Without an unsafe move nothing of a flow can be reordered on order-keeping
 * links. Packets inside are remembered one by one; where it is foreseen when they leave, the last time of
 * each lane is enough (flow-departures.ts).
 */

import { keepOrderAcross } from '../../model/machine/link.ts'
import type { BlockObserver, Observer } from '../../model/observer.ts'
import type { PacketStore } from '../../model/packets/packet-store.ts'
import type { MachineSettings } from '../../model/pipeline-settings.ts'
import { grown } from '../../sim/grown.ts'
import { type Metrics, ratio } from '../metric.ts'
import { FlowDepartures } from './flow-departures.ts'

const NONE = -1

export class Moves implements Observer, BlockObserver {
  readonly blocks = this
  private readonly store: PacketStore
  private readonly smallestDelayNs: number
  /** Where links differ, packets can still be overtaken behind their lane. */
  private readonly watchesLinks: boolean
  /** When it will be delivered isn't known of a packet on its link. */
  private readonly isEndUnknown: boolean
  private chosen = 0
  private moves = 0
  private unsafe = 0
  /** Per flow: its lane, and the row of its last packet that is still inside. */
  private lane = new Int16Array(1024).fill(NONE)
  private last = new Int32Array(1024).fill(NONE)
  /** Per row: the neighbours among the flow's packets inside. */
  private before = new Int32Array(1024)
  private after = new Int32Array(1024)
  /** Where the fast path has a packet's end at once: instead of the rows of those inside. */
  private readonly departures: FlowDepartures
  private isForeseen = false

  constructor(
    store: PacketStore,
    { link, receiver }: Pick<MachineSettings, 'link' | 'receiver'>,
    lanes: number,
  ) {
    this.store = store
    this.departures = new FlowDepartures(lanes)
    this.smallestDelayNs = Math.min(...link.delayNs)
    this.isEndUnknown = receiver !== undefined || link.stream !== undefined
    this.watchesLinks = this.isEndUnknown || !keepOrderAcross({ ...link, perLane: true })
  }

  onChoice(row: number): void {
    const store = this.store
    const flow = store.flow[row]!
    const lane = store.lane[row]!
    if (flow >= this.lane.length) this.growFlows(flow + 1)
    const laneBefore = this.lane[flow]!
    const previous = this.last[flow]!
    if (store.flowNumber[row]! >= 0) {
      this.chosen++
      if (laneBefore !== lane && laneBefore !== NONE) {
        this.moves++
        if (previous !== NONE && this.isUnsafe(previous, lane)) this.unsafe++
      }
    }
    this.lane[flow] = lane
    this.enter(row, flow)
  }

  onBlock(packets: number): void {
    const { flow: flowOf, lane: laneOf, arrivalNs, dueNs } = this.store
    const { departures } = this
    let { moves, unsafe } = this
    for (let row = 0; row < packets; row++) {
      const flow = flowOf[row]!
      const lane = laneOf[row]!
      if (flow >= this.lane.length) this.growFlows(flow + 1)
      const before = this.lane[flow]!
      if (before !== lane) {
        if (before !== NONE) {
          moves++
          if (departures.move(flow, before, lane, arrivalNs[row]!)) unsafe++
        }
        this.lane[flow] = lane
      }
      departures.stay(flow, dueNs[row]!)
    }
    this.chosen += packets
    this.moves = moves
    this.unsafe = unsafe
  }

  /** Ends are known from the block. */
  onDepartures(): void {}

  onForesight(begins: boolean, rows: readonly number[]): void {
    this.isForeseen = begins
    if (begins) for (const row of rows) this.foresee(row)
    else for (const row of rows) this.remember(row)
  }

  onTunDrop(row: number): void {
    if (this.store.lane[row]! >= 0 && !this.isForeseen) this.forget(row)
  }

  onLaneExit(row: number): void {
    if (this.isForeseen) return
    const wasDropped = Number.isNaN(this.store.startNs[row]!)
    if (!this.watchesLinks || wasDropped) this.forget(row)
  }

  onDelivery(row: number): void {
    if (this.watchesLinks) this.forget(row)
  }

  onLinkLoss(row: number): void {
    if (this.watchesLinks) this.forget(row)
  }

  metrics(): Metrics {
    return { flowMoves: ratio(this.moves, this.chosen), unsafeMoves: ratio(this.unsafe, this.chosen) }
  }

  private isUnsafe(newest: number, lane: number): boolean {
    const { dueNs, lane: laneOf, flowNumber, nowNs } = this.store
    const { isEndUnknown } = this
    const safeNs = nowNs + this.smallestDelayNs
    for (let row = newest; row !== NONE; row = this.before[row]!) {
      if (laneOf[row] === lane || flowNumber[row]! < 0) continue
      if (isEndUnknown || dueNs[row]! > safeNs) return true
    }
    return false
  }

  /** The packet is inside. */
  private enter(row: number, flow: number): void {
    if (row >= this.before.length) this.growRows(this.store.next.length)
    const previous = this.last[flow]!
    this.before[row] = previous
    this.after[row] = NONE
    if (previous !== NONE) this.after[previous] = row
    this.last[flow] = row
  }

  /** What is remembered of the packet goes from its row to its end. */
  private foresee(row: number): void {
    const { flow: flowOf, flowNumber, lane, dueNs } = this.store
    const flow = flowOf[row]!
    this.last[flow] = NONE
    if (flowNumber[row]! < 0) return
    if (lane[row] === this.lane[flow]) this.departures.stay(flow, dueNs[row]!)
    else this.departures.stayBehind(flow, lane[row]!, dueNs[row]!)
  }

  /** And back. */
  private remember(row: number): void {
    const flow = this.store.flow[row]!
    this.departures.forget(flow)
    this.enter(row, flow)
  }

  private forget(row: number): void {
    const before = this.before[row]!
    const after = this.after[row]!
    if (before !== NONE) this.after[before] = after
    if (after !== NONE) this.before[after] = before
    else this.last[this.store.flow[row]!] = before
  }

  private growFlows(flows: number): void {
    this.lane = grown(this.lane, flows, NONE)
    this.last = grown(this.last, flows, NONE)
    this.departures.grow(this.lane.length)
  }

  private growRows(rows: number): void {
    this.before = grown(this.before, rows)
    this.after = grown(this.after, rows)
  }
}
