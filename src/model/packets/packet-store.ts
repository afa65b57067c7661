/**
 * The packets inside one pipeline, as rows of typed-array columns. A packet takes a row when it arrives and
 * gives it back when it leaves, so memory follows the number of packets in flight and the hot rows stay in
 * cache. A packet is in one place at a time (TUN queue, stage, lane or link), so one `next` link per row
 * makes all queues.
 */

import type { Packet } from '../policy.ts'
import { BLOCK_PACKETS, type PacketChunk } from './chunk.ts'
import type { Flow, FlowTable } from './flow-table.ts'

/** No row: the end of a queue, no packet in service. */
export const NO_ROW = -1

export class PacketStore {
  /**
   * The pipeline's clock, ns. It stands here and isn't handed on as an argument: a number like this in the
   * arguments of a call costs an allocation, many times per packet.
   */
  nowNs = 0
  /** Rows in use. */
  count = 0
  index = new Float64Array(1024)
  arrivalNs = new Float64Array(1024)
  serviceDraw = new Float64Array(1024)
  wakeUpNs = new Float64Array(1024)
  linkJitterNs = new Float64Array(1024)
  linkLossDraw = new Float64Array(1024)
  /** Time at which service began; NaN before. */
  startNs = new Float64Array(1024)
  /** Time at which the packet reaches the sink; Infinity while it hasn't left its lane. */
  dueNs = new Float64Array(1024)
  flow = new Int32Array(1024)
  sizeBytes = new Int32Array(1024)
  payloadBytes = new Int32Array(1024)
  tcpFlags = new Uint8Array(1024)
  /** Number within the flow over the sample; -1 outside of the sample. */
  flowNumber = new Int32Array(1024)
  /**
   * Number within the flow over the sample's packets with payload; only where the source tells them apart.
   */
  dataNumber = new Int32Array(1024)
  /** Number within the tunnel, given at hand-over; -1 before and outside of the sample. */
  tunnelNumber = new Float64Array(1024)
  /** Number given at hand-over, over all packets: what a release orders by. */
  turn = new Float64Array(1024)
  /** Time at which the packet came to the release; meaningless before. */
  releaseNs = new Float64Array(1024)
  /** The lane chosen for the packet; -1 before. */
  lane = new Int16Array(1024)
  /** The following row in whichever queue the packet stands. */
  next = new Int32Array(1024)

  private firstFree = NO_ROW
  private unused = 0

  /** Keeps the first {@link BLOCK_PACKETS} rows for blocks; before any row is given out. */
  reserveBlock(): void {
    this.unused = BLOCK_PACKETS
  }

  /** Copies packet `i` of the chunk into a row of its own. */
  add(chunk: PacketChunk, i: number): number {
    const row = this.takeRow()
    this.count++
    this.index[row] = chunk.firstIndex + i
    this.arrivalNs[row] = chunk.arrivalNs[i]!
    this.serviceDraw[row] = chunk.serviceDraw[i]!
    if (chunk.hasDetours) {
      this.wakeUpNs[row] = chunk.wakeUpNs[i]!
      this.linkJitterNs[row] = chunk.linkJitterNs[i]!
      this.linkLossDraw[row] = chunk.linkLossDraw[i]!
    }
    this.flow[row] = chunk.flow[i]!
    this.sizeBytes[row] = chunk.sizeBytes[i]!
    this.payloadBytes[row] = chunk.payloadBytes[i]!
    this.tcpFlags[row] = chunk.tcpFlags[i]!
    this.flowNumber[row] = chunk.flowNumber[i]!
    if (chunk.hasDataNumbers) this.dataNumber[row] = chunk.dataNumber[i]!
    this.startNs[row] = Number.NaN
    this.dueNs[row] = Number.POSITIVE_INFINITY
    this.tunnelNumber[row] = -1
    this.lane[row] = -1
    return row
  }

  /**
   * Copies the packets from..to - 1 of the chunk, at most {@link BLOCK_PACKETS}, to the rows 0..to - from -
   * 1, which are reserved: what a block does costs no row of its own. They count and have a lane, a number
   * and a start when whoever loads them says so.
   */
  load(chunk: PacketChunk, from: number, to: number): void {
    const first = chunk.firstIndex + from
    for (let row = to - from - 1; row >= 0; row--) this.index[row] = first + row
    this.arrivalNs.set(chunk.arrivalNs.subarray(from, to))
    this.serviceDraw.set(chunk.serviceDraw.subarray(from, to))
    if (chunk.hasDetours) {
      this.wakeUpNs.set(chunk.wakeUpNs.subarray(from, to))
      this.linkJitterNs.set(chunk.linkJitterNs.subarray(from, to))
      this.linkLossDraw.set(chunk.linkLossDraw.subarray(from, to))
    }
    this.flow.set(chunk.flow.subarray(from, to))
    this.sizeBytes.set(chunk.sizeBytes.subarray(from, to))
    this.payloadBytes.set(chunk.payloadBytes.subarray(from, to))
    this.tcpFlags.set(chunk.tcpFlags.subarray(from, to))
    this.flowNumber.set(chunk.flowNumber.subarray(from, to))
    if (chunk.hasDataNumbers) this.dataNumber.set(chunk.dataNumber.subarray(from, to))
  }

  /** Moves the packet of a block's row to a row of its own, which it keeps until it leaves; returns that. */
  settle(from: number): number {
    const row = this.takeRow()
    this.index[row] = this.index[from]!
    this.arrivalNs[row] = this.arrivalNs[from]!
    this.serviceDraw[row] = this.serviceDraw[from]!
    this.wakeUpNs[row] = this.wakeUpNs[from]!
    this.linkJitterNs[row] = this.linkJitterNs[from]!
    this.linkLossDraw[row] = this.linkLossDraw[from]!
    this.startNs[row] = this.startNs[from]!
    this.dueNs[row] = this.dueNs[from]!
    this.flow[row] = this.flow[from]!
    this.sizeBytes[row] = this.sizeBytes[from]!
    this.payloadBytes[row] = this.payloadBytes[from]!
    this.tcpFlags[row] = this.tcpFlags[from]!
    this.flowNumber[row] = this.flowNumber[from]!
    this.dataNumber[row] = this.dataNumber[from]!
    this.tunnelNumber[row] = this.tunnelNumber[from]!
    this.turn[row] = this.turn[from]!
    this.lane[row] = this.lane[from]!
    this.next[row] = this.next[from]!
    return row
  }

  private takeRow(): number {
    const row = this.firstFree
    if (row !== NO_ROW) {
      this.firstFree = this.next[row]!
      return row
    }
    if (this.unused === this.next.length) this.grow()
    return this.unused++
  }

  /** The packet has left: gives its row back. */
  remove(row: number): void {
    this.free(row)
    this.count--
  }

  /** The row may be given out again; it isn't one of a block. */
  free(row: number): void {
    this.next[row] = this.firstFree
    this.firstFree = row
  }

  private grow(): void {
    const length = this.next.length * 2
    const longer = <T extends Float64Array | Int32Array | Int16Array | Uint8Array>(column: T): T => {
      const copy = new (column.constructor as new (length: number) => T)(length)
      copy.set(column)
      return copy
    }
    this.index = longer(this.index)
    this.arrivalNs = longer(this.arrivalNs)
    this.serviceDraw = longer(this.serviceDraw)
    this.wakeUpNs = longer(this.wakeUpNs)
    this.linkJitterNs = longer(this.linkJitterNs)
    this.linkLossDraw = longer(this.linkLossDraw)
    this.startNs = longer(this.startNs)
    this.dueNs = longer(this.dueNs)
    this.flow = longer(this.flow)
    this.sizeBytes = longer(this.sizeBytes)
    this.payloadBytes = longer(this.payloadBytes)
    this.tcpFlags = longer(this.tcpFlags)
    this.flowNumber = longer(this.flowNumber)
    this.dataNumber = longer(this.dataNumber)
    this.tunnelNumber = longer(this.tunnelNumber)
    this.turn = longer(this.turn)
    this.releaseNs = longer(this.releaseNs)
    this.lane = longer(this.lane)
    this.next = longer(this.next)
  }
}

/** A FIFO of packets, linked through the store's `next` column; unlimited, and free of allocation. */
export class PacketQueue {
  count = 0
  /** First row in line, or NO_ROW. */
  head = NO_ROW
  private tail = NO_ROW
  private readonly store: PacketStore

  constructor(store: PacketStore) {
    this.store = store
  }

  push(row: number): void {
    const next = this.store.next
    next[row] = NO_ROW
    if (this.count++ === 0) this.head = row
    else next[this.tail] = row
    this.tail = row
  }

  /** Takes the first row; the queue must not be empty. */
  shift(): number {
    const row = this.head
    this.head = this.store.next[row]!
    this.count--
    return row
  }
}

/**
 * The one packet object that policies see, pointed at a row before each call; nothing is copied. Frozen, as
 * its flow is: a policy that writes to it gets a TypeError.
 */
export class PacketView implements Packet {
  #row = 0
  readonly #store: PacketStore
  readonly #flows: FlowTable

  constructor(store: PacketStore, flows: FlowTable) {
    this.#store = store
    this.#flows = flows
    Object.freeze(this)
  }

  get row(): number {
    return this.#row
  }
  pointAt(row: number): void {
    this.#row = row
  }

  get flow(): Flow {
    return this.#flows.get(this.#store.flow[this.#row]!)
  }
  get index(): number {
    return this.#store.index[this.#row]!
  }
  get sizeBytes(): number {
    return this.#store.sizeBytes[this.#row]!
  }
  get payloadBytes(): number {
    return this.#store.payloadBytes[this.#row]!
  }
  get tcpFlags(): number {
    return this.#store.tcpFlags[this.#row]!
  }
  get arrivalNs(): number {
    return this.#store.arrivalNs[this.#row]!
  }
}
