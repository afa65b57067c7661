/** The packets of a replay as a source of the simulator: at the times at which they were to be sent. */
import { CHUNK_PACKETS, type PacketSource } from '../model/packets/chunk.ts'
import type { InjectionList } from './packets.ts'
import type { Schedule } from './schedule.ts'

export function plannedSource(
  { columns, flows }: InjectionList,
  { plannedNs, packets }: Schedule,
): PacketSource {
  let from = 0
  return {
    flows,
    async fill(chunk) {
      const count = Math.min(CHUNK_PACKETS, packets - from)
      chunk.count = count
      chunk.firstIndex = from
      for (let i = 0; i < count; i++) {
        const row = from + i
        chunk.arrivalNs[i] = Math.round(plannedNs[row]!)
        chunk.flow[i] = columns.flow[row]!
        chunk.sizeBytes[i] = columns.sizeBytes[row]!
        chunk.payloadBytes[i] = columns.payloadBytes[row]!
        chunk.tcpFlags[i] = columns.tcpFlags[row]!
      }
      from += count
    },
    async close() {},
  }
}
