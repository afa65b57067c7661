/** What a run gives back, plain data that can be sent between threads. */

import type { OfferedLoad } from './cost/offered-load.ts'
import type { DistributionTable, Metrics } from './metric.ts'
import type { BatchTable } from './statistics/batches.ts'

/** One flow under one policy in one run, for flows.csv. */
export interface FlowRow {
  readonly flow: string
  /** Packets of the sample at the source. */
  readonly sent: number
  readonly delivered: number
  readonly reordered: number
}

export interface PolicyRun {
  readonly label: string
  readonly metrics: Metrics
  readonly distributions: readonly DistributionTable[]
  /** Of a comparison's only run: headline metrics by batches of packets, for their intervals. */
  readonly batches?: Readonly<Record<string, BatchTable>>
  /** The worst flows first: most reordered, then largest, then first seen. */
  readonly flows: readonly FlowRow[]
  /** Why the policy ended early, one line; its metrics are empty then. */
  readonly error: string | null
}

/** What comparisons read of a run, simulated or replayed. */
export interface ComparedRun {
  readonly policies: ReadonlyArray<Pick<PolicyRun, 'label' | 'metrics' | 'batches' | 'error'>>
}

export interface RunResult {
  readonly run: number
  readonly load: OfferedLoad
  /** One line each about what the source left out. */
  readonly warnings: readonly string[]
  readonly policies: readonly PolicyRun[]
}
