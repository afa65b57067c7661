/**
 * What `lanewise measure` finds out, as plain data from which every format is made. It holds nothing of when
 * or where it was computed. Unknown is null. Fields are only added; a renamed or redefined one raises
 * schemaVersion.
 */

import type { DistributionTable, Metrics } from '../metrics/metric.ts'
import type { MetricSummary } from '../metrics/statistics/comparison.ts'
import type { ArrivalCounts } from './arrivals/arrivals.ts'
import type { GateResult } from './gates.ts'
import type { ClockStatement } from './matching/clock.ts'

/** What the system is called where reports have policies. */
export const MEASURED = 'measured'

export interface FlowMeasurement {
  readonly flow: string
  readonly sent: number
  /** Sent packets that arrived, each counted once. */
  readonly arrived: number
  /** Did not arrive, not even corrupted. */
  readonly lost: number
  /** Further copies. */
  readonly duplicated: number
  readonly reordered: number
  readonly metrics: Metrics
}

/** What the numbers assume beyond the packets, as given or by default. */
export interface Assumptions {
  readonly rtt: string
  readonly playout: readonly string[]
  readonly replayWindows: readonly number[]
  readonly rfc5236: 'corrected' | 'literal'
  /** Width of the numbers in an arrival file, given or found; null where they don't wrap. */
  readonly sequenceBits: number | null
}

export interface Measurement {
  readonly schemaVersion: 1
  readonly title: string
  /** What results/<name> is called. */
  readonly name: string
  /** An arrival file, one capture whose packets have numbers, or captures of both sides. */
  readonly inputs:
    | { readonly arrivals: string }
    | { readonly capture: string | readonly string[] }
    | { readonly sent: string | readonly string[]; readonly received: string | readonly string[] }
  readonly assumptions: Assumptions
  /** Protocols aren't known: every packet was judged by TCP's rules and by those of UDP. */
  readonly judgesAll: boolean
  /** Where the packets are: arrived ones once each, rewritten ones among them. */
  readonly packets: {
    readonly sent: number | null
    readonly arrived: number | null
    readonly lost: number | null
    readonly corrupted: number | null
    readonly rewritten: number | null
  }
  readonly counts: ArrivalCounts
  /** By which numbers of theirs one capture's packets were ordered, such as "wireguard". */
  readonly numbering: string | null
  /** Flows of which a packet arrived. */
  readonly flows: number
  readonly clock: ClockStatement
  readonly notes: readonly string[]
  /** One record, in the form of a comparison's. */
  readonly records: readonly [
    { readonly point: 0; readonly policy: string; readonly metrics: Readonly<Record<string, MetricSummary>> },
  ]
  readonly gates: readonly GateResult[]
  /** The worst ones: most reordered, then largest, then first seen. */
  readonly worstFlows: readonly FlowMeasurement[]
}

/** All that was found, of which a measurement shows a part. */
export interface Judged {
  readonly metrics: Readonly<Record<string, MetricSummary>>
  /** As read, or why there are no delays nevertheless. */
  readonly clock: ClockStatement
  readonly counts: ArrivalCounts
  readonly numbering: string | null
  /** By which numbers were unwound; null where they weren't. */
  readonly sequenceBits: number | null
  readonly flows: number
  readonly judgesAll: boolean
  readonly notes: readonly string[]
  readonly distributions: readonly DistributionTable[]
  /** As many as were asked for, the worst first. */
  readonly worstFlows: readonly FlowMeasurement[]
}
