/** A capture's packets as whoever plays or describes them takes them: in columns, some at a time. */
import type { FlowTable } from '../../model/packets/flow-table.ts'
import type { PacketColumns } from './columns.ts'
import type { CaptureStats } from './stats.ts'

/** Packets of a capture, in whatever order the reader gives them. */
export interface PacketReader {
  /** The file, for messages. */
  readonly name: string
  readonly flows: FlowTable
  /** What was left out and why: a line each, opened by the name; complete once {@link read} has given 0. */
  readonly problems: readonly string[]
  /** What was read of the file so far. */
  readonly stats: CaptureStats
  /**
   * Fills the columns from the start, wholly unless the capture ends, and sets `count`.
   * @returns that count; 0 at the end of the capture
   * @throws UserError at the end of a capture that had no usable packet at all
   */
  read(columns: PacketColumns): Promise<number>
  /** Releases the file. Safe to call twice. */
  close(): Promise<void>
}
