/**
 * What a single capture can say of the order of packets, and why that is little: it doesn't hold the order in
 * which they were sent. TCP's sequence numbers and IPv4's identifications give hints (tcp/tcp-gaps.ts,
 * id-order.ts); for everything else, RTP and QUIC included, there are none that hold without knowing the
 * application.
 */

import { FlowTable, TCP } from '../../model/packets/flow-table.ts'
import { openCapture } from '../../node/open-capture.ts'
import { type CapturePaths, wholeName } from '../../traffic/capture/capture-files.ts'
import { packetColumns } from '../../traffic/capture/columns.ts'
import type { IpHeaders } from '../../traffic/capture/ip.ts'
import type { PacketWatcher } from '../../traffic/capture/packet-sink.ts'
import { grouped, significant } from '../../units.ts'
import { NO_ID, type TcpGapCounts, TcpGaps } from '../tcp/tcp-gaps.ts'
import { IdOrder, type IdOrderCounts } from './id-order.ts'

const SYN = 2
const PIECE_PACKETS = 16_384

export interface OneSided {
  readonly packets: number
  /** Packets whose TCP sequence number could be read. */
  readonly packetsTcp: number
  readonly tcp: TcpGapCounts
  readonly id: IdOrderCounts
  /** For the user, a line each: what can't be known, what can be said, what to do. */
  readonly lines: readonly string[]
}

/** Gathers what {@link judgeOneSide} says. */
export class OneSidedWatcher implements PacketWatcher {
  readonly tcp = new TcpGaps()
  readonly order = new IdOrder()
  packets = 0
  packetsTcp = 0

  packet(view: DataView, at: number, end: number, headers: IpHeaders, flow: number): void {
    this.packets++
    const id = headers.version === 4 ? view.getUint16(at + 4) : 0
    if (id !== 0 && !headers.isFragment) this.order.add(flow, id)
    const { transportAt, protocol } = headers
    if (protocol !== TCP || headers.isFragment || transportAt < 0 || transportAt + 14 > end) return
    this.packetsTcp++
    const sequence = view.getUint32(transportAt + 4)
    this.tcp.add(flow, sequence, headers.payloadBytes, (headers.tcpFlags & SYN) !== 0, id === 0 ? NO_ID : id)
  }
}

/**
 * Reads a capture of one side. Throws a UserError where it can't be read. @param name stands for the path in
 * messages
 */
export async function judgeOneSide(path: CapturePaths, name = wholeName(path)): Promise<OneSided> {
  const watcher = new OneSidedWatcher()
  const reader = await openCapture(path, new FlowTable(), name, watcher)
  const columns = packetColumns(PIECE_PACKETS)
  try {
    while ((await reader.read(columns)) > 0);
  } finally {
    await reader.close()
  }
  const { packets, packetsTcp, tcp } = watcher
  const { segments, fillGap, fillGapOlderId, fillGapNewerId, repeat } = tcp
  const found = {
    packets,
    packetsTcp,
    tcp: { segments, fillGap, fillGapOlderId, fillGapNewerId, repeat },
    id: watcher.order.counts,
  }
  return { ...found, lines: [...reader.problems, ...linesOf(name, found)] }
}

function linesOf(name: string, { packets, packetsTcp, tcp, id }: Omit<OneSided, 'lines'>): string[] {
  const lines = [
    `${name}: one capture does not tell in which order its packets were sent, so reordering cannot be measured - capture before and after the system: --sent before.pcap --received after.pcap; where packets carry a number that counts up: --numbering`,
    ...tcpLinesOf(tcp),
  ]
  if (id.flows > 0) {
    lines.push(
      `IPv4: packets of flows that count their IP-ID up ${grouped(id.packets)}, behind a later one ${grouped(id.behind)} (${significant((100 * id.behind) / id.packets)} %): a hint of reordering before the capture`,
    )
  }
  if (packets > packetsTcp) {
    lines.push(
      `UDP and others: packets ${grouped(packets - packetsTcp)}, without a number that counts up (QUIC's is encrypted)`,
    )
  }
  return lines
}

/** What TCP's own numbers tell, a line each; none without segments. */
export function tcpLinesOf({
  segments,
  fillGap,
  fillGapOlderId,
  fillGapNewerId,
  repeat,
}: TcpGapCounts): string[] {
  if (segments === 0) return []
  const unknown = fillGap - fillGapOlderId - fillGapNewerId
  const share = (count: number) => `${grouped(count)} (${significant((100 * count) / segments)} %)`
  return [
    `TCP: segments ${grouped(segments)}, filling a gap ${share(fillGap)}: overtaken, or lost before the capture and sent again; by IP-ID overtaken ${grouped(fillGapOlderId)}, sent again ${grouped(fillGapNewerId)}, undecided ${grouped(unknown)}`,
    `TCP: segments seen before ${share(repeat)}: sent again without need, lost behind the capture, or duplicated`,
  ]
}
