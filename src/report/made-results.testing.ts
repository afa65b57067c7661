/**
 * Results made by hand, for the tests of the formats: two policies, three runs, numbers that are easy to
 * check.
 */

import { reportVerdict } from '../cli/shared/verdict/verdict.ts'
import type { OfferedLoad } from '../metrics/cost/offered-load.ts'
import type { Metrics } from '../metrics/metric.ts'
import type { PolicyRun, RunResult } from '../metrics/result.ts'
import { compareRuns } from '../metrics/statistics/comparison.ts'
import { winnerOf } from '../metrics/statistics/winner.ts'
import { type Scenario, scenarioSchema } from '../scenario/schema/schema.ts'
import { makeReport, type Report } from './comparison/report.ts'

export const madeLoad: OfferedLoad = {
  packets: 1000,
  bytes: 700_000,
  flows: 10,
  spanNs: 100e6,
  packetsPerSecond: 9990,
  workNsMean: 30_000,
  load: 0.075,
  loadPeak10ms: 0.2,
  overlappingRatio: 0.25,
  packetsPerSecondAtLoad70: 93_333,
}

export const madeScenario: Scenario = scenarioSchema.parse({
  title: 'Made by hand',
  source: { capture: 'made.pcap' },
  policies: ['any-idle', { 'flow-pinned': { ttl: '30s', key: 'address-pair' } }],
  runs: 3,
})

/** @param reordered packets of 1000 */
export function madePolicy(label: string, reordered: number, more: Metrics = {}): PolicyRun {
  return {
    label,
    metrics: {
      reorderedRatio: { count: reordered, of: 1000 },
      flowsReorderedRatio: { count: Math.min(10, reordered), of: 10 },
      extentMean: reordered === 0 ? null : 1.5,
      sackLostRatio: { count: reordered / 10, of: 1000 },
      quicLostRatio: null,
      tunQueueDropRatio: { count: 0, of: 1000 },
      laneDropRatio: { count: 0, of: 1000 },
      latencyNsP50: 42_300,
      latencyNsP99: 1_234_000,
      laneLoadJain: 0.875,
      ...more,
    },
    distributions: [{ metric: 'extent', rows: reordered === 0 ? [] : [[1, 2, reordered]] }],
    flows: [{ flow: '10.0.0.1:1 > 10.0.0.2:2/tcp', sent: 100, delivered: 100, reordered }],
    error: null,
  }
}

/** any-idle reorders 190, 200 and 210 of 1000 packets, flow-pinned none. */
export const madeResults: readonly RunResult[] = [190, 200, 210].map((reordered, run) => ({
  run,
  load: madeLoad,
  warnings: [],
  policies: [
    madePolicy('any-idle', reordered),
    madePolicy('flow-pinned:ttl=30s,key=address-pair', 0, { tableExpiries: 3 }),
  ],
}))

/** The report of `results`, with the first policy as the reference. */
export function madeReport(
  results: readonly RunResult[] = madeResults,
  scenario: Scenario = madeScenario,
): Report {
  const reference = results[0]!.policies[0]!.label
  const summaries = compareRuns(results, reference)
  const winner = winnerOf(results)
  const verdict = reportVerdict(results, {
    question: { input: ['made.yaml'], options: {} },
    rateKey: 'source.packetsPerSecond',
  })
  return makeReport({
    scenario,
    name: 'made',
    reference,
    runsPlanned: 3,
    results,
    summaries,
    winner,
    verdict,
  })
}
