/**
 * Synthetic packets: an arrival process, a fixed number of flows drawn per packet by popularity, packet sizes and
 * a protocol mix. Flow i goes from 10.0.0.0 + i to 198.18.0.0 + i (the benchmark network of RFC 2544) with ports
 * of its own, so flows and address pairs are equally many. Arrival times are summed in doubles and rounded once.
 */
import { CHUNK_PACKETS, type PacketChunk, type PacketSource } from '../model/chunk.ts'
import { FlowTable } from '../model/flow-table.ts'
import type { Random } from '../sim/random.ts'
import type { ArrivalProcess } from './arrival-process.ts'
import { zipfIndex } from './zipf.ts'

/** The simple IMIX: 7 packets of 40 bytes, 4 of 576 and 1 of 1500. */
const IMIX = { sizeBytes: [40, 576, 1500], cumulative: [7 / 12, 11 / 12, 1] }
const HEADER_BYTES = { 6: 40, 17: 28 } as const

export interface SyntheticSettings {
  readonly arrivals: ArrivalProcess
  readonly packetsPerSecond: number
  readonly flowCount: number
  /** 0: all flows equally likely. */
  readonly zipfExponent: number
  readonly sizeBytes: number | 'imix'
  /** Share of flows that are TCP, 0..1; the others are UDP. */
  readonly tcpShare: number
  /** The source stops here, ns. */
  readonly durationNs: number
}

/** @param stream gives the random stream with that name */
export function syntheticSource(settings: SyntheticSettings, stream: (name: string) => Random): PacketSource {
  const flows = makeFlows(settings.flowCount, settings.tcpShare)
  const nextGapNs = settings.arrivals.create(settings.packetsPerSecond, stream('arrivals'))
  const pickFlow = flowPicker(settings, stream)
  const pickSize = sizePicker(settings, stream)
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
        if (arrivalNs >= settings.durationNs) {
          timeNs = Number.POSITIVE_INFINITY
          break
        }
        timeNs += gapNs
        const flow = pickFlow()
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

function makeFlows(count: number, tcpShare: number): FlowTable {
  const flows = new FlowTable()
  for (let i = 0; i < count; i++) {
    flows.key[0] = 0x0a000000 + i
    flows.key[4] = 0xc6120000 + (i & 0x1ffff)
    // Spread evenly: flow i is TCP when the running share of TCP flows falls short.
    const isTcp = Math.floor((i + 1) * tcpShare) > Math.floor(i * tcpShare)
    flows.intern(4, isTcp ? 6 : 17, 49152 + (i & 0x3fff), 443)
  }
  return flows
}

function flowPicker(settings: SyntheticSettings, stream: (name: string) => Random): () => number {
  const { flowCount, zipfExponent } = settings
  if (flowCount === 1) return () => 0
  const random = stream('flows')
  if (zipfExponent > 0) return zipfIndex(flowCount, zipfExponent, random)
  return () => Math.floor(random() * flowCount)
}

function sizePicker(settings: SyntheticSettings, stream: (name: string) => Random): () => number {
  const { sizeBytes } = settings
  if (sizeBytes !== 'imix') return () => sizeBytes
  const random = stream('sizes')
  return () => {
    const u = random()
    return IMIX.sizeBytes[IMIX.cumulative.findIndex((share) => u < share)]!
  }
}
