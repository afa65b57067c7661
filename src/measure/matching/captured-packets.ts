/**
 * A capture as matching needs it, whole in memory: fingerprint, judged flow, size and time of every packet,
 * 49 bytes each and no object per packet. Fragments are put together to their datagrams (datagrams.ts). What
 * else matching wants to know of some packets' bytes it reads once more ({@link CapturedPackets.reread}).
 */
import { TCP } from '../../model/packets/flow-table.ts'
import { openCapture } from '../../node/open-capture.ts'
import { grown } from '../../sim/grown.ts'
import { type CapturePaths, wholeName } from '../../traffic/capture/capture-files.ts'
import { packetColumns } from '../../traffic/capture/columns.ts'
import type { IpHeaders } from '../../traffic/capture/ip.ts'
import type { PacketWatcher } from '../../traffic/capture/packet-sink.ts'
import type { CaptureStats } from '../../traffic/capture/stats.ts'
import { TcpEvidence } from '../tcp/tcp-evidence.ts'
import { Datagrams, type WholePacket } from './datagrams.ts'
import { eachTcpOption, InvariantHash, MSS_OPTION } from './invariant-hash.ts'
import type { JudgedFlows } from './judged-flows.ts'
import { PacketRows, selected } from './packet-rows.ts'

/**
 * A cut packet that keeps less than an IPv4 and a UDP header says nothing; it must not set the measure for
 * the others.
 */
const CUT_BYTES_MIN = 28
const PIECE_PACKETS = 16_384
const SYN = 2

export class CapturedPackets extends PacketRows implements PacketWatcher {
  readonly name: string
  /** The first packet's whole second since 1970, from which times count. */
  baseSeconds = 0
  /** Bytes that the shortest of the cut packets kept; infinite without cut packets. */
  cutBytesMin = Number.POSITIVE_INFINITY
  problems: readonly string[] = []
  stats!: CaptureStats
  readonly tcp = new TcpEvidence()
  /** Frames without a readable IP packet. */
  otherFrames = 0
  /** Datagrams that were put together. */
  joinedDatagrams = 0
  /** The largest segment that the sender of a SYN takes, by the SYN's flow. */
  readonly segmentBytesMax = new Map<number, number>()
  /** What was added to acknowledgement numbers, by flow (rewritten.ts). */
  readonly acknowledgementShift = new Map<number, number>()
  /** Number of each row's (last) frame among those with IP. */
  private frame: Uint32Array | undefined
  private isAbsorbed: Uint8Array | undefined
  private frames = 0
  private readonly path: CapturePaths
  private readonly judged: JudgedFlows
  private readonly hash: InvariantHash
  private readonly datagrams: Datagrams

  private constructor(path: CapturePaths, judged: JudgedFlows, nat: boolean, bytesMax: number) {
    super()
    this.path = path
    this.name = wholeName(path)
    this.judged = judged
    this.hash = new InvariantHash(nat, bytesMax)
    this.datagrams = new Datagrams(
      (view, at, end, headers, flow, frame) => {
        this.joinedDatagrams++
        this.put(view, at, end, headers, flow, frame)
      },
      (frame) => {
        this.isAbsorbed = grown(this.isAbsorbed ?? new Uint8Array(PIECE_PACKETS), this.low.length)
        this.isAbsorbed[frame] = 1
      },
      (frame, flow) => {
        this.flow[frame] = judged.ofTuple(flow)
      },
    )
  }

  /**
   * Reads a capture to its end. Throws a UserError where it has no usable packet.
   * @param nat addresses and ports don't count as part of a packet
   * @param bytesMax only so many of a packet's first bytes count
   */
  static async read(
    path: CapturePaths,
    judged: JudgedFlows,
    nat: boolean,
    bytesMax: number,
  ): Promise<CapturedPackets> {
    const packets = new CapturedPackets(path, judged, nat, bytesMax)
    const reader = await openCapture(path, judged.table, undefined, packets)
    const columns = packetColumns(PIECE_PACKETS)
    let row = 0
    try {
      while ((await reader.read(columns)) > 0) {
        if (row === 0) packets.baseSeconds = columns.seconds[0]!
        const { baseSeconds, timeNs } = packets
        for (let i = 0; i < columns.count; i++)
          timeNs[row + i] = (columns.seconds[i]! - baseSeconds) * 1e9 + columns.nanoseconds[i]!
        row += columns.count
      }
      packets.problems = reader.problems
      packets.stats = reader.stats
      if (reader.stats.timedFrames === 0) packets.timeNs.fill(Number.NaN)
    } finally {
      await reader.close()
    }
    packets.count = row
    packets.otherFrames = packets.stats.frames - row
    if (packets.isAbsorbed !== undefined) {
      const { isAbsorbed } = packets
      packets.keep(Uint32Array.from({ length: row }, (_, i) => i).filter((i) => isAbsorbed[i] !== 1))
    }
    return packets
  }

  /** Puts the packets in order of time; those of equal time stay in file order. */
  sortByTime(): void {
    const { timeNs } = this
    if (Number.isNaN(timeNs[0])) return
    const order = Uint32Array.from({ length: this.count }, (_, row) => row)
    this.keep(order.sort((a, b) => timeNs[a]! - timeNs[b]! || a - b))
  }

  /** Shows the bytes of the packets once more: of those rows that `isWanted` has 1 for, in file order. */
  async reread(
    isWanted: Uint8Array,
    show: (view: DataView, at: number, end: number, headers: IpHeaders, row: number) => void,
  ): Promise<void> {
    const rowOf = new Int32Array(this.frames).fill(-1)
    for (let row = 0; row < this.count; row++)
      if (isWanted[row] === 1) rowOf[this.frame === undefined ? row : this.frame[row]!] = row
    const whole: WholePacket = (view, at, end, headers, _, frame) => {
      const row = rowOf[frame]!
      if (row >= 0) show(view, at, end, headers, row)
    }
    const ignore = () => {}
    const datagrams = new Datagrams(whole, ignore, ignore)
    let frame = 0
    const watcher: PacketWatcher = {
      packet: (view, at, end, headers, flow) => {
        if (headers.isFragment) datagrams.fragment(view, at, end, headers, flow, frame)
        else whole(view, at, end, headers, flow, frame)
        frame++
      },
    }
    const reader = await openCapture(this.path, this.judged.table, undefined, watcher)
    const columns = packetColumns(PIECE_PACKETS)
    try {
      while ((await reader.read(columns)) > 0);
    } finally {
      await reader.close()
    }
  }

  /** The same capture with several rows for some packets: as many as `rowsOf` says. */
  expanded(rowsOf: Uint32Array): CapturedPackets {
    const from: number[] = []
    for (let row = 0; row < this.count; row++) for (let i = 0; i < rowsOf[row]!; i++) from.push(row)
    const copy: CapturedPackets = Object.assign(Object.create(CapturedPackets.prototype), this)
    copy.keep(Uint32Array.from(from))
    copy.content = new Int32Array(copy.count)
    copy.header = new Int32Array(copy.count)
    return copy
  }

  packet(view: DataView, at: number, end: number, headers: IpHeaders, flow: number): void {
    const frame = this.frames++
    if (frame === this.low.length) this.grow(frame * 2)
    this.tcp.packet(view, end, headers, flow)
    this.put(view, at, end, headers, flow, frame)
    if (headers.isFragment) this.datagrams.fragment(view, at, end, headers, flow, frame)
  }

  private put(view: DataView, at: number, end: number, headers: IpHeaders, flow: number, row: number): void {
    const captured = end - at
    if (captured < headers.sizeBytes && captured >= CUT_BYTES_MIN && captured < this.cutBytesMin)
      this.cutBytesMin = captured
    this.hash.read(view, at, end, headers)
    this.low[row] = this.hash.low
    this.high[row] = this.hash.high
    this.identity[row] = identityOf(view, at, end, headers)
    const judged = this.judged.of(view, end, headers, flow)
    this.flow[row] = judged
    this.sizeBytes[row] = headers.sizeBytes
    this.payloadBytes[row] = headers.payloadBytes
    this.tcpFlags[row] = headers.tcpFlags
    const { transportAt } = headers
    this.sequence[row] =
      headers.protocol === TCP && transportAt >= 0 && transportAt + 8 <= end
        ? view.getUint32(transportAt + 4)
        : 0
    if ((headers.tcpFlags & SYN) !== 0) {
      eachTcpOption(view, transportAt, end, (kind, option) => {
        if (kind === MSS_OPTION) this.segmentBytesMax.set(judged, view.getUint16(option + 2))
      })
    }
  }

  private keep(rows: Uint32Array): void {
    this.select(rows)
    this.frame = this.frame === undefined ? rows : selected(this.frame, rows)
  }
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
  return segmentIdentity(view.getUint32(transportAt + 4), payloadBytes)
}

/** By TCP's sequence number and length. */
export function segmentIdentity(sequence: number, payloadBytes: number): number {
  return Math.imul(sequence ^ Math.imul(payloadBytes, 0x9e3779b1), 0x85ebca6b) || 1
}
