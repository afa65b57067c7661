/**
 * Observers watch packets pass through a pipeline; metrics and the trace are observers. They read the packet
 * store's rows and change nothing. Each hook is called for every packet, also those outside of the sample
 * (`flowNumber` -1), in the order of events; the time is `store.nowNs`.
 */
import type { PacketStore } from './packets/packet-store.ts'
import type { LaneView } from './policy.ts'

/**
 * The fast path knows when a packet leaves as soon as the packet has a lane, and tells things many at a time:
 * arrivals and choices of a block in their order, and departures in theirs, some of them maybe before their
 * block. Only drops are told one by one, at once.
 */
export interface BlockObserver {
  /**
   * The first `packets` rows arrived and got a lane; they leave it at `store.dueNs`, NaN for one that was
   * dropped.
   */
  onBlock(packets: number): void
  /** These packets left their lanes and reached the sink, at `store.dueNs`: the first `count` of `rows`. */
  onDepartures(rows: Int32Array, count: number): void
  /**
   * The fast path begins or ends: these packets are inside, and leave their lanes at `store.dueNs`, or
   * Infinity when it ends.
   */
  onForesight(begins: boolean, rows: readonly number[]): void
}

export interface Observer {
  /**
   * What watches in its place on the fast path; without it, an observer of more than deliveries switches that
   * off.
   */
  readonly blocks?: BlockObserver | undefined
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
  private readonly blocks: readonly BlockObserver[]
  /** Those that don't take blocks. */
  private readonly deliveriesOneByOne: readonly Observer[]
  /** Is there nobody who has to hear all that happens in order of time? */
  readonly takeBlocks: boolean

  constructor(observers: readonly Observer[]) {
    this.all = observers
    this.arrivals = observers.filter((observer) => observer.onArrival !== undefined)
    this.tunDrops = observers.filter((observer) => observer.onTunDrop !== undefined)
    this.choices = observers.filter((observer) => observer.onChoice !== undefined)
    this.laneExits = observers.filter((observer) => observer.onLaneExit !== undefined)
    this.deliveries = observers.filter((observer) => observer.onDelivery !== undefined)
    this.blocks = observers.flatMap(({ blocks }) => blocks ?? [])
    this.deliveriesOneByOne = this.deliveries.filter(({ blocks }) => blocks === undefined)
    this.takeBlocks = observers.every(
      ({ blocks, onArrival, onTunDrop, onChoice, onLaneExit }) =>
        blocks !== undefined || (onArrival ?? onTunDrop ?? onChoice ?? onLaneExit) === undefined,
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
    for (const blocks of this.blocks) blocks.onBlock(packets)
  }
  departures(store: PacketStore, rows: Int32Array, count: number): void {
    for (const blocks of this.blocks) blocks.onDepartures(rows, count)
    if (this.deliveriesOneByOne.length === 0) return
    const { nowNs } = store
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      store.nowNs = store.dueNs[row]!
      for (const observer of this.deliveriesOneByOne) observer.onDelivery!(row)
    }
    store.nowNs = nowNs
  }
  foresight(begins: boolean, rows: readonly number[]): void {
    for (const blocks of this.blocks) blocks.onForesight(begins, rows)
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
