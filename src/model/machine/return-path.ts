/**
 * Return traffic: packets to the inside are written by a lane, at once and at no cost, and only policies that
 * learn from it (linux-tun) hear of them. Which lane: the `same` as the last packet of the other direction
 * (that lane's connection got the answer; by hash where there was none), by `hash` of the conversation, or
 * `round-robin`.
 */
import type { Flow, FlowTable } from '../packets/flow-table.ts'

export type ReturnLane = 'same' | 'hash' | 'round-robin'

export class ReturnPath {
  private readonly rule: ReturnLane
  private readonly lanes: number
  private readonly flows: FlowTable
  /** Per flow: the lane that was chosen for its last packet. */
  private readonly lastLane: number[] = []
  private next = 0

  constructor(rule: ReturnLane, lanes: number, flows: FlowTable) {
    this.rule = rule
    this.lanes = lanes
    this.flows = flows
  }

  /** A packet of the flow was given to this lane. */
  onChoice(flow: number, lane: number): void {
    this.lastLane[flow] = lane
  }

  /** The lane that writes this flow's next packet of the return traffic. */
  laneOf(flow: Flow): number {
    if (this.rule === 'round-robin') {
      const lane = this.next
      this.next = lane + 1 === this.lanes ? 0 : lane + 1
      return lane
    }
    const byHash = flow.hashSymmetric % this.lanes
    if (this.rule === 'hash') return byHash
    const forward = this.flows.reverseOf(flow.index)
    return forward < 0 ? byHash : (this.lastLane[forward] ?? byHash)
  }
}
