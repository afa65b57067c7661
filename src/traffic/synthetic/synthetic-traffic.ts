/**
 * Synthetic packets: an arrival process, a population of flows drawn per packet by popularity, packet sizes
 * and a protocol mix, each with a random stream of its own. Arrival times are summed in doubles and rounded
 * once.
 */
import { BLOCK_PACKETS, CHUNK_PACKETS, type PacketChunk } from '../../model/packets/chunk.ts'
import { TCP, UDP } from '../../model/packets/flow-table.ts'
import type { Traffic } from '../../model/packets/traffic.ts'
import type { Random } from '../../sim/random.ts'
import { rounded } from '../../sim/rounded.ts'
import { ScheduledTraffic } from '../scheduled.ts'
import type { Gaps } from './parts/arrival-process.ts'
import { type FlowSettings, flowPopulation } from './parts/flow-population.ts'
import { type PacketSizes, sizePicker } from './parts/packet-sizes.ts'

const ACK = 0x10
/** By protocol number: bytes of the headers, and the TCP header's flags. */
const HEADER_BYTES = new Uint8Array(UDP + 1)
HEADER_BYTES[TCP] = 40
HEADER_BYTES[UDP] = 28
const TCP_FLAGS = new Uint8Array(UDP + 1)
TCP_FLAGS[TCP] = ACK

export interface SyntheticSettings extends FlowSettings {
  /** An arrival process with its parameters and rate, ready for its random stream. */
  readonly gapsNs: (random: Random) => Gaps
  readonly sizeBytes: PacketSizes
  /** The source stops here, ns. */
  readonly durationNs: number
}

/** @param stream gives the random stream with that name */
export function syntheticTraffic(settings: SyntheticSettings, stream: (name: string) => Random): Traffic {
  const { durationNs } = settings
  const nextGapNs = settings.gapsNs(stream('arrivals'))
  const { flows, pick, fill: fillFlows } = flowPopulation(settings, stream)
  const pickSize = sizePicker(settings.sizeBytes, () => stream('sizes'))
  const gapsNs = new Float64Array(CHUNK_PACKETS)
  /**
   * When the packet before came, unrounded. A column, because a number that a closure changes is allocated
   * anew each time.
   */
  const timeNs = new Float64Array(1)

  /** Fills arrival times as far as the source goes; returns where it ended. */
  function fillArrivals({ arrivalNs }: PacketChunk, from: number, to: number): number {
    let nowNs = timeNs[0]!
    for (let i = from; i < to; i++) {
      nowNs += nextGapNs.fill === undefined ? nextGapNs() : gapsNs[i]!
      const roundedNs = rounded(nowNs)
      if (roundedNs >= durationNs) {
        timeNs[0] = Number.POSITIVE_INFINITY
        return i
      }
      arrivalNs[i] = roundedNs
    }
    timeNs[0] = nowNs
    return to
  }

  /** Fills whose packets they are and what they hold. */
  function fillPackets(chunk: PacketChunk, from: number, to: number): void {
    const { arrivalNs, flow, sizeBytes, payloadBytes, tcpFlags } = chunk
    if (fillFlows === undefined) for (let i = from; i < to; i++) flow[i] = pick(arrivalNs[i]!)
    if (typeof settings.sizeBytes === 'number') sizeBytes.fill(settings.sizeBytes, from, to)
    else for (let i = from; i < to; i++) sizeBytes[i] = pickSize()
    const { protocol } = flows
    for (let i = from; i < to; i++) {
      const of = protocol[flow[i]!]!
      payloadBytes[i] = Math.max(0, sizeBytes[i]! - HEADER_BYTES[of]!)
      tcpFlags[i] = TCP_FLAGS[of]!
    }
  }

  return new ScheduledTraffic({
    flows,
    async read(chunk: PacketChunk) {
      nextGapNs.fill?.(gapsNs, CHUNK_PACKETS)
      fillFlows?.(chunk.flow, CHUNK_PACKETS)
      let count = 0
      for (let to = BLOCK_PACKETS; to <= CHUNK_PACKETS && count === to - BLOCK_PACKETS; to += BLOCK_PACKETS) {
        const from = count
        count = fillArrivals(chunk, from, to)
        fillPackets(chunk, from, count)
      }
      chunk.count = count
    },
    async close() {},
  })
}
