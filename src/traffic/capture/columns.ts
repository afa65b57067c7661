/** IP packets as the capture reader gives them: typed-array columns, in file order. */

export interface PacketColumns {
  /** Packets in use. */
  count: number
  /** Time: whole seconds since 1970. Untimed packets have the time of the frame before (0 for the first). */
  readonly seconds: Float64Array
  /** Time: nanoseconds of that second, 0..999,999,999. */
  readonly nanoseconds: Int32Array
  /** Number in the reader's flow table. */
  readonly flow: Int32Array
  /** Length of the IP packet on the wire. */
  readonly sizeBytes: Int32Array
  /** Bytes above the TCP or UDP header; 0 for packets without ports. */
  readonly payloadBytes: Int32Array
  /** The TCP header's flag byte; 0 for everything else. */
  readonly tcpFlags: Uint8Array
}

/** Empty columns for up to `capacity` packets. */
export function packetColumns(capacity: number): PacketColumns {
  return {
    count: 0,
    seconds: new Float64Array(capacity),
    nanoseconds: new Int32Array(capacity),
    flow: new Int32Array(capacity),
    sizeBytes: new Int32Array(capacity),
    payloadBytes: new Int32Array(capacity),
    tcpFlags: new Uint8Array(capacity),
  }
}
