/**
 * Observers watch packets pass through a pipeline; metrics and the trace are observers. They read the packet
 * store's rows and change nothing. Each hook is called for every packet, also those outside of the sample
 * (`flowNumber` -1), in the order of events; the time is `store.nowNs`.
 */
import type { PacketStore } from './packet-store.ts'
import type { LaneView } from './policy.ts'

/**
 * The fast path knows when a packet leaves its lane as soon as it has one, and tells things out of order: drops at once, lane
 * exits and deliveries later, among themselves in order of time, and arrivals and choices a block at a time, in theirs. Where an
 * observer can't do with that, the fast path isn't taken.
 */
export interface BlockObserver {
  /** The first `packets` rows arrived and got a lane; they leave it at `store.dueNs`, NaN for one that was dropped. */
  onBlock(packets: number): void
  /** The fast path begins or ends: these packets are inside, and leave their lanes at `store.dueNs`, or Infinity when it ends. */
  onForesight?(begins: boolean, rows: readonly number[]): void
}

export interface Observer extends Partial<BlockObserver> {
  /** The packet reached the TUN device (and may be dropped there next). */
  onArrival?(row: number): void
  /** The TUN queue was full; with a TUN queue per lane the policy has chosen `store.lane[row]` by then. */
  onTunDrop?(row: number): void
  /** The policy chose `store.lane[row]` for the packet. */
  onChoice?(row: number): void
  /** The packet left its lane: finished (startNs is set), or dropped at its queue (startNs is NaN). */
  onLaneExit?(row: number): void
  /** The link lost the packet, right after onLaneExit. */
  onLinkLoss?(row: number): void
  /** The release let the packet go; it had come at `store.releaseNs`. */
  onRelease?(row: number): void
  /** The packet reached the sink. */
  onDelivery?(row: number): void
  /** Statistics start here: the warm-up is over. */
  onSampleStart?(nowNs: number): void
  /** The last packet of the source has arrived; what is still inside leaves after this. */
  onSourceEnd?(nowNs: number): void
}

/** Calls several observers as one; only those that have a hook are called for it. */
export class Observers {
  private readonly arrivals: Observer[]
  private readonly tunDrops: Observer[]
  private readonly choices: Observer[]
  private readonly laneExits: Observer[]
  private readonly deliveries: Observer[]
  private readonly all: readonly Observer[]
  /** Is there nobody who has to hear all that happens in order of time? */
  readonly takeBlocks: boolean

  constructor(observers: readonly Observer[]) {
    this.all = observers
    this.arrivals = observers.filter((observer) => observer.onArrival !== undefined)
    this.tunDrops = observers.filter((observer) => observer.onTunDrop !== undefined)
    this.choices = observers.filter((observer) => observer.onChoice !== undefined)
    this.laneExits = observers.filter((observer) => observer.onLaneExit !== undefined)
    this.deliveries = observers.filter((observer) => observer.onDelivery !== undefined)
    this.takeBlocks = observers.every(
      ({ onBlock, onArrival, onTunDrop, onChoice, onLaneExit }) =>
        onBlock !== undefined || (onArrival ?? onTunDrop ?? onChoice ?? onLaneExit) === undefined,
    )
  }

  arrival(row: number): void {
    const list = this.arrivals
    for (let i = 0; i < list.length; i++) list[i]!.onArrival!(row)
  }
  tunDrop(row: number): void {
    const list = this.tunDrops
    for (let i = 0; i < list.length; i++) list[i]!.onTunDrop!(row)
  }
  choice(row: number): void {
    const list = this.choices
    for (let i = 0; i < list.length; i++) list[i]!.onChoice!(row)
  }
  laneExit(row: number): void {
    const list = this.laneExits
    for (let i = 0; i < list.length; i++) list[i]!.onLaneExit!(row)
  }
  delivery(row: number): void {
    const list = this.deliveries
    for (let i = 0; i < list.length; i++) list[i]!.onDelivery!(row)
  }
  block(packets: number): void {
    for (const observer of this.all) observer.onBlock?.(packets)
  }
  foresight(begins: boolean, rows: readonly number[]): void {
    for (const observer of this.all) observer.onForesight?.(begins, rows)
  }
  release(row: number): void {
    for (const observer of this.all) observer.onRelease?.(row)
  }
  linkLoss(row: number): void {
    for (const observer of this.all) observer.onLinkLoss?.(row)
  }
  sampleStart(nowNs: number): void {
    for (const observer of this.all) observer.onSampleStart?.(nowNs)
  }
  sourceEnd(nowNs: number): void {
    for (const observer of this.all) observer.onSourceEnd?.(nowNs)
  }
}

/** Makes an observer for one pipeline's packets. */
export type ObserverFactory = (store: PacketStore, lanes: LaneView) => Observer
