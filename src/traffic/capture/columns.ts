/** IP packets as the capture reader gives them: typed-array columns, in file order. */
import { type Columns, columnsOf, headerColumns, namesOf, Rows } from '../../model/packets/columns.ts'

const timeColumns = {
  /** Time: whole seconds since 1970. Untimed packets have the time of the frame before (0 for the first). */
  seconds: Float64Array,
  /** Time: nanoseconds of that second, 0..999,999,999. */
  nanoseconds: Int32Array,
} as const

/** One row per packet. */
export const captureColumns = { ...timeColumns, ...headerColumns } as const

export interface PacketColumns extends Readonly<Columns<typeof captureColumns>> {
  /** Packets in use. */
  count: number
}

/** Empty columns for up to `capacity` packets. */
export function packetColumns(capacity: number): PacketColumns {
  return { count: 0, ...columnsOf(captureColumns, capacity) }
}

/** The columns as rows that can be copied, in the order of every other such. */
export function captureRows(columns: PacketColumns): Rows {
  return new Rows(namesOf(captureColumns).map((name) => columns[name]))
}
