/**
 * Until when packets of a flow are inside which lane, where that is known as soon as they have one. A lane
 * keeps the order of its packets, so the last one of a flow says it all: one number per flow, and one per
 * lane for flows that have left a lane with packets still inside.
 */
import { grown } from '../../sim/grown.ts'

/** No packet ends at or before time zero. */
const NEVER = 0

export class FlowDepartures {
  private readonly lanes: number
  /** Per flow: when its last packet leaves the lane that the flow is on. */
  private endNs = new Float64Array(1024)
  /** Per flow: when the last of those leaves that it left behind on other lanes, or on this one before. */
  private behindNs = new Float64Array(1024)
  /** Per flow: its row of `ends`, from 1; 0 where it has left nothing behind so far. */
  private row = new Int32Array(1024)
  private rows = 0
  /** Per row and lane: when what was left behind there leaves. */
  private ends: Float64Array

  constructor(lanes: number) {
    this.lanes = lanes
    this.ends = new Float64Array(16 * lanes)
  }

  /** Makes room for that many flows, at least. */
  grow(flows: number): void {
    if (flows <= this.row.length) return
    this.endNs = grown(this.endNs, flows)
    this.behindNs = grown(this.behindNs, flows)
    this.row = grown(this.row, flows)
  }

  /**
   * A packet of the flow is on the lane that the flow is on. @param endNs when it leaves; NaN for one that
   * was dropped
   */
  stay(flow: number, endNs: number): void {
    if (endNs > this.endNs[flow]!) this.endNs[flow] = endNs
  }

  /** A packet of the flow is on another lane than the flow. */
  stayBehind(flow: number, lane: number, endNs: number): void {
    const at = this.rowOf(flow) + lane
    if (endNs > this.ends[at]!) this.ends[at] = endNs
    if (endNs > this.behindNs[flow]!) this.behindNs[flow] = endNs
  }

  /** The flow goes from a lane to another one: is a packet of it then still inside one of the others? */
  move(flow: number, from: number, to: number, nowNs: number): boolean {
    const endNs = this.endNs[flow]!
    const leavesBehind = endNs > nowNs
    if (leavesBehind) this.stayBehind(flow, from, endNs)
    if (this.behindNs[flow]! <= nowNs) {
      this.endNs[flow] = NEVER
      return false
    }
    const row = this.rowOf(flow)
    this.endNs[flow] = this.ends[row + to]!
    if (leavesBehind) return true
    for (let lane = 0; lane < this.lanes; lane++)
      if (lane !== to && this.ends[row + lane]! > nowNs) return true
    return false
  }

  /** Nothing is foreseen of the flow any more. */
  forget(flow: number): void {
    this.endNs[flow] = NEVER
    this.behindNs[flow] = NEVER
    const row = this.row[flow]!
    if (row > 0) this.ends.fill(NEVER, (row - 1) * this.lanes, row * this.lanes)
  }

  private rowOf(flow: number): number {
    if (this.row[flow] === 0) {
      this.row[flow] = ++this.rows
      this.ends = grown(this.ends, this.rows * this.lanes)
    }
    return (this.row[flow]! - 1) * this.lanes
  }
}
