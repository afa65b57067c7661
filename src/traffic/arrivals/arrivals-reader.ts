/**
 * What an arrivals CSV says was sent, as packets in columns, some at a time: what traffic is filled from, and
 * what describes captures describes it too. Packets have the headers of their flow's protocol, and no TCP
 * flags but ACK.
 */
import type { Columns, headerColumns } from '../../model/packets/columns.ts'
import { TCP, UDP } from '../../model/packets/flow-table.ts'
import type { PacketColumns } from '../capture/columns.ts'
import type { PacketReader } from '../capture/packet-reader.ts'
import { CaptureStats } from '../capture/stats.ts'
import type { SentFile } from './sent-rows.ts'

const ACK = 0x10
/** Above IP. */
const HEADER_BYTES: Readonly<Record<number, number>> = { [TCP]: 20, [UDP]: 8 }
const NS_PER_SECOND = 1e9

/** Fills the columns from the start with the packets `from` .. `to - 1`. */
export function fillHeaders(
  columns: Columns<typeof headerColumns>,
  { run, flows }: Pick<SentFile, 'run' | 'flows'>,
  from: number,
  to: number,
): void {
  const { flow, variant, sizeBytes, payloadBytes, tcpFlags } = columns
  for (let row = from; row < to; row++) {
    const i = row - from
    const of = run.flow[row]!
    const protocol = flows.protocol[of]!
    const headerBytes = (flows.version[of] === 4 ? 20 : 40) + (HEADER_BYTES[protocol] ?? 0)
    flow[i] = of
    variant[i] = 0
    sizeBytes[i] = run.sizeBytes[row]!
    payloadBytes[i] = Math.max(0, sizeBytes[i]! - headerBytes)
    tcpFlags[i] = protocol === TCP ? ACK : 0
  }
}

/** The packets from the first one on, whose time is 0; protocols that were made up aren't counted. */
export function arrivalsReader(file: SentFile): PacketReader {
  const { run, flows, hasAddresses, problems } = file
  const stats = new CaptureStats()
  let at = 0
  return {
    name: run.name,
    flows,
    problems,
    stats,
    async read(columns: PacketColumns): Promise<number> {
      const to = Math.min(run.count, at + columns.flow.length)
      fillHeaders(columns, file, at, to)
      for (let row = at; row < to; row++) {
        const seconds = Math.floor(run.sentNs[row]! / NS_PER_SECOND)
        const nanoseconds = run.sentNs[row]! - seconds * NS_PER_SECOND
        columns.seconds[row - at] = seconds
        columns.nanoseconds[row - at] = nanoseconds
        const flow = run.flow[row]!
        stats.frames++
        stats.wireBytes += run.sizeBytes[row]!
        if (flows.version[flow] === 4) stats.ipv4++
        else stats.ipv6++
        if (!hasAddresses) continue
        if (flows.protocol[flow] === TCP) stats.tcp++
        if (flows.protocol[flow] === UDP) stats.udp++
      }
      columns.count = to - at
      at = to
      return columns.count
    },
    async close() {},
  }
}
