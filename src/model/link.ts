/**
 * A link: what lies between a lane and the sink. Here a constant delay, so packets leave in the order in which
 * they entered; links of unequal delay can reorder packets of different lanes, one link cannot.
 */
import { PacketQueue, type PacketStore } from './packet-store.ts'

export class Link {
  readonly delayNs: number
  /** Packets on the way, in order. */
  readonly inFlight: PacketQueue
  private readonly store: PacketStore

  constructor(delayNs: number, store: PacketStore) {
    this.delayNs = delayNs
    this.inFlight = new PacketQueue(store)
    this.store = store
  }

  enter(row: number, nowNs: number): void {
    this.store.dueNs[row] = nowNs + this.delayNs
    this.inFlight.push(row)
  }

  /** When the first packet in flight reaches the sink, ns; Infinity when nothing is. */
  get nextDueNs(): number {
    return this.inFlight.count === 0 ? Number.POSITIVE_INFINITY : this.store.dueNs[this.inFlight.head]!
  }
}
