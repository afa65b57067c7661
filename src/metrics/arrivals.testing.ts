/** Test support: shows trackers of order and of delays one packet at a time. */

import type { ArrivalColumns } from '../model/packets/deliveries.ts'
import type { Delays } from './delay/delays.ts'
import { Transport } from './order/loss-rules.ts'
import type { OrderTracker } from './order/order.ts'

const one: ArrivalColumns = {
  stream: new Int32Array(1),
  number: new Float64Array(1),
  sentNs: new Float64Array(1),
  nowNs: new Float64Array(1),
  sizeBytes: new Int32Array(1),
  transport: new Uint8Array(1),
}

/** A packet arrives that all loss rules judge. @returns whether it is reordered */
export function recordOne(
  tracker: OrderTracker,
  stream: number,
  number: number,
  sentNs: number,
  nowNs: number,
  sizeBytes: number,
): boolean {
  one.stream[0] = stream
  one.number[0] = number
  one.sentNs[0] = sentNs
  one.nowNs[0] = nowNs
  one.sizeBytes[0] = sizeBytes
  one.transport[0] = Transport.both
  tracker.record(one, 1)
  return tracker.lastReordered
}

/** A packet of stream 0 has taken `delayNs`. @param isPlayed does a play-out buffer wait for it? */
export function recordDelay(delays: Delays, delayNs: number, isPlayed: boolean): void {
  one.stream[0] = 0
  one.number[0] = 0
  one.sentNs[0] = 0
  one.nowNs[0] = delayNs
  one.transport[0] = isPlayed ? Transport.both : Transport.none
  delays.record(one, 1)
}
