/**
 * What a traffic that reacts hears: packets that reached the sink since it heard last, in that order. Of
 * drops it hears nothing, as senders do.
 */
import type { Observer } from '../model/observer.ts'
import { Deliveries } from '../model/packets/deliveries.ts'
import type { PacketStore } from '../model/packets/packet-store.ts'
import type { Traffic } from '../model/packets/traffic.ts'

const DELIVERIES = 4096

export class Feedback {
  private readonly traffic: Traffic
  private readonly delivered = new Deliveries(DELIVERIES, true)

  constructor(traffic: Traffic) {
    this.traffic = traffic
  }

  watch(store: PacketStore): Observer {
    return {
      onDelivery: (row) => {
        // All before the horizon, and in order: to hear a part of it earlier changes nothing.
        if (this.delivered.room === 0) this.tell()
        this.delivered.add(store, row)
      },
    }
  }

  tell(): void {
    if (this.delivered.count === 0) return
    this.traffic.hear!(this.delivered)
    this.delivered.count = 0
  }
}
