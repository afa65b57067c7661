/**
 * Arrivals as metrics/ reads delivered packets: times, sizes and numbers that aren't known are filled in, and
 * `known` says which of the resulting metrics mean something. A time counts as known only where every row has
 * it.
 */
import type { DeliveredColumns } from '../model/packets/deliveries.ts'
import { type Measured, UNKNOWN_BYTES } from './arrivals/arrivals.ts'

export interface Known {
  /** When packets arrived: late times and gaps in time. */
  readonly arrivalTimes: boolean
  /** When they were sent, too: everything that goes by delays. */
  readonly delays: boolean
  readonly sizes: boolean
  /** In which order packets of all flows were sent. */
  readonly tunnel: boolean
}

export interface JudgedColumns extends DeliveredColumns {
  readonly count: number
  readonly flow: Int32Array
  readonly flowNumber: Float64Array
  readonly dataNumber: Float64Array
  readonly tunnelNumber: Float64Array
  readonly arrivalNs: Float64Array
  /** When it arrived at the far side. */
  readonly departureNs: Float64Array
  readonly sizeBytes: Int32Array
  readonly payloadBytes: Int32Array
  /** 1 for further copies of packets that arrived before: they aren't judged. */
  readonly isCopy: Uint8Array
  readonly known: Known
}

/** @param number of each row in its flow, from 0 */
export function judgedColumns({ arrivals, flows }: Measured, number: Float64Array): JudgedColumns {
  const { count, flow, dataSequence, sentNs, receivedNs, sizeBytes, payloadBytes } = arrivals
  // The only flow is the tunnel.
  const tunnelNumber = flows.count === 1 ? number : arrivals.tunnelSequence
  const areArrivalsTimed = isKnown(receivedNs, count)
  const known: Known = {
    arrivalTimes: areArrivalsTimed,
    delays: areArrivalsTimed && isKnown(sentNs, count),
    sizes: !sizeBytes.subarray(0, count).includes(UNKNOWN_BYTES),
    tunnel: isKnown(tunnelNumber, count),
  }
  const departureNs = areArrivalsTimed ? receivedNs : new Float64Array(count)
  const hasPayloads = !payloadBytes.subarray(0, count).includes(UNKNOWN_BYTES)
  return {
    count,
    flow,
    flowNumber: number,
    dataNumber: dataSequence,
    tunnelNumber,
    arrivalNs: known.delays ? sentNs : departureNs,
    departureNs,
    sizeBytes,
    // Arrival files have one size: that is then what the byte offset counts.
    payloadBytes: hasPayloads ? payloadBytes : sizeBytes,
    isCopy: new Uint8Array(count),
    known,
  }
}

function isKnown(column: Float64Array, count: number): boolean {
  for (let row = 0; row < count; row++) if (Number.isNaN(column[row]!)) return false
  return true
}

const BY_ARRIVAL_TIME = /^(tunnel\.)?(lateTimeNs|gapNs)/
const BY_DELAY = /^(tunnel\.)?(rackLost|quicTimeLost|playoutLate|ipdvNs|pdvNs|jitterNs)/
const BY_SIZE = /^(tunnel\.)?byteOffset/

/** Does a metric, by its name, rest on what is known? */
export function isFounded(metric: string, { arrivalTimes, delays, sizes }: Known): boolean {
  if (BY_ARRIVAL_TIME.test(metric)) return arrivalTimes
  if (BY_DELAY.test(metric)) return delays
  return sizes || !BY_SIZE.test(metric)
}
