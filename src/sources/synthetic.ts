/**
 * Synthetic packets: an arrival process, a population of flows drawn per packet by popularity, packet sizes and a
 * protocol mix, each with a random stream of its own. Arrival times are summed in doubles and rounded once.
 */
import { BLOCK_PACKETS, CHUNK_PACKETS, type PacketChunk, type PacketSource } from '../model/chunk.ts'
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
  const { flows, pick, fill: fillFlows } = flowPopulation(settings, stream)
  const pickSize = sizePicker(settings.sizeBytes, () => stream('sizes'))
  const gapsNs = new Float64Array(CHUNK_PACKETS)
  /** When the packet before came, unrounded. A column, because a number that a closure changes is allocated anew each time. */
  const timeNs = new Float64Array(1)
  let index = 0

  /** Fills a block as far as the source goes; returns where it ended. */
  function fillBlock(chunk: PacketChunk, from: number, to: number): number {
    let nowNs = timeNs[0]!
    for (let i = from; i < to; i++) {
      const gapNs = nextGapNs.fill === undefined ? nextGapNs() : gapsNs[i]!
      const arrivalNs = Math.round(nowNs + gapNs)
      if (arrivalNs >= durationNs) {
        timeNs[0] = Number.POSITIVE_INFINITY
        return i
      }
      nowNs += gapNs
      const flow = fillFlows === undefined ? pick(arrivalNs) : chunk.flow[i]!
      const sizeBytes = pickSize()
      const protocol = flows.protocol[flow] as 6 | 17
      chunk.arrivalNs[i] = arrivalNs
      chunk.flow[i] = flow
      chunk.sizeBytes[i] = sizeBytes
      chunk.payloadBytes[i] = Math.max(0, sizeBytes - HEADER_BYTES[protocol])
      chunk.tcpFlags[i] = protocol === 6 ? 0x10 : 0
    }
    timeNs[0] = nowNs
    return to
  }

  return {
    flows,
    async fill(chunk: PacketChunk) {
      chunk.firstIndex = index
      nextGapNs.fill?.(gapsNs, CHUNK_PACKETS)
      fillFlows?.(chunk.flow, CHUNK_PACKETS)
      let count = 0
      for (let to = BLOCK_PACKETS; to <= CHUNK_PACKETS && count === to - BLOCK_PACKETS; to += BLOCK_PACKETS) {
        count = fillBlock(chunk, count, to)
      }
      chunk.count = count
      index += count
    },
    async close() {},
  }
}
