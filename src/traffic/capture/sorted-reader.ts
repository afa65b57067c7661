/**
 * Puts a capture's packets in order of time within a window: of the packets at hand, 65,536 at most, the
 * earliest leaves first, and packets of equal time leave in file order. Memory is constant. A packet more
 * than a window late still comes out behind later ones; whoever plays the packets clamps and counts it
 * (arrival-clock.ts).
 */
import type { Rows } from '../../model/packets/columns.ts'
import type { FlowTable } from '../../model/packets/flow-table.ts'
import { captureRows, type PacketColumns, packetColumns } from './columns.ts'
import type { PacketReader } from './packet-reader.ts'
import type { CaptureStats } from './stats.ts'

/** Packets that are held back in order to be sorted. */
export const SORT_WINDOW_PACKETS = 65_536
const PIECE_PACKETS = 4096

export class SortedReader implements PacketReader {
  readonly name: string
  readonly flows: FlowTable
  private readonly source: PacketReader
  private readonly piece = packetColumns(PIECE_PACKETS)
  private readonly pieceRows = captureRows(this.piece)
  private taken = 0
  /** The packets at hand, in rows that are used again. */
  private readonly held: PacketColumns
  private readonly heldRows: Rows
  /** Number of each held packet in the file. */
  private readonly numbers: Float64Array
  /**
   * All rows; those in use come first and are a binary heap: the earliest packet first, equal ones by number.
   */
  private readonly heap: Int32Array
  private nextNumber = 0
  private readonly onGive: (number: number) => void

  /** @param onGive hears, in the order in which packets leave, the number of each in the file */
  constructor(
    source: PacketReader,
    windowPackets = SORT_WINDOW_PACKETS,
    onGive: (number: number) => void = () => {},
  ) {
    this.source = source
    this.onGive = onGive
    this.name = source.name
    this.flows = source.flows
    this.held = packetColumns(windowPackets)
    this.heldRows = captureRows(this.held)
    this.numbers = new Float64Array(windowPackets)
    this.heap = Int32Array.from({ length: windowPackets }, (_, row) => row)
  }

  get problems(): readonly string[] {
    return this.source.problems
  }

  get stats(): CaptureStats {
    return this.source.stats
  }

  async read(columns: PacketColumns): Promise<number> {
    columns.count = 0
    const { piece, held } = this
    const rows = captureRows(columns)
    while (columns.count < columns.flow.length) {
      if (this.taken === piece.count) {
        this.taken = 0
        await this.source.read(piece)
      }
      if (piece.count === 0) {
        if (held.count === 0) break
        this.give(rows, columns.count++)
      } else {
        if (held.count === held.flow.length) this.give(rows, columns.count++)
        this.take()
      }
    }
    return columns.count
  }

  close(): Promise<void> {
    return this.source.close()
  }

  /** Puts the piece's next packet into the window. */
  private take(): void {
    const { held, heap } = this
    let at = held.count++
    const row = heap[at]!
    this.heldRows.copy(this.pieceRows, this.taken++, row)
    this.numbers[row] = this.nextNumber++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.isBefore(row, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = row
  }

  /** Moves the earliest packet of the window to row `to` of the columns. */
  private give(columns: Rows, to: number): void {
    const { held, heap } = this
    const first = heap[0]!
    this.onGive(this.numbers[first]!)
    columns.copy(this.heldRows, first, to)
    const count = --held.count
    const row = heap[count]!
    heap[count] = first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= count) break
      if (child + 1 < count && this.isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!this.isBefore(heap[child]!, row)) break
      heap[at] = heap[child]!
      at = child
    }
    if (count > 0) heap[at] = row
  }

  private isBefore(a: number, b: number): boolean {
    const { seconds, nanoseconds } = this.held
    if (seconds[a] !== seconds[b]) return seconds[a]! < seconds[b]!
    if (nanoseconds[a] !== nanoseconds[b]) return nanoseconds[a]! < nanoseconds[b]!
    return this.numbers[a]! < this.numbers[b]!
  }
}
