/**
 * What `lanewise inspect` says of a capture: one flat record of counts, rates, flows, activity and gaps.
 * Arrivals are those of a run: a packet earlier than one before it counts as arriving together with that one.
 * `null` is unknown: a rate without time, a percentile of nothing.
 */
import type { LargeFlow } from './flow-summary.ts'
import type { TtlName } from './gaps.ts'

type Percentile = 'P50' | 'P90' | 'P99' | 'Max'
type ActivityWidth = '1ms' | '10ms' | '100ms'
type PeakWidth = '10ms' | '1s'

/** Fields by kind. A *flow* is one direction of a 5-tuple, a *pair* two addresses in both directions. */
export type Inspection = InspectionCounts & {
  // Packets and bits per second: over the time from first to last packet, and in the busiest window.
  readonly [field in `rate${'Pps' | 'Bps'}${'Mean' | `Peak${PeakWidth}`}`]: number | null
} & {
  readonly [field in `${'flowPackets' | 'flowLifetimeNs'}${Percentile}`]: number | null
} & {
  // Different flows in a window; the mean is over windows that hold a packet.
  readonly [field in `activeFlows${ActivityWidth}${'Mean' | 'Max'}`]: number | null
} & {
  // Time between successive packets of the same flow or pair.
  readonly [field in `${'flow' | 'pair'}GapNs${Percentile}`]: number | null
} & {
  // Share of those gaps that are so long or longer: a flow table with that TTL has forgotten the flow.
  readonly [field in `${'flow' | 'pair'}GapsFrom${TtlName}Ratio`]: number | null
}

export interface InspectedInterface {
  readonly number: number
  /** null where the file gives none. */
  readonly name: string | null
  readonly linkType: number
  readonly linkTypeName: string
  readonly frames: number
}

interface InspectionCounts {
  readonly schemaVersion: 1
  /** The file as named, or "standard input". */
  readonly capture: string
  /** In order of time, where the capture has several. */
  readonly files?: readonly string[]
  /** Put in order of time before anything was counted. */
  readonly sorted: boolean
  /** Why the capture is not all there; one line each. */
  readonly problems: readonly string[]

  /** Records of the file. */
  readonly frames: number
  readonly capturedBytes: number
  readonly wireBytes: number
  /** Earliest and latest frame, ISO 8601 UTC with ns; null where no record has a time. */
  readonly startTime: string | null
  readonly endTime: string | null
  readonly durationNs: number | null
  readonly linkTypes: readonly { readonly linkType: number; readonly name: string; readonly frames: number }[]
  /** Of a pcapng file, and those of Linux's `any` interface by their index; undefined without either. */
  readonly interfaces?: readonly InspectedInterface[]
  /** Frames of the `any` interface by their direction; undefined without such. */
  readonly directions?: { readonly in: number; readonly out: number }
  /** Less was captured than was on the wire; lengths are those on the wire all the same. */
  readonly cutFrames: number
  readonly framesWithoutIp: number
  /** Of a link type that isn't read. */
  readonly unreadFrames: number
  readonly brokenIpFrames: number
  /** Earlier than the frame before in the file. */
  readonly backwardFrames: number
  /** With the time of the frame before in the file. */
  readonly equalTimeFrames: number

  /** IP packets: what a policy would see. */
  readonly packets: number
  readonly ipBytes: number
  /** From the first packet's arrival to the last one's. */
  readonly spanNs: number
  /** Earlier than one before (after sorting, if that was asked for), and the most that one was early by. */
  readonly clampedPackets: number
  readonly backwardNsMax: number
  readonly ipv4: number
  readonly ipv6: number
  /** With ports; fragments without them count as other. */
  readonly tcp: number
  readonly udp: number
  readonly otherProtocols: number
  readonly fragments: number
  /** Not the first of their packet, so without ports: another flow than the first one's. */
  readonly laterFragments: number

  readonly flows: number
  /** Flows by the outer header, as above, and by the innermost one where that can be read. */
  readonly outerFlows: number
  readonly innerFlows: number
  readonly flowsWithoutPorts: number
  readonly conversations: number
  readonly conversationsWithoutPorts: number
  readonly flows3Tuple: number
  readonly addressPairs: number
  /** Gaps that the shares below are of. */
  readonly flowGaps: number
  readonly pairGaps: number
  readonly largestFlows: readonly LargeFlow[]
}
