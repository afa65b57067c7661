/** What one pipeline is made of, in numbers: times in ns, packets, bits per second. */
import type { LaneSettings } from './lane.ts'
import type { LinkSettings } from './link.ts'
import type { ReaderSettings } from './reader.ts'
import type { ReleaseFactory } from './release/release.ts'
import type { ReturnLane } from './return-path.ts'
import type { TunQueueSettings } from './tun-queue.ts'

export interface PipelineSettings {
  readonly tunQueue: TunQueueSettings
  readonly reader: ReaderSettings
  readonly lanes: LaneSettings
  readonly link: LinkSettings
  /** Undefined: packets leave as they come. */
  readonly release?: { readonly at: 'sender' | 'receiver'; readonly create: ReleaseFactory } | undefined
  /** Where a packet counts as dropped that finds its lane's queue full; default: at the lane. */
  readonly dropsAt?: 'tun' | 'lane' | undefined
  /** The lane that writes return traffic; undefined when there is none. */
  readonly returnLane?: ReturnLane | undefined
  /** Packets that arrive before are not in the sample, ns. */
  readonly warmupNs: number
}
