/** The packets of a replay as traffic of the simulator: at the times at which they were to be sent. */
import { CHUNK_PACKETS } from '../model/packets/chunk.ts'
import type { Traffic } from '../model/packets/traffic.ts'
import { ScheduledTraffic } from '../traffic/scheduled.ts'
import type { InjectionList } from './packets.ts'
import type { Schedule } from './schedule.ts'

export function plannedTraffic({ columns, flows }: InjectionList, { plannedNs, packets }: Schedule): Traffic {
  let from = 0
  return new ScheduledTraffic({
    flows,
    async read(chunk) {
      const count = Math.min(CHUNK_PACKETS, packets - from)
      chunk.count = count
      for (let i = 0; i < count; i++) {
        const row = from + i
        chunk.arrivalNs[i] = Math.round(plannedNs[row]!)
        chunk.flow[i] = columns.flow[row]!
        chunk.variant[i] = columns.variant[row]!
        chunk.sizeBytes[i] = columns.sizeBytes[row]!
        chunk.payloadBytes[i] = columns.payloadBytes[row]!
        chunk.tcpFlags[i] = columns.tcpFlags[row]!
      }
      from += count
    },
    async close() {},
  })
}
