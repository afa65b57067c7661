/**
 * The packets inside one pipeline, as rows of typed-array columns. A packet takes a row when it arrives and
 * gives it back when it leaves, so memory follows the number of packets in flight and the hot rows stay in
 * cache. A packet is in one place at a time (TUN queue, stage, lane or link), so one `next` link per row
 * makes all queues.
 */

import { grown } from '../../sim/grown.ts'
import { BLOCK_PACKETS, type PacketChunk } from './chunk.ts'
import {
  type Column,
  carriedColumns,
  detourColumns,
  namesOf,
  Rows,
  receiverColumns,
  rowColumns,
  withColumns,
} from './columns.ts'

/** No row: the end of a queue, no packet in service. */
export const NO_ROW = -1

const CARRIED = namesOf(carriedColumns)
const DETOURS = namesOf(detourColumns)
const RECEIVERS = namesOf(receiverColumns)
const ALL = namesOf(rowColumns)

export class PacketStore extends withColumns(rowColumns) {
  /**
   * The pipeline's clock, ns. It stands here and isn't handed on as an argument: a number like this in the
   * arguments of a call costs an allocation, many times per packet.
   */
  nowNs = 0
  /** Rows in use. */
  count = 0

  private firstFree = NO_ROW
  private unused = 0
  /** The columns that come from a chunk, always and sometimes, and all of them. */
  private carried!: Rows
  private detours!: Rows
  private receivers!: Rows
  private all!: Rows

  constructor() {
    super(1024)
    this.group()
  }

  /** Keeps the first {@link BLOCK_PACKETS} rows for blocks; before any row is given out. */
  reserveBlock(): void {
    this.unused = BLOCK_PACKETS
  }

  /** Copies packet `i` of the chunk into a row of its own. */
  add(chunk: PacketChunk, i: number): number {
    const row = this.takeRow()
    this.count++
    this.index[row] = chunk.firstIndex + i
    this.carried.copy(chunk.carried, i, row)
    if (chunk.hasDetours) this.detours.copy(chunk.detours, i, row)
    if (chunk.hasReceivers) this.receivers.copy(chunk.receivers, i, row)
    if (chunk.hasDataNumbers) this.dataNumber[row] = chunk.dataNumber[i]!
    if (chunk.hasTags) this.tag[row] = chunk.tag[i]!
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
    for (const name of CARRIED) this[name].set(chunk[name].subarray(from, to))
    if (chunk.hasDetours) for (const name of DETOURS) this[name].set(chunk[name].subarray(from, to))
    if (chunk.hasDataNumbers) this.dataNumber.set(chunk.dataNumber.subarray(from, to))
    if (chunk.hasTags) this.tag.set(chunk.tag.subarray(from, to))
  }

  /** Moves the packet of a block's row to a row of its own, which it keeps until it leaves; returns that. */
  settle(from: number): number {
    const row = this.takeRow()
    this.all.copy(this.all, from, row)
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
    const before: Record<string, Column> = this as unknown as Record<string, Column>
    for (const name of ALL) before[name] = grown(before[name]!, this.unused * 2)
    this.group()
  }

  private group(): void {
    const of = (names: ReadonlyArray<keyof typeof rowColumns>) => new Rows(names.map((name) => this[name]))
    this.carried = of(CARRIED)
    this.detours = of(DETOURS)
    this.receivers = of(RECEIVERS)
    this.all = of(ALL)
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
