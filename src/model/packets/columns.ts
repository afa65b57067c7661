/**
 * Everything that is known of a packet on its way, column by column, said once: chunks, rows of a pipeline,
 * captures and the live path make their columns of these tables. A new attribute is a line here, whoever
 * fills it (a traffic, the numbering, the draws), and whoever reads it.
 */

type ColumnType = typeof Float64Array | typeof Int32Array | typeof Int16Array | typeof Uint8Array
type Table = Readonly<Record<string, ColumnType>>
type ColumnOf<T extends ColumnType> = T extends typeof Float64Array
  ? Float64Array
  : T extends typeof Int32Array
    ? Int32Array
    : T extends typeof Int16Array
      ? Int16Array
      : Uint8Array
export type Columns<T extends Table> = { [Name in keyof T]: ColumnOf<T[Name]> }
export type Column = Float64Array | Int32Array | Int16Array | Uint8Array

/** What a packet's headers say: a capture holds this, and a policy may look at it. */
export const headerColumns = {
  /** Number in the source's flow table. */
  flow: Int32Array,
  /** Number of the flow table's variant: 0 where every key takes the packet for its flow. */
  variant: Int32Array,
  /** Length of the IP packet on the wire (not of what a capture kept of it). */
  sizeBytes: Int32Array,
  /** Bytes above the transport header; 0 where there are none. */
  payloadBytes: Int32Array,
  /** The TCP header's flag byte; 0 for everything else. */
  tcpFlags: Uint8Array,
} as const

/** What a traffic fills. */
export const trafficColumns = {
  /** Time at the source, integer ns from the start of the run; never goes back. */
  arrivalNs: Float64Array,
  ...headerColumns,
} as const

/** Drawn for the way around a lane: the same for all packets unless the chunk has detours. */
export const detourColumns = {
  /** What its lane takes to wake up, if this packet wakes it, ns. */
  wakeUpNs: Float64Array,
  /** The random part of its delay on the link, ns. */
  linkJitterNs: Float64Array,
  /** Uniform on [0, 1): the link loses the packet when this is below its loss ratio. */
  linkLossDraw: Float64Array,
} as const

/** Drawn for the thread that takes the packet at the far end, where there are such. */
export const receiverColumns = {
  /** The random part of its work there, ns. */
  receiverDraw: Float64Array,
  /** What that thread takes to wake up, if this packet wakes it, ns. */
  receiverWakeUpNs: Float64Array,
} as const

/** What every packet carries from its chunk to its row. */
export const carriedColumns = {
  ...trafficColumns,
  /**
   * Drawn: the random part of the packet's work, ns; uniform on [0, 1) where services were measured, for
   * which it picks one (run/calibration.ts).
   */
  serviceDraw: Float64Array,
  /** Number within the flow, from 0, over the packets of the sample; -1 for a packet of the warm-up. */
  flowNumber: Int32Array,
} as const

/** What only some chunks fill, each for itself, and rows have whenever their chunk does. */
const optionalColumns = {
  /** Number within the flow, from 0, over the sample's packets with payload; meaningless for one without. */
  dataNumber: Int32Array,
  /** Opaque: a traffic that hears finds its packet again by it. */
  tag: Float64Array,
} as const

export const chunkColumns = {
  ...carriedColumns,
  ...detourColumns,
  ...receiverColumns,
  ...optionalColumns,
  /** Which way the packet goes: see model/packets/direction.ts. */
  way: Uint8Array,
} as const

export const rowColumns = {
  ...carriedColumns,
  ...detourColumns,
  ...receiverColumns,
  ...optionalColumns,
  /** Number of the packet, counted from 0 over the whole source. */
  index: Float64Array,
  /** Time at which service began; NaN before. */
  startNs: Float64Array,
  /** Time at which the packet reaches the sink; Infinity while it hasn't left its lane. */
  dueNs: Float64Array,
  /** Number within the tunnel, given at hand-over; -1 before and outside of the sample. */
  tunnelNumber: Float64Array,
  /** Number given at hand-over, over all packets: what a release orders by. */
  turn: Float64Array,
  /** Time at which the packet came to the release; meaningless before. */
  releaseNs: Float64Array,
  /** The lane chosen for the packet; -1 before. */
  lane: Int16Array,
  /** The following row in whichever queue the packet stands. */
  next: Int32Array,
} as const

export function namesOf<T extends Table>(table: T): ReadonlyArray<keyof T & string> {
  return Object.keys(table)
}

/** Empty columns of a table, `length` cells each. */
export function columnsOf<T extends Table>(table: T, length: number): Columns<T> {
  const made: Record<string, unknown> = {}
  for (const [name, Type] of Object.entries(table)) made[name] = new Type(length)
  return made as Columns<T>
}

/** Those columns of `from` that the table names. */
export function pick<T extends Table>(table: T, from: Columns<T>): Columns<T> {
  return Object.fromEntries(namesOf(table).map((name) => [name, from[name]])) as Columns<T>
}

/** A class whose instances begin with the columns of a table as their members. */
export function withColumns<T extends Table>(table: T): new (length: number) => Columns<T> {
  class WithColumns {
    constructor(length: number) {
      Object.assign(this, columnsOf(table, length))
    }
  }
  return WithColumns as unknown as new (
    length: number,
  ) => Columns<T>
}

/**
 * Columns by their type, so that a row is copied in loops that meet one type of array each: one loop over all
 * of them would look up the type of every cell.
 */
export class Rows {
  private readonly float64: Float64Array[] = []
  private readonly int32: Int32Array[] = []
  private readonly small: (Int16Array | Uint8Array)[] = []

  constructor(columns: readonly Column[]) {
    for (const column of columns) {
      if (column instanceof Float64Array) this.float64.push(column)
      else if (column instanceof Int32Array) this.int32.push(column)
      else this.small.push(column)
    }
  }

  /** Row `from` of other columns, in the same order, becomes row `to` of these. */
  copy(other: Rows, from: number, to: number): void {
    const { float64, int32, small } = this
    for (let k = 0; k < float64.length; k++) float64[k]![to] = other.float64[k]![from]!
    for (let k = 0; k < int32.length; k++) int32[k]![to] = other.int32[k]![from]!
    for (let k = 0; k < small.length; k++) small[k]![to] = other.small[k]![from]!
  }
}
