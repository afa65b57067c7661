/**
 * A capture as matching needs it, whole in memory: fingerprint, flow, size and time of every packet, 45 bytes
 * each and no object per packet.
 */

import { type FlowTable, TCP } from '../../model/packets/flow-table.ts'
import { openCapture } from '../../node/open-capture.ts'
import { grown } from '../../sim/grown.ts'
import { type CapturePaths, wholeName } from '../../traffic/capture/capture-files.ts'
import { packetColumns } from '../../traffic/capture/columns.ts'
import type { IpHeaders } from '../../traffic/capture/ip.ts'
import type { PacketWatcher } from '../../traffic/capture/packet-sink.ts'
import type { CaptureStats } from '../../traffic/capture/stats.ts'
import { TcpEvidence } from '../tcp/tcp-evidence.ts'
import { InvariantHash } from './invariant-hash.ts'

/**
 * A cut packet that keeps less than an IPv4 and a UDP header says nothing; it must not set the measure for
 * the others.
 */
const CUT_BYTES_MIN = 28
const PIECE_PACKETS = 16_384

export class CapturedPackets implements PacketWatcher {
  readonly name: string
  count = 0
  /** Fingerprints. */
  low = new Int32Array(PIECE_PACKETS)
  high = new Int32Array(PIECE_PACKETS)
  /**
   * What tells a packet from the others of its flow even where its bytes are damaged; 0 where nothing does.
   */
  identity = new Int32Array(PIECE_PACKETS)
  flow = new Int32Array(PIECE_PACKETS)
  sizeBytes = new Int32Array(PIECE_PACKETS)
  payloadBytes = new Int32Array(PIECE_PACKETS)
  tcpFlags = new Uint8Array(PIECE_PACKETS)
  /** From {@link baseSeconds}; NaN in a capture without times. */
  timeNs = new Float64Array(PIECE_PACKETS)
  /** The first packet's whole second since 1970. */
  baseSeconds = 0
  /** Bytes that the shortest of the cut packets kept; infinite without cut packets. */
  cutBytesMin = Number.POSITIVE_INFINITY
  problems: readonly string[] = []
  stats!: CaptureStats
  readonly tcp = new TcpEvidence()
  private readonly hash: InvariantHash
  private hashed = 0

  private constructor(name: string, nat: boolean, bytesMax: number) {
    this.name = name
    this.hash = new InvariantHash(nat, bytesMax)
  }

  /**
   * Reads a capture to its end. Throws a UserError where it has no usable packet.
   * @param nat addresses and ports don't count as part of a packet
   * @param bytesMax only so many of a packet's first bytes count
   */
  static async read(
    path: CapturePaths,
    flows: FlowTable,
    nat: boolean,
    bytesMax: number,
  ): Promise<CapturedPackets> {
    const packets = new CapturedPackets(wholeName(path), nat, bytesMax)
    const reader = await openCapture(path, flows, undefined, packets)
    const columns = packetColumns(PIECE_PACKETS)
    try {
      while ((await reader.read(columns)) > 0) {
        const { count: row } = packets
        packets.count += columns.count
        packets.flow.set(columns.flow.subarray(0, columns.count), row)
        packets.sizeBytes.set(columns.sizeBytes.subarray(0, columns.count), row)
        packets.payloadBytes.set(columns.payloadBytes.subarray(0, columns.count), row)
        packets.tcpFlags.set(columns.tcpFlags.subarray(0, columns.count), row)
        if (row === 0) packets.baseSeconds = columns.seconds[0]!
        const { baseSeconds, timeNs } = packets
        for (let i = 0; i < columns.count; i++)
          timeNs[row + i] = (columns.seconds[i]! - baseSeconds) * 1e9 + columns.nanoseconds[i]!
      }
      packets.problems = reader.problems
      packets.stats = reader.stats
      if (reader.stats.timedFrames === 0) packets.timeNs.fill(Number.NaN)
    } finally {
      await reader.close()
    }
    return packets
  }

  /** Puts the packets in order of time; those of equal time stay in file order. */
  sortByTime(): void {
    const { timeNs } = this
    if (Number.isNaN(timeNs[0])) return
    const order = Uint32Array.from({ length: this.count }, (_, row) => row)
    order.sort((a, b) => timeNs[a]! - timeNs[b]! || a - b)
    this.low = permuted(this.low, order)
    this.high = permuted(this.high, order)
    this.identity = permuted(this.identity, order)
    this.flow = permuted(this.flow, order)
    this.sizeBytes = permuted(this.sizeBytes, order)
    this.payloadBytes = permuted(this.payloadBytes, order)
    this.tcpFlags = permuted(this.tcpFlags, order)
    this.timeNs = permuted(this.timeNs, order)
  }

  packet(view: DataView, at: number, end: number, headers: IpHeaders, flow: number): void {
    const row = this.hashed++
    if (row === this.low.length) this.grow(row * 2)
    const captured = end - at
    if (captured < headers.sizeBytes && captured >= CUT_BYTES_MIN && captured < this.cutBytesMin)
      this.cutBytesMin = captured
    this.hash.read(view, at, end, headers)
    this.low[row] = this.hash.low
    this.high[row] = this.hash.high
    this.identity[row] = identityOf(view, at, end, headers)
    this.tcp.packet(view, end, headers, flow)
  }

  private grow(length: number): void {
    this.low = grown(this.low, length)
    this.high = grown(this.high, length)
    this.identity = grown(this.identity, length)
    this.flow = grown(this.flow, length)
    this.sizeBytes = grown(this.sizeBytes, length)
    this.payloadBytes = grown(this.payloadBytes, length)
    this.tcpFlags = grown(this.tcpFlags, length)
    this.timeNs = grown(this.timeNs, length)
  }
}

function permuted<T extends Float64Array | Int32Array | Uint8Array>(column: T, order: Uint32Array): T {
  const result = column.slice() as T
  for (let i = 0; i < order.length; i++) result[i] = column[order[i]!]!
  return result
}

/**
 * IPv4's identification and place within the whole packet, else TCP's sequence number and length; 0 without
 * either.
 */
function identityOf(view: DataView, at: number, end: number, headers: IpHeaders): number {
  if (headers.version === 4) {
    const id = view.getUint16(at + 4)
    if (id !== 0) return ((id << 13) | (view.getUint16(at + 6) & 0x1fff)) ^ 0x40000000 || 1
  }
  const { transportAt, protocol, payloadBytes } = headers
  if (protocol !== TCP || payloadBytes === 0 || transportAt < 0 || transportAt + 8 > end) return 0
  return Math.imul(view.getUint32(transportAt + 4) ^ Math.imul(payloadBytes, 0x9e3779b1), 0x85ebca6b) || 1
}
