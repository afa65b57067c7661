/**
 * Packets on their way into a run: up to 16,384 of them in typed-array columns, filled once in source order
 * and then consumed by every policy's pipeline in turn. What is drawn at random for a packet stands here too,
 * so that every policy meets the same packets with the same work (common random numbers).
 */
import type { FlowTable } from './flow-table.ts'

export const CHUNK_PACKETS = 16_384
/**
 * Loops over a chunk are cut into blocks, each a call: a loop that is entered rarely stays in the code that
 * V8 made for it while it ran (on-stack replacement), where its numbers are allocated one by one.
 */
export const BLOCK_PACKETS = 512

export class PacketChunk {
  /** Packets in use, 0..CHUNK_PACKETS. */
  count = 0
  /** Number of the first packet, counted from 0 over the whole source. */
  firstIndex = 0
  /** Time at the source, integer ns from the start of the run; never goes back. */
  readonly arrivalNs = new Float64Array(CHUNK_PACKETS)
  /** Number in the source's flow table. */
  readonly flow = new Int32Array(CHUNK_PACKETS)
  /** Length of the IP packet on the wire (not of what the capture kept of it). */
  readonly sizeBytes = new Int32Array(CHUNK_PACKETS)
  /** Bytes above the transport header; 0 where there are none. */
  readonly payloadBytes = new Int32Array(CHUNK_PACKETS)
  /** The TCP header's flag byte; 0 for everything else. */
  readonly tcpFlags = new Uint8Array(CHUNK_PACKETS)

  /** Is `way` filled in? Without directions every packet meets the policy. */
  hasWays = false
  /** Which way the packet goes: see model/direction.ts. */
  readonly way = new Uint8Array(CHUNK_PACKETS)

  /** Drawn: the random part of the packet's work, ns. */
  readonly serviceDraw = new Float64Array(CHUNK_PACKETS)
  /** Is any of the following three drawn? If not they are the same for all packets. */
  hasDetours = false
  /** Drawn: what its lane takes to wake up, if this packet wakes it, ns. */
  readonly wakeUpNs = new Float64Array(CHUNK_PACKETS)
  /** Drawn: the random part of its delay on the link, ns. */
  readonly linkJitterNs = new Float64Array(CHUNK_PACKETS)
  /** Drawn, uniform on [0, 1): the link loses the packet when this is below its loss ratio. */
  readonly linkLossDraw = new Float64Array(CHUNK_PACKETS)
  /** Number within the flow, from 0, over the packets of the sample; -1 for a packet of the warm-up. */
  readonly flowNumber = new Int32Array(CHUNK_PACKETS)
  /** Is `dataNumber` filled in? Without it every packet carries data: its number is `flowNumber`. */
  hasDataNumbers = false
  /** Number within the flow, from 0, over the sample's packets with payload; meaningless for one without. */
  readonly dataNumber = new Int32Array(CHUNK_PACKETS)
}

/** Where packets come from. */
export interface PacketSource {
  /** The flows of the packets given so far. */
  readonly flows: FlowTable
  /**
   * Fills the columns arrivalNs, flow, sizeBytes, payloadBytes and tcpFlags from the start and sets `count`;
   * 0 is the end of the source. The only asynchronous step of a run.
   */
  fill(chunk: PacketChunk): Promise<void>
  /** Releases files. Safe to call twice. */
  close(): Promise<void>
}
