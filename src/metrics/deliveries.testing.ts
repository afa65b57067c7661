/** Test support: lets what judges deliveries watch a pipeline by itself, each packet at once. */
import type { Observer } from '../model/observer.ts'
import { Deliveries } from '../model/packets/deliveries.ts'
import type { PacketStore } from '../model/packets/packet-store.ts'

export function promptly<T extends object & { record(deliveries: Deliveries): void }>(
  store: PacketStore,
  judge: T,
): T & Observer {
  const one = new Deliveries(1)
  return Object.assign(judge, {
    onDelivery(row: number) {
      if (store.flowNumber[row]! < 0) return
      one.add(store, row)
      judge.record(one)
      one.count = 0
    },
  })
}
