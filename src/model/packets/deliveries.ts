/**
 * Packets that have reached the sink, in that order, until somebody looks at them: metrics, because going
 * through many at once is much faster than at each (processors learn the way through code that they stay in),
 * or a traffic that hears of them.
 */
import type { PacketStore } from './packet-store.ts'

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

/** The same as a tracker of order or delays reads it: columns of typed arrays, one entry per packet. */
export interface ArrivalColumns {
  /** Number of the stream, from 0. */
  readonly stream: Int32Array
  /** Number of the packet in its stream, sent from 0 on; negative for one that isn't judged. */
  readonly number: Float64Array
  /** When it was sent, and when it came, ns. */
  readonly sentNs: Float64Array
  readonly nowNs: Float64Array
  /** What the byte offset counts of it. */
  readonly sizeBytes: Int32Array
  /** The loss rules that judge it. */
  readonly transport: Uint8Array
}

/** Enough to pay, few enough to stay in the nearest cache. */
export const DELIVERIES_AT_ONCE = 512

export class Deliveries implements DeliveredColumns {
  count = 0
  readonly capacity: number
  readonly flow: Int32Array
  readonly flowNumber: Float64Array
  readonly dataNumber: Float64Array
  readonly tunnelNumber: Float64Array
  readonly arrivalNs: Float64Array
  readonly departureNs: Float64Array
  readonly sizeBytes: Int32Array
  readonly payloadBytes: Int32Array
  /** What the traffic wrote there; empty for whoever doesn't ask for it. */
  readonly tag: Float64Array

  /** @param capacity rows; metrics take at most {@link DELIVERIES_AT_ONCE} */
  constructor(capacity: number, hasTags = false) {
    this.capacity = capacity
    this.tag = new Float64Array(hasTags ? capacity : 0)
    this.flow = new Int32Array(capacity)
    this.flowNumber = new Float64Array(capacity)
    this.dataNumber = new Float64Array(capacity)
    this.tunnelNumber = new Float64Array(capacity)
    this.arrivalNs = new Float64Array(capacity)
    this.departureNs = new Float64Array(capacity)
    this.sizeBytes = new Int32Array(capacity)
    this.payloadBytes = new Int32Array(capacity)
  }

  /** Packets that it can still take. */
  get room(): number {
    return this.capacity - this.count
  }

  /** The packet in `row` reaches the sink now. */
  add(store: PacketStore, row: number): void {
    this.departureNs[this.copy(store, row)] = store.nowNs
  }

  /**
   * The packets in rows[from..to - 1] reached the sink, at `store.dueNs`: as many as there is room for, at
   * most.
   */
  addAll(store: PacketStore, rows: Int32Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const row = rows[i]!
      this.departureNs[this.copy(store, row)] = store.dueNs[row]!
    }
  }

  /** Copies all but the time of departure; returns where to. */
  private copy(store: PacketStore, row: number): number {
    const i = this.count++
    this.flow[i] = store.flow[row]!
    this.flowNumber[i] = store.flowNumber[row]!
    this.dataNumber[i] = store.dataNumber[row]!
    this.tunnelNumber[i] = store.tunnelNumber[row]!
    this.arrivalNs[i] = store.arrivalNs[row]!
    this.sizeBytes[i] = store.sizeBytes[row]!
    this.payloadBytes[i] = store.payloadBytes[row]!
    if (this.tag.length > 0) this.tag[i] = store.tag[row]!
    return i
  }

  /** Holds packet `i` of other columns, and no others. */
  holdOnly(packets: DeliveredColumns, i: number): void {
    this.count = 1
    this.flow[0] = packets.flow[i]!
    this.flowNumber[0] = packets.flowNumber[i]!
    this.dataNumber[0] = packets.dataNumber[i]!
    this.tunnelNumber[0] = packets.tunnelNumber[i]!
    this.arrivalNs[0] = packets.arrivalNs[i]!
    this.departureNs[0] = packets.departureNs[i]!
    this.sizeBytes[0] = packets.sizeBytes[i]!
    this.payloadBytes[0] = packets.payloadBytes[i]!
  }
}
