/**
 * From a record to services: every packet that a lane served, in the order in which packets were offered to
 * the lanes, with the time at which its lane could begin (it was offered, and the lane had finished the
 * packet before) and how long it then took. Waking up and writing are part of the service, because the packet
 * has to wait for both. Lanes behind a reader are offered a packet when the reader has it; lanes that read
 * for themselves when it is sent.
 */
import type { Replayed } from './replayed.ts'

export interface Services {
  readonly count: number
  /** Row of the record, by position. */
  readonly packet: Int32Array
  readonly lane: Int16Array
  readonly offeredNs: Float64Array
  readonly beginNs: Float64Array
  readonly serviceNs: Float64Array
  /**
   * How long the lane had been idle at `beginNs`; 0 for a busy start, Infinity for the lane's first packet.
   */
  readonly idleNs: Float64Array
}

/** Rows that were read, in the order of these times; with `served`, only those that a lane has finished. */
export function readRows({ record }: Replayed, times: Float64Array, served: boolean): Int32Array {
  const rows = new Int32Array(record.packets)
  let count = 0
  for (let row = 0; row < record.packets; row++) {
    const time = served ? record.finishNs[row]! : record.readNs[row]!
    if (!Number.isNaN(time) && record.readOrder[row]! >= 0) rows[count++] = row
  }
  const order = rows.subarray(0, count)
  return order.sort((a, b) => times[a]! - times[b]! || record.readOrder[a]! - record.readOrder[b]!)
}

/** By row, when a packet was offered to the lanes. */
export function offeredTimes({ topology, record }: Replayed): Float64Array {
  return topology === 'dispatcher' ? record.readNs : record.sentNs
}

/**
 * Throws an Error where the record contradicts itself: a lane that doesn't serve in the order of offering.
 */
export function servicesOf(replayed: Replayed): Services {
  const { record } = replayed
  const offered = offeredTimes(replayed)
  const packet = readRows(replayed, offered, true)
  const count = packet.length
  const services: Services = {
    count,
    packet,
    lane: new Int16Array(count),
    offeredNs: new Float64Array(count),
    beginNs: new Float64Array(count),
    serviceNs: new Float64Array(count),
    idleNs: new Float64Array(count),
  }
  const finishedNs = new Float64Array(replayed.lanes).fill(Number.NEGATIVE_INFINITY)
  for (let i = 0; i < count; i++) {
    const row = packet[i]!
    const lane = record.lane[row]!
    const offeredNs = Math.round(offered[row]!)
    const beforeNs = finishedNs[lane]!
    const finishNs = Math.round(record.finishNs[row]!)
    services.lane[i] = lane
    services.offeredNs[i] = offeredNs
    services.beginNs[i] = Math.max(offeredNs, beforeNs)
    services.serviceNs[i] = finishNs - services.beginNs[i]!
    services.idleNs[i] = Math.max(0, offeredNs - beforeNs)
    if (!(services.serviceNs[i]! >= 0)) {
      throw new Error(
        `record of ${replayed.label}: packet ${row} left lane ${lane} before it could begin there`,
      )
    }
    finishedNs[lane] = finishNs
  }
  return services
}

/**
 * Share of the lanes' time that services took, wake-up and write included, from the first packet to the last;
 * null without a service, or where the record contradicts itself.
 */
export function laneLoad(replayed: Replayed): number | null {
  let services: ReturnType<typeof servicesOf>
  try {
    services = servicesOf(replayed)
  } catch {
    return null
  }
  const { serviceNs, packet, count } = services
  if (count === 0) return null
  const { readNs, finishNs } = replayed.record
  let busyNs = 0
  let firstNs = Number.POSITIVE_INFINITY
  let lastNs = Number.NEGATIVE_INFINITY
  for (let i = 0; i < count; i++) {
    busyNs += serviceNs[i]!
    firstNs = Math.min(firstNs, readNs[packet[i]!]!)
    lastNs = Math.max(lastNs, finishNs[packet[i]!]!)
  }
  return busyNs / ((lastNs - firstNs) * replayed.lanes)
}
