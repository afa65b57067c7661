/**
 * A piece of a capture on its way through the statistics: packets in columns, with what is known of each so
 * far.
 */
import { type PacketColumns, packetColumns } from '../../traffic/capture/columns.ts'

/** Time of the packet before where there was none; every arrival is at or after 0. */
export const NEVER = -1

/** Packets per piece. */
const CAPACITY = 16_384

export class TimedPackets {
  readonly columns: PacketColumns = packetColumns(CAPACITY)
  /** Time of arrival, ns; never goes back. */
  readonly arrivalNs = new Float64Array(CAPACITY)
  /** When the flow's packet before arrived, or NEVER. */
  readonly flowSeenNs = new Float64Array(CAPACITY)
  /** When the address pair's packet before arrived, or NEVER. */
  readonly pairSeenNs = new Float64Array(CAPACITY)

  get count(): number {
    return this.columns.count
  }
}
