/**
 * Hints from IPv4 identifications: many systems count them up per flow, so a packet whose number lies behind
 * the highest of its flow was probably overtaken. Only flows whose numbers do go up in small steps are
 * judged; RFC 6864 lets a sender write anything into packets that can't be fragmented. A hint and no proof.
 */

/** A step up of at most this is one of a counter that the flow has for itself, or shares with few. */
const STEP_MAX = 16
const PACKETS_MIN = 10
/** Share of a flow's steps that must be small. */
const COUNTING_RATIO = 0.9

export interface IdOrderCounts {
  /** Flows whose identifications count up, their packets, and those behind the highest number so far. */
  readonly flows: number
  readonly packets: number
  readonly behind: number
}

export class IdOrder {
  private readonly latest: number[] = []
  private readonly packets: number[] = []
  private readonly small: number[] = []
  private readonly behind: number[] = []

  add(flow: number, id: number): void {
    const latest = this.latest[flow]
    if (latest === undefined) {
      this.latest[flow] = id
      this.packets[flow] = 1
      this.small[flow] = this.behind[flow] = 0
      return
    }
    this.packets[flow]!++
    const step = (id - latest) & 0xffff
    if (step >= 0x8000) {
      this.behind[flow]!++
      // Late by little is what an overtaken packet is; others speak against a counter.
      if (0x10000 - step <= STEP_MAX * 64) this.small[flow]!++
      return
    }
    if (step > 0 && step <= STEP_MAX) this.small[flow]!++
    this.latest[flow] = id
  }

  get counts(): IdOrderCounts {
    let flows = 0
    let packets = 0
    let behind = 0
    this.packets.forEach((count, flow) => {
      if (count < PACKETS_MIN || this.small[flow]! < COUNTING_RATIO * (count - 1)) return
      flows++
      packets += count
      behind += this.behind[flow]!
    })
    return { flows, packets, behind }
  }
}
