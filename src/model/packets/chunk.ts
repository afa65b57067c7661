/**
 * Packets on their way into a run: up to 16,384 of them in typed-array columns, filled once in source order
 * and then consumed by every policy's pipeline in turn. What is drawn at random for a packet stands here too,
 * so that every policy meets the same packets with the same work (common random numbers).
 */
import {
  type Columns,
  carriedColumns,
  chunkColumns,
  detourColumns,
  namesOf,
  Rows,
  receiverColumns,
  withColumns,
} from './columns.ts'

export const CHUNK_PACKETS = 16_384
/**
 * Loops over a chunk are cut into blocks, each a call: a loop that is entered rarely stays in the code that
 * V8 made for it while it ran (on-stack replacement), where its numbers are allocated one by one.
 */
export const BLOCK_PACKETS = 512

export class PacketChunk extends withColumns(chunkColumns) {
  /** Packets in use, 0..CHUNK_PACKETS. */
  count = 0
  /** Number of the first packet, counted from 0 over the whole source. */
  firstIndex = 0
  /** Is `way` filled in? Without directions every packet meets the policy. */
  hasWays = false
  /** Are the columns of detours drawn? If not they are the same for all packets. */
  hasDetours = false
  /** Are the columns of receivers drawn? If not there are none, or theirs are 0. */
  hasReceivers = false
  /** Is `dataNumber` filled in? Without it every packet carries data: its number is `flowNumber`. */
  hasDataNumbers = false
  /** Is `tag` filled in? */
  hasTags = false
  /** The columns that a packet's row gets of it: always, and where the chunk has them. */
  readonly carried: Rows
  readonly detours: Rows
  readonly receivers: Rows

  /** @param given columns that take the place of its own, of any length */
  constructor(given: Partial<Columns<typeof chunkColumns>> = {}) {
    super(CHUNK_PACKETS)
    Object.assign(this, given)
    this.carried = new Rows(namesOf(carriedColumns).map((name) => this[name]))
    this.detours = new Rows(namesOf(detourColumns).map((name) => this[name]))
    this.receivers = new Rows(namesOf(receiverColumns).map((name) => this[name]))
  }
}
