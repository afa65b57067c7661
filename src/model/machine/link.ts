/**
 * A link: what lies between a lane and the sink. It may take time per bit (rate), a constant delay and a
 * random part, and lose packets. With `keepsOrder` a packet never leaves before the one that entered before
 * it; without, packets of one link overtake each other. Links of unequal delay reorder packets of different
 * lanes in any case.
 */
import { RowHeap } from '../../sim/row-heap.ts'
import { PacketQueue, type PacketStore } from '../packets/packet-store.ts'
import type { StreamSettings } from './byte-stream.ts'

export interface LinkSettings {
  /** One link per lane (own connections), or one that all lanes share. */
  readonly perLane: boolean
  /** Constant delay, one value per lane (the first counts for a shared link), ns. */
  readonly delayNs: readonly number[]
  /** Bits per second, one value per lane; Infinity for unlimited. */
  readonly rateBps: readonly number[]
  readonly keepsOrder: boolean
  /** Are random delays drawn (chunk.linkJitterNs)? */
  readonly hasJitter: boolean
  /** Share of packets that are lost on entry, one value per lane, 0..1. */
  readonly lossRatio: readonly number[]
  /** Each lane's packets are bytes of one connection; for links of their own that just take delayNs. */
  readonly stream?: StreamSettings | undefined
}

/**
 * Does a packet that isn't lost leave such a link, or any of all where none is named, the moment it enters?
 */
function delaysNothing({ delayNs, rateBps, hasJitter }: LinkSettings, link?: number): boolean {
  return !hasJitter && areAll(delayNs, 0, link) && areAll(rateBps, Number.POSITIVE_INFINITY, link)
}

/** Do links do nothing at all? */
export function isTransparent(settings: LinkSettings): boolean {
  return settings.stream === undefined && delaysNothing(settings) && areAll(settings.lossRatio, 0)
}

function areAll(list: readonly number[], value: number, link?: number): boolean {
  return link === undefined ? list.every((one) => one === value) : list[link] === value
}

/**
 * Do packets that enter links of such settings in some order leave them in that order, whichever lanes they
 * come from? Those that are lost apart.
 */
export function keepOrderAcross(settings: LinkSettings): boolean {
  const { perLane, delayNs, rateBps, keepsOrder, hasJitter, stream } = settings
  if (stream !== undefined) return false
  if (!perLane) return keepsOrder || !hasJitter
  return !hasJitter && areAll(delayNs, delayNs[0]!) && areAll(rateBps, Number.POSITIVE_INFINITY)
}

export class Link {
  /** Packets leave at once: nothing is delayed here. */
  readonly isInstant: boolean
  private readonly delayNs: number
  private readonly rateBps: number
  private readonly keepsOrder: boolean
  private readonly lossRatio: number
  private readonly store: PacketStore
  private readonly inOrder: PacketQueue
  private readonly outOfOrder = new RowHeap()
  private freeAtNs = 0
  private lastDueNs = 0

  constructor(settings: LinkSettings, index: number, store: PacketStore) {
    this.delayNs = settings.delayNs[index]!
    this.rateBps = settings.rateBps[index]!
    this.keepsOrder = settings.keepsOrder
    this.lossRatio = settings.lossRatio[index]!
    this.isInstant = delaysNothing(settings, index)
    this.inOrder = new PacketQueue(store)
    this.store = store
  }

  /** Packets on the way. */
  get count(): number {
    return this.inOrder.count + this.outOfOrder.count
  }

  /** When the next packet reaches the sink, ns; Infinity when none is on the way. */
  get nextDueNs(): number {
    if (this.count === 0) return Number.POSITIVE_INFINITY
    return this.store.dueNs[this.keepsOrder ? this.inOrder.head : this.outOfOrder.head]!
  }

  /** Is the packet lost here? Asked once, before it enters. */
  loses(row: number): boolean {
    return this.store.linkLossDraw[row]! < this.lossRatio
  }

  enter(row: number, nowNs: number): void {
    const store = this.store
    let sentNs = nowNs
    if (this.rateBps !== Number.POSITIVE_INFINITY) {
      sentNs = Math.max(nowNs, this.freeAtNs) + Math.ceil((store.sizeBytes[row]! * 8e9) / this.rateBps)
      this.freeAtNs = sentNs
    }
    const dueNs = sentNs + this.delayNs + Math.round(store.linkJitterNs[row]!)
    if (this.keepsOrder) {
      this.lastDueNs = Math.max(this.lastDueNs, dueNs)
      store.dueNs[row] = this.lastDueNs
      this.inOrder.push(row)
    } else {
      store.dueNs[row] = dueNs
      this.outOfOrder.push(row, dueNs)
    }
  }

  /** Takes out the packet that is due next; only when count > 0. */
  leave(): number {
    return this.keepsOrder ? this.inOrder.shift() : this.outOfOrder.shift()
  }
}
