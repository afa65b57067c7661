/**
 * Packets that have reached the sink, in that order, until metrics have looked at them: going through many at once is
 * much faster than at each, because processors learn the way through code that they stay in.
 */
import type { PacketStore } from '../model/packet-store.ts'

export type Column = { readonly [row: number]: number }

/** What is judged of delivered packets, by row. */
export interface DeliveredColumns {
  readonly flow: Column
  /** Number of the packet in its flow as sent, from 0; negative for one that isn't judged. */
  readonly flowNumber: Column
  /** Number among the flow's packets with payload; read only of those, where rules tell protocols apart. */
  readonly dataNumber: Column
  /** Number of the packet over all flows; negative for one that isn't judged. */
  readonly tunnelNumber: Column
  /** When it was sent, and when it came, ns. */
  readonly arrivalNs: Column
  readonly departureNs: Column
  readonly sizeBytes: Column
  readonly payloadBytes: Column
}

/** Enough to pay, few enough to stay in the nearest cache. */
export const DELIVERIES_AT_ONCE = 512

export class Deliveries implements DeliveredColumns {
  count = 0
  readonly capacity: number
  readonly flow: Int32Array
  readonly flowNumber: Int32Array
  readonly dataNumber: Int32Array
  readonly tunnelNumber: Float64Array
  readonly arrivalNs: Float64Array
  readonly departureNs: Float64Array
  readonly sizeBytes: Int32Array
  readonly payloadBytes: Int32Array

  constructor(capacity: number) {
    this.capacity = capacity
    this.flow = new Int32Array(capacity)
    this.flowNumber = new Int32Array(capacity)
    this.dataNumber = new Int32Array(capacity)
    this.tunnelNumber = new Float64Array(capacity)
    this.arrivalNs = new Float64Array(capacity)
    this.departureNs = new Float64Array(capacity)
    this.sizeBytes = new Int32Array(capacity)
    this.payloadBytes = new Int32Array(capacity)
  }

  get isFull(): boolean {
    return this.count === this.capacity
  }

  /** The packet in `row` reaches the sink now. */
  add(store: PacketStore, row: number): void {
    const i = this.count++
    this.flow[i] = store.flow[row]!
    this.flowNumber[i] = store.flowNumber[row]!
    this.dataNumber[i] = store.dataNumber[row]!
    this.tunnelNumber[i] = store.tunnelNumber[row]!
    this.arrivalNs[i] = store.arrivalNs[row]!
    this.departureNs[i] = store.nowNs
    this.sizeBytes[i] = store.sizeBytes[row]!
    this.payloadBytes[i] = store.payloadBytes[row]!
  }
}
