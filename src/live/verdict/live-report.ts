/**
 * What replays come to: per contender (a policy, or a topology without one) what each replay measured, what
 * the simulator says of it three ways, and whether the prediction was right. Plain data; unknown is null.
 */
import type { Metrics } from '../../metrics/metric.ts'
import type { Estimate } from '../../metrics/statistics/statistics.ts'
import type { Scenario } from '../../scenario/schema/schema.ts'
import type { QueueMapping } from '../device/queue-mapping.ts'
import type { PreparedCounts } from '../packets.ts'
import type { Topology } from '../threads/setup.ts'
import type { WorkKind } from '../threads/work.ts'
import type { ReplayCounts } from './accounting.ts'
import type { MachineUse } from './machine-use.ts'
import type { RankVerdict, Verdict } from './verdict.ts'

export interface ReplayRow extends MachineUse {
  /** From 1, per contender; repeated ones count on. */
  readonly replay: number
  /** Why it says little, one line each; none: it is valid. */
  readonly invalid: readonly string[]
  /** Was the simulator calibrated on it? */
  readonly isCalibration: boolean
  readonly metrics: Metrics
  readonly counts: ReplayCounts
  readonly latenessNsP50: number | null
  readonly latenessNsP99: number | null
  readonly latenessNsMax: number | null
  readonly packetsSent: number
  readonly bytesSent: number
  readonly seconds: number
  /** null with fewer than two packets. */
  readonly packetsPerSecond: number | null
  readonly megabitsPerSecond: number | null
  readonly stealNs: number
  readonly coresBusyNs: number
  readonly wallSeconds: number
  readonly policyCounters: Readonly<Record<string, number>>
  /** Interrupted: it isn't counted, like an invalid one. */
  readonly endedEarly: boolean
  /**
   * Share of the lanes' time that services took, wake-up and write included; null without a served packet.
   */
  readonly laneLoad: number | null
}

export interface ContenderReport {
  /** The policy's label, or the topology. */
  readonly label: string
  readonly topology: Topology
  readonly replays: readonly ReplayRow[]
  /** Over the valid replays. */
  readonly measured: Readonly<Record<string, Estimate>>
  /**
   * (a) the records of the valid replays through the simulator's lanes: bookkeeping, no evidence; null
   * without.
   */
  readonly bookkeeping: {
    /** Beside `measured`, which is of the same replays: what differs is the race of writes. */
    readonly metrics: Readonly<Record<string, Estimate>>
    /** Packets whose simulated finish differs from the recorded one: 0, or a record is wrong. */
    readonly wrongFinishes: number
  } | null
  /** (b) calibrated on one replay, predicting the others; the interval is where one further run would lie. */
  readonly calibrated: Readonly<Record<string, Estimate>> | null
  /** (c) the scenario as written. */
  readonly asWritten: Readonly<Record<string, Estimate>> | null
  /** (b) against the other replays; null with fewer than two valid ones. */
  readonly verdict: Verdict | null
  /** The same with half of the jitter: it must be wrong, or the test can't tell. */
  readonly control: Verdict | null
  /** With topology multi-queue: which queue the kernel gave each flow, beside linux-tun; null otherwise. */
  readonly queueMapping: QueueMapping | null
  /** Why there is nothing more of it, one line. */
  readonly error: string | null
}

export interface LiveReport {
  readonly schemaVersion: 1
  readonly kind: 'replay'
  readonly title: string
  readonly name: string
  readonly seed: number | string
  readonly scenario: Scenario
  readonly device: 'tun' | 'loopback'
  readonly work: WorkKind
  readonly lanes: number
  readonly cores: number
  /** Packets of each replay, and those of them behind the warm-up, which are judged. */
  readonly packets: number
  readonly packetsJudged: number
  /** Flows that these packets belong to. */
  readonly flows: number
  readonly prepared: PreparedCounts
  readonly replaysPlanned: number
  /** Ended by a signal: there may be fewer replays than planned, and predictions are missing. */
  readonly interrupted: boolean
  /** As the saved file calls them: one per contender. */
  readonly subjects: readonly ContenderReport[]
  /** Are policies in the predicted order? null where nothing was predicted. */
  readonly ranks: RankVerdict | null
  readonly warnings: readonly string[]
}
