/** What one pipeline is made of, in numbers: times in ns, packets, bits per second. */

import type { Random } from '../sim/random.ts'
import type { AllCoresSettings } from './machine/all-cores.ts'
import type { LaneSettings } from './machine/lane.ts'
import type { LinkSettings } from './machine/link.ts'
import type { ReaderSettings } from './machine/reader.ts'
import type { ReceiverSettings } from './machine/receivers.ts'
import type { ReturnLane } from './machine/return-path.ts'
import type { TunQueueSettings } from './machine/tun-queue.ts'
import type { ReleaseFactory } from './release/release.ts'

/** All but its packets. */
export interface MachineSettings {
  readonly tunQueue: TunQueueSettings
  readonly reader: ReaderSettings
  readonly lanes: LaneSettings
  readonly link: LinkSettings
  /** Threads behind the links; undefined: packets are at the sink when they leave their link. */
  readonly receiver?: ReceiverSettings | undefined
  /**
   * Cores that reader, lanes and receivers share; undefined: each has its own, but for `lanes.cores`. The
   * draws are uniform on [0, 1); one function per pipeline.
   */
  readonly cores?: (AllCoresSettings & { readonly drawsOf: () => Random }) | undefined
  /** Undefined: packets leave as they come. */
  readonly release?: { readonly at: 'sender' | 'receiver'; readonly create: ReleaseFactory } | undefined
  /** Where a packet counts as dropped that finds its lane's queue full; default: at the lane. */
  readonly dropsAt?: 'tun' | 'lane' | undefined
  /** The lane that writes return traffic; undefined when there is none. */
  readonly returnLane?: ReturnLane | undefined
}

export interface PipelineSettings extends MachineSettings {
  /** Packets that arrive before are not in the sample, ns from the start of the run. */
  readonly warmupNs: number
}
