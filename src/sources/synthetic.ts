/**
 * Synthetic packets: an arrival process, a population of flows drawn per packet by popularity, packet sizes and a
 * protocol mix, each with a random stream of its own. Arrival times are summed in doubles and rounded once.
 */
import { CHUNK_PACKETS, type PacketChunk, type PacketSource } from '../model/chunk.ts'
import type { Random } from '../sim/random.ts'
import type { Gaps } from './arrival-process.ts'
import { type FlowSettings, flowPopulation } from './flow-population.ts'
import { type PacketSizes, sizePicker } from './packet-sizes.ts'

const HEADER_BYTES = { 6: 40, 17: 28 } as const

export interface SyntheticSettings extends FlowSettings {
  /** An arrival process with its parameters and rate, ready for its random stream. */
  readonly gapsNs: (random: Random) => Gaps
  readonly sizeBytes: PacketSizes
  /** The source stops here, ns. */
  readonly durationNs: number
}

/** @param stream gives the random stream with that name */
export function syntheticSource(settings: SyntheticSettings, stream: (name: string) => Random): PacketSource {
  const { durationNs } = settings
  const nextGapNs = settings.gapsNs(stream('arrivals'))
  const { flows, pick } = flowPopulation(settings, stream)
  const pickSize = sizePicker(settings.sizeBytes, () => stream('sizes'))
  let timeNs = 0
  let index = 0
  return {
    flows,
    async fill(chunk: PacketChunk) {
      chunk.firstIndex = index
      let i = 0
      for (; i < CHUNK_PACKETS; i++) {
        const gapNs = nextGapNs()
        const arrivalNs = Math.round(timeNs + gapNs)
        if (arrivalNs >= durationNs) {
          timeNs = Number.POSITIVE_INFINITY
          break
        }
        timeNs += gapNs
        const flow = pick(arrivalNs)
        const sizeBytes = pickSize()
        const protocol = flows.protocol[flow] as 6 | 17
        chunk.arrivalNs[i] = arrivalNs
        chunk.flow[i] = flow
        chunk.sizeBytes[i] = sizeBytes
        chunk.payloadBytes[i] = Math.max(0, sizeBytes - HEADER_BYTES[protocol])
        chunk.tcpFlags[i] = protocol === 6 ? 0x10 : 0
      }
      chunk.count = i
      index += i
    },
    async close() {},
  }
}
