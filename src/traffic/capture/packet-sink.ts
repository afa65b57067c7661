/**
 * Frames in, IP packets out: finds each frame's IP header, interns its flow, fills the columns and counts.
 */
import { type FlowTable, TCP } from '../../model/packets/flow-table.ts'
import { type PacketColumns, packetColumns } from './columns.ts'
import { type FrameSink, NO_TIME } from './frame.ts'
import { COOKED, COOKED_V2, cookedDirection, cookedInterface } from './interfaces.ts'
import { IpHeaders, readIp } from './ip.ts'
import { PacketKeys } from './keys/packet-keys.ts'
import { ipHeaderAt, unreadLinkOf } from './link-layers.ts'
import { CaptureStats } from './stats.ts'

/** More than any IP packet has, BIG TCP's included; a larger original length is damage. */
const WIRE_BYTES_MAX = 1 << 20

/** Sees the bytes of every packet that goes to the columns, in that order. */
export interface PacketWatcher {
  /**
   * @param at where in `view` the IP header begins
   * @param end end of the captured bytes, padding included
   * @param headers what was read there; used again for the next packet
   * @param flow number in the flow table
   */
  packet(view: DataView, at: number, end: number, headers: IpHeaders, flow: number): void
}

export class PacketSink implements FrameSink {
  /** Where packets go; set it anew when it is full. */
  columns: PacketColumns = packetColumns(0)
  readonly stats = new CaptureStats()
  private readonly flows: FlowTable
  private readonly watcher: PacketWatcher | undefined
  private readonly headers = new IpHeaders()
  private readonly keys: PacketKeys
  private seconds = 0
  private nanoseconds = 0

  constructor(flows: FlowTable, watcher?: PacketWatcher) {
    this.flows = flows
    this.watcher = watcher
    this.keys = new PacketKeys(flows)
  }

  get isFull(): boolean {
    return this.columns.count === this.columns.flow.length
  }

  frame(
    view: DataView,
    start: number,
    captured: number,
    original: number,
    linkType: number,
    seconds: number,
    nanoseconds: number,
  ): void {
    const { stats, headers, columns } = this
    stats.frames++
    stats.capturedBytes += captured
    stats.wireBytes += original
    if (captured < original) stats.cutFrames++
    stats.framesOfLink[linkType]!++
    if (linkType === COOKED || linkType === COOKED_V2) this.countCooked(view, start, captured, linkType)
    if (seconds !== NO_TIME) {
      stats.addTime(seconds, nanoseconds)
      this.seconds = seconds
      this.nanoseconds = nanoseconds
    }
    const end = start + captured
    const at = ipHeaderAt(linkType, view, start, end)
    if (at < 0) {
      const unread = unreadLinkOf(at)
      if (unread === undefined) stats.framesWithoutIp++
      else {
        stats.unreadFrames++
        stats.unreadLinks.add(unread)
      }
      return
    }
    const wireEnd = captured < original ? start + Math.min(original, WIRE_BYTES_MAX) : end
    if (!readIp(view, at, end, wireEnd, headers, this.flows.key)) {
      stats.brokenIpFrames++
      return
    }
    if (headers.version === 4) stats.ipv4++
    else stats.ipv6++
    if (headers.isFragment) stats.fragments++
    if (headers.isLaterFragment) stats.laterFragments++
    if (headers.sourcePort >= 0) {
      if (headers.protocol === TCP) stats.tcp++
      else stats.udp++
    }
    const flow = this.flows.intern(
      headers.version,
      headers.protocol,
      headers.sourcePort,
      headers.destinationPort,
    )
    const row = columns.count++
    columns.seconds[row] = this.seconds
    columns.nanoseconds[row] = this.nanoseconds
    columns.flow[row] = flow
    columns.variant[row] = this.keys.variantOf(view, at, end, headers, flow)
    columns.sizeBytes[row] = headers.sizeBytes
    columns.payloadBytes[row] = headers.payloadBytes
    columns.tcpFlags[row] = headers.tcpFlags
    if (this.watcher !== undefined) this.watcher.packet(view, at, end, headers, flow)
  }

  private countCooked(view: DataView, start: number, captured: number, linkType: number): void {
    const { stats } = this
    const index = cookedInterface(linkType, view, start, captured)
    if (index !== undefined) stats.addIndex(index, 1)
    const way = cookedDirection(linkType, view, start, captured)
    if (way === 'in') stats.inFrames++
    else if (way === 'out') stats.outFrames++
  }
}
