/**
 * What the flows of a capture are like, once it has been read: how many of which kind, how large, and the
 * largest.
 */
import { Histogram } from '../../metrics/delay/histogram.ts'
import type { FlowRecords } from './flow-records.ts'

const LARGEST = 10

/** Percentiles over flows: nearest rank, to 0.1 % (whole numbers below 1024 are exact). */
export interface Spread {
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly max: number | null
}

export interface LargeFlow {
  /** "10.0.0.1:80 > 10.0.0.2:4000/tcp" */
  readonly flow: string
  readonly packets: number
  /** Share of the capture's packets. */
  readonly packetsRatio: number
  readonly bytes: number
  readonly bytesRatio: number
  /** From its first packet to its last. */
  readonly durationNs: number
}

export interface FlowSummary {
  /** One direction of a 5-tuple each; packets without ports by addresses and protocol. */
  readonly flows: number
  readonly flowsWithoutPorts: number
  /** Both directions together. */
  readonly conversations: number
  readonly conversationsWithoutPorts: number
  /** Different directed (source, destination, protocol). */
  readonly flows3Tuple: number
  /** Different pairs of addresses, both directions together. */
  readonly addressPairs: number
  readonly packets: Spread
  readonly lifetimeNs: Spread
  /** By packets, then bytes, then order of appearance. */
  readonly largest: readonly LargeFlow[]
}

export function flowSummary({ flows, packets, bytes, firstNs, lastNs }: FlowRecords): FlowSummary {
  const sizes = new Histogram()
  const lifetimes = new Histogram()
  let packetsSum = 0
  let bytesSum = 0
  let withoutPorts = 0
  let conversations = 0
  let conversationsWithoutPorts = 0
  const largest: number[] = []
  const isLarger = (a: number, b: number) =>
    packets[a] !== packets[b] ? packets[a]! > packets[b]! : bytes[a]! > bytes[b]!

  for (let flow = 0; flow < flows.count; flow++) {
    sizes.record(packets[flow]!)
    lifetimes.record(lastNs[flow]! - firstNs[flow]!)
    packetsSum += packets[flow]!
    bytesSum += bytes[flow]!
    const other = flows.reverseOf(flow)
    const opens = other < 0 || other >= flow
    if (opens) conversations++
    if (flows.sourcePort[flow]! < 0) {
      withoutPorts++
      if (opens) conversationsWithoutPorts++
    }
    if (largest.length === LARGEST && !isLarger(flow, largest[LARGEST - 1]!)) continue
    const place = largest.findIndex((smaller) => isLarger(flow, smaller))
    largest.splice(place < 0 ? largest.length : place, 0, flow)
    largest.length = Math.min(largest.length, LARGEST)
  }
  return {
    flows: flows.count,
    flowsWithoutPorts: withoutPorts,
    conversations,
    conversationsWithoutPorts,
    flows3Tuple: flows.tripleCount,
    addressPairs: flows.pairCount,
    packets: spread(sizes),
    lifetimeNs: spread(lifetimes),
    largest: largest.map((flow) => ({
      flow: flows.describe(flow),
      packets: packets[flow]!,
      packetsRatio: packets[flow]! / packetsSum,
      bytes: bytes[flow]!,
      bytesRatio: bytes[flow]! / bytesSum,
      durationNs: lastNs[flow]! - firstNs[flow]!,
    })),
  }
}

function spread(histogram: Histogram): Spread {
  return {
    p50: histogram.quantile(0.5),
    p90: histogram.quantile(0.9),
    p99: histogram.quantile(0.99),
    max: histogram.count === 0 ? null : histogram.max,
  }
}
