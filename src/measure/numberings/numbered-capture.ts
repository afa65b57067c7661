/**
 * A capture whose packets may have numbers, read once: what is judged of every packet, and the numbers that
 * each kind finds in them. Memory is about 100 bytes per packet.
 */
import { FlowTable, TCP, UDP } from '../../model/packets/flow-table.ts'
import { openCapture } from '../../node/open-capture.ts'
import { grown } from '../../sim/grown.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { packetColumns } from '../../traffic/capture/columns.ts'
import type { IpHeaders } from '../../traffic/capture/ip.ts'
import type { PacketWatcher } from '../../traffic/capture/packet-sink.ts'
import { OneSidedWatcher } from '../inspect/one-sided.ts'
import { LAST_RESORT } from './choose-kinds.ts'
import { Datagram, type NumberKind, type ReadNumber } from './kind.ts'
import { NumberedStreams } from './numbered-streams.ts'

const PIECE_PACKETS = 16_384

/** A capture's packets as they are judged by numbers, in typed arrays; all of the same length. */
export class NumberedCapture implements PacketWatcher {
  readonly name: string
  readonly flows = new FlowTable()
  readonly streams: readonly NumberedStreams[]
  count = 0
  flow = new Int32Array(PIECE_PACKETS)
  sizeBytes = new Int32Array(PIECE_PACKETS)
  payloadBytes = new Int32Array(PIECE_PACKETS)
  /** From {@link baseSeconds}; NaN in a capture without times. */
  timeNs = new Float64Array(PIECE_PACKETS)
  baseSeconds = 0
  /** Frames without a readable IP packet. */
  otherFrames = 0
  laterFragments = 0
  problems: readonly string[] = []
  /** TCP has numbers of its own, which say something else. */
  readonly tcp = new OneSidedWatcher()
  private seen = 0
  private readonly isAuto: boolean
  private readonly byProtocol: Array<readonly NumberedStreams[] | undefined> = []
  private readonly datagram = new Datagram()
  private readonly into: ReadNumber = { number: 0, part: 0, sentUs: Number.NaN }

  constructor(name: string, kinds: readonly NumberKind[], isAuto: boolean) {
    this.name = name
    this.isAuto = isAuto
    this.streams = kinds.map((kind) => new NumberedStreams(kind))
  }

  packet(view: DataView, at: number, end: number, headers: IpHeaders, flow: number): void {
    const row = this.seen++
    const { protocol } = headers
    if (protocol === TCP) this.tcp.packet(view, at, end, headers, flow)
    const streams = this.byProtocol[protocol] ?? this.streamsOf(protocol)
    if (streams.length === 0) return
    // Later fragments belong to a packet that was counted with its first one.
    if (headers.isLaterFragment) {
      this.laterFragments++
      return
    }
    const { datagram, into, flows } = this
    const isWhole = datagram.read(view, at, end, headers, protocol === UDP)
    for (const one of streams) one.add(flows, flow, row, datagram, isWhole, into)
  }

  /** Reads to the end. Throws a UserError where there is no usable packet. */
  async read(path: CapturePaths): Promise<void> {
    const reader = await openCapture(path, this.flows, this.name, this)
    const columns = packetColumns(PIECE_PACKETS)
    try {
      while ((await reader.read(columns)) > 0) {
        const { count: row } = this
        const count = row + columns.count
        if (count > this.flow.length) this.grow(Math.max(count, row * 2))
        this.count = count
        this.flow.set(columns.flow.subarray(0, columns.count), row)
        this.sizeBytes.set(columns.sizeBytes.subarray(0, columns.count), row)
        this.payloadBytes.set(columns.payloadBytes.subarray(0, columns.count), row)
        if (row === 0) this.baseSeconds = columns.seconds[0]!
        for (let i = 0; i < columns.count; i++)
          this.timeNs[row + i] = (columns.seconds[i]! - this.baseSeconds) * 1e9 + columns.nanoseconds[i]!
      }
      this.problems = reader.problems
      this.otherFrames = reader.stats.frames - this.count
      if (reader.stats.timedFrames === 0) this.timeNs.fill(Number.NaN)
    } finally {
      await reader.close()
    }
  }

  /** TCP has numbers of its own; its identifications are taken only if they are asked for. */
  private streamsOf(protocol: number): readonly NumberedStreams[] {
    const found = this.streams.filter(
      ({ kind: { protocols, name } }) =>
        (protocols?.includes(protocol) ?? true) && !(this.isAuto && protocol === TCP && name === LAST_RESORT),
    )
    this.byProtocol[protocol] = found
    return found
  }

  private grow(length: number): void {
    this.flow = grown(this.flow, length)
    this.sizeBytes = grown(this.sizeBytes, length)
    this.payloadBytes = grown(this.payloadBytes, length)
    this.timeNs = grown(this.timeNs, length)
  }
}
