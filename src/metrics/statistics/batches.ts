/**
 * Events and chances of one long run, by batches of consecutive packets of the source, in bounded memory:
 * when the batches run out, neighbours are merged and a batch holds twice as many packets. Neighbouring
 * packets fare alike, long batches hardly do, so their spread tells how sure the run is (batch-means.ts). A
 * packet's batch is that of its number at the source, whatever order packets finish in, so the batches of all
 * policies hold the same packets.
 */
import type { Ratio } from '../metric.ts'

export const BATCHES_MAX = 64
/** Shorter batches would be too much alike their neighbours. */
const FIRST_SIZE_PACKETS = 64

/** Plain data. Batch i holds the packets i * sizePackets .. (i + 1) * sizePackets - 1 of the source. */
export interface BatchTable {
  readonly sizePackets: number
  /** Without the empty ones at the end. */
  readonly batches: readonly Ratio[]
}

export class Batches {
  /** Packets per batch: the first size times a power of two. */
  sizePackets: number
  /** One row of sums per batch. */
  readonly sums: Float64Array
  private readonly columns: number
  private used = 0

  /**
   * @param columns sums kept per batch
   * @param firstSizePackets of a batch, until more than {@link BATCHES_MAX} are needed
   */
  constructor(columns: number, firstSizePackets = FIRST_SIZE_PACKETS) {
    this.columns = columns
    this.sums = new Float64Array(columns * BATCHES_MAX)
    this.sizePackets = firstSizePackets
  }

  /**
   * Where in `sums` the batch of a packet begins. @param index its number at the source, from 0; in any order
   */
  rowOf(index: number): number {
    let batch = Math.floor(index / this.sizePackets)
    while (batch >= BATCHES_MAX) {
      this.merge()
      batch = Math.floor(index / this.sizePackets)
    }
    if (batch >= this.used) this.used = batch + 1
    return batch * this.columns
  }

  /** Two columns as events and chances, or amounts and how many there are. */
  table(count: number, of: number): BatchTable {
    const batches: Ratio[] = []
    for (let i = 0; i < this.used; i++) {
      const row = i * this.columns
      batches.push({ count: this.sums[row + count]!, of: this.sums[row + of]! })
    }
    return { sizePackets: this.sizePackets, batches }
  }

  private merge(): void {
    const { sums, columns } = this
    for (let i = 0; i < BATCHES_MAX / 2; i++) {
      for (let column = 0; column < columns; column++) {
        const from = 2 * i * columns + column
        sums[i * columns + column] = sums[from]! + sums[from + columns]!
      }
    }
    sums.fill(0, (BATCHES_MAX / 2) * columns)
    this.used = Math.ceil(this.used / 2)
    this.sizePackets *= 2
  }
}

/** The same table in larger batches. @param sizePackets the table's size times a power of two */
export function coarsened({ sizePackets: from, batches }: BatchTable, sizePackets: number): BatchTable {
  const merged = sizePackets / from
  const result: Ratio[] = []
  for (let start = 0; start < batches.length; start += merged) {
    const group = batches.slice(start, start + merged)
    result.push({
      count: group.reduce((sum, { count }) => sum + count, 0),
      of: group.reduce((sum, { of }) => sum + of, 0),
    })
  }
  return { sizePackets, batches: result }
}
