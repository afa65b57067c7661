/**
 * The TUN device's ring in front of the reader (Linux: 500 packets, drivers/net/tun.c). Full, it either drops
 * the packet, as Linux does, or stops the sender, as the proposed back-pressure does: then packets wait
 * outside, in order and with their own arrival time, and move in once half of the ring is free. Never
 * reorders.
 */
import { PacketQueue, type PacketStore } from '../packets/packet-store.ts'

export interface TunQueueSettings {
  /** Infinity for unlimited. */
  readonly capacityPackets: number
  readonly onFull: 'drop' | 'stop'
}

export class TunQueue {
  private readonly ring: PacketQueue
  private readonly outside: PacketQueue
  private readonly capacityPackets: number
  private readonly stops: boolean
  private stopped = false

  constructor(settings: TunQueueSettings, store: PacketStore) {
    this.ring = new PacketQueue(store)
    this.outside = new PacketQueue(store)
    this.capacityPackets = settings.capacityPackets
    this.stops = settings.onFull === 'stop'
  }

  /** Packets in the ring. */
  get count(): number {
    return this.ring.count
  }

  /** The first packet in line; only when count > 0. */
  get head(): number {
    return this.ring.head
  }

  /** Takes a packet in; false when it has to be dropped. */
  offer(row: number): boolean {
    if (this.ring.count < this.capacityPackets && !this.stopped) {
      this.ring.push(row)
      return true
    }
    if (!this.stops) return false
    this.stopped = true
    this.outside.push(row)
    return true
  }

  /** Takes the first packet out; only when count > 0. */
  shift(): number {
    const row = this.ring.shift()
    if (this.stopped && this.ring.count <= this.capacityPackets / 2) this.resume()
    return row
  }

  private resume(): void {
    while (this.outside.count > 0 && this.ring.count < this.capacityPackets) {
      this.ring.push(this.outside.shift())
    }
    this.stopped = this.outside.count > 0
  }
}
