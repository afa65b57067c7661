/**
 * The result of a command as one flat structure, from which every format is made. It holds nothing about
 * when, where or how fast it was computed, so the same scenario, seed and version give the same bytes; those
 * facts are in provenance.json. Unknown is null. Fields are only added; a renamed or redefined one raises
 * schemaVersion.
 */

import type { OfferedLoad } from '../../metrics/cost/offered-load.ts'
import type { RunResult } from '../../metrics/result.ts'
import type { MetricSummary, PolicySummary } from '../../metrics/statistics/comparison.ts'
import type { PolicyGate } from '../../metrics/statistics/gates.ts'
import type { Estimate } from '../../metrics/statistics/statistics.ts'
import type { Verdict } from '../../metrics/statistics/verdict.ts'
import type { Winner } from '../../metrics/statistics/winner.ts'
import type { Scenario } from '../../scenario/schema/schema.ts'

/** One policy at one point of a scan (there is only point 0 without one). */
export interface PolicyRecord {
  readonly point: number
  /** The label: name and the parameters given. */
  readonly policy: string
  readonly metrics: Readonly<Record<string, MetricSummary>>
  /** Per metric, this policy minus the reference, paired run by run; null for the reference itself. */
  readonly difference: Readonly<Record<string, Estimate>> | null
  /** Per metric, this policy's mean over the reference's; null for the reference itself. */
  readonly ratioToReference: Readonly<Record<string, Estimate>> | null
  /** Why the policy ended early; null when it didn't. */
  readonly error: string | null
}

/** What an arrivals CSV says beside what was sent; only its reports have it. */
export interface ArrivalsFacts {
  /** What `lanewise measure` finds in the file, by metric; null where it has no times of arrival. */
  readonly measured: Readonly<Record<string, number>> | null
  /** Packets that didn't arrive there; null where that isn't known. */
  readonly lost: number | null
  /** Of the file of lost packets: those that arrived as other ones; null without such a file. */
  readonly rewritten: number | null
  /** Of its flows. */
  readonly addresses: 'given' | 'made-up'
}

export interface Report extends Partial<ArrivalsFacts> {
  readonly schemaVersion: 1
  readonly title: string
  /** What results/<name> is called. */
  readonly name: string
  readonly seed: number | string
  /** Runs that are in the report, and runs that were asked for. */
  readonly runs: number
  readonly runsPlanned: number
  readonly labels: readonly string[]
  readonly reference: string
  /** All defaults filled in. */
  readonly scenario: Scenario
  readonly load: {
    /** Of the first run in the report. */
    readonly first: OfferedLoad
    /** Mean of each number over the runs. */
    readonly mean: OfferedLoad
  }
  readonly records: readonly PolicyRecord[]
  /**
   * Who reorders least, whatever they drop; null where fewer than two policies can be compared. Superseded by
   * `verdict`, and kept for who reads it.
   */
  readonly winner: Winner | null
  /** What to choose, and what it costs. */
  readonly verdict: ReportVerdict
  /** Limits that were asked for, and whether they are kept; not there without any. */
  readonly gates?: readonly PolicyGate[]
  /** What the source left out, one line each. */
  readonly warnings: readonly string[]
}

export interface ReportInput {
  readonly scenario: Scenario
  readonly name: string
  readonly reference: string
  readonly runsPlanned: number
  /** At least one, in order. */
  readonly results: readonly RunResult[]
  /** The comparison of these results. */
  readonly summaries: readonly PolicySummary[]
  /** By the headline, reorderedRatio. */
  readonly winner: Winner | null
  readonly verdict: ReportVerdict
  readonly gates?: readonly PolicyGate[] | undefined
  readonly arrivals?: ArrivalsFacts | undefined
}

/** The largest rate of this traffic at which a policy drops at most 0.1 %; null: none was found. */
export interface Fit {
  readonly policy: string
  readonly packetsPerSecond: number | null
}

export interface ReportVerdict extends Verdict {
  /** null where it wasn't asked for (`compare --fits`). */
  readonly fits: readonly Fit[] | null
  readonly restsOn: {
    /** measured: on lanes of real threads, by replays. */
    readonly lanes: 'assumed' | 'calibrated' | 'measured'
    /** The calibration, as named; or the system of --as. */
    readonly file: string | null
    readonly calibration?: {
      /** Of its bytes. */
      readonly sha256: string
      /** How far it missed data that it hadn't seen, at most, as a share; null: unknown. */
      readonly missRatioMax: number | null
      /** Of a system of --as: when and on what it was calibrated. */
      readonly builtLike?: string
    }
    /** Mean work of a packet on a lane of speed 1, ns; null where it wasn't set but measured. */
    readonly workNs: number | null
    /** Simulated runs, or replays of each. */
    readonly runs: number
  }
  /** Commands that go on from here, word by word, the most useful first. */
  readonly next: ReadonlyArray<readonly string[]>
}

export function makeReport({
  scenario,
  name,
  reference,
  runsPlanned,
  results,
  summaries,
  winner,
  verdict,
  gates,
  arrivals,
}: ReportInput): Report {
  const loads = results.map(({ load }) => load)
  return {
    schemaVersion: 1,
    title: scenario.title ?? name,
    name,
    seed: scenario.seed,
    runs: results.length,
    runsPlanned,
    labels: summaries.map(({ label }) => label),
    reference,
    scenario,
    load: { first: loads[0]!, mean: meanLoad(loads) },
    ...arrivals,
    records: summaries.map(({ label, ...summary }) => ({ point: 0, policy: label, ...summary })),
    winner,
    verdict,
    ...(gates === undefined ? {} : { gates }),
    warnings: [...new Set(results.flatMap(({ warnings }) => warnings))],
  }
}

/** Mean of each number over the runs that know it. */
export function meanLoad(loads: readonly OfferedLoad[]): OfferedLoad {
  const keys = Object.keys(loads[0]!) as (keyof OfferedLoad)[]
  const means = keys.map((key) => {
    const known = loads.map((load) => load[key]).filter((value) => value !== null)
    return [key, known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length]
  })
  return Object.fromEntries(means) as OfferedLoad
}
