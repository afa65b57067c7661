/**
 * Saved results made by hand, for the tests of charts: a comparison, a scan, a tuning and a replay, with easy
 * numbers.
 */
import type { LiveReport } from '../live/verdict/live-report.ts'
import type { MetricSummary } from '../metrics/statistics/comparison.ts'
import type { Estimate } from '../metrics/statistics/statistics.ts'
import { resultsFolder } from '../node/files/results-folder.ts'
import { madeLoad, madePolicy, madeReport, madeScenario } from '../report/made-results.testing.ts'
import { distributionsCsv, flowsCsv } from '../report/parts/csv.ts'
import { jsonText } from '../report/parts/json.ts'
import type { ChartInput } from './chart.ts'
import { drawnLabels } from './chosen-ttls.ts'
import { policyStyles } from './policy-styles.ts'
import {
  linesOf,
  pointLabels,
  readSaved,
  type SavedReport,
  type SavedResult,
  type TuneAnswer,
} from './saved.ts'
import type { TraceWindow } from './trace-window.ts'

export const PINNED = 'flow-pinned:ttl=30s,key=address-pair'

/** Three runs of any-idle (19, 20 and 21 % reordered) and flow-pinned (nothing). */
export const madeRuns = [190, 200, 210].map((reordered, run) => ({
  run,
  load: madeLoad,
  warnings: [],
  policies: [
    {
      ...madePolicy('any-idle', reordered, {
        'nReordering[1]': { count: 100, of: 1000 },
        'nReordering[2]': { count: 40, of: 1000 },
      }),
      distributions: [
        {
          metric: 'extent',
          rows: [
            [1, 2, reordered - 60],
            [3, 4, 50],
            [4, 5, 10],
          ] as const,
        },
        {
          metric: 'latencyNs',
          rows: [
            [10_000, 20_000, 500],
            [20_000, 40_000, 400],
            [900_000, 1_000_000, 100],
          ] as const,
        },
        {
          metric: 'lateTimeNs',
          rows: [
            [1000, 2000, 100],
            [5000, 6000, 100],
          ] as const,
        },
        {
          metric: 'reorderDensity',
          rows: [
            [-1, 0, 190],
            [0, 1, 620],
            [1, 2, 190],
          ] as const,
        },
      ],
    },
    {
      ...madePolicy(PINNED, 0, { 'nReordering[1]': { count: 0, of: 1000 } }),
      distributions: [
        {
          metric: 'latencyNs',
          rows: [
            [10_000, 20_000, 900],
            [2_000_000, 4_000_000, 100],
          ] as const,
        },
        { metric: 'reorderDensity', rows: [[0, 1, 1000]] as const },
      ],
    },
  ],
}))

/** Writes them to a folder as compare does, and reads them back. */
export function savedComparison(folder: string, report: SavedReport = madeReport(madeRuns)): SavedResult {
  const files = {
    'report.json': jsonText(report),
    'flows.csv': flowsCsv(madeRuns),
    'distributions.csv': distributionsCsv(madeRuns),
  }
  const provenance = { lanewise: '0.0.0', argv: ['compare', 'made.yaml'], capture: null }
  resultsFolder(folder).write(files, provenance)
  return readSaved(folder)
}

/** A metric with an interval of a tenth to both sides. */
export function made(mean: number): MetricSummary {
  return { mean, low95: mean * 0.9, high95: mean * 1.1, runs: 3, count: Math.round(mean * 1000), of: 1000 }
}

/**
 * A scan over two settings; reordered: 1 % times the point's number plus one, for the second policy twice
 * that.
 */
export function savedScan(
  paths: readonly (readonly [path: string, values: readonly unknown[]])[],
  policiesAt: (settings: Readonly<Record<string, unknown>>) => readonly string[] = () => ['any-idle', PINNED],
): SavedResult {
  const [first, second] = paths
  const settings = first![1].flatMap((value) =>
    second === undefined
      ? [{ [first![0]]: value }]
      : second[1].map((other) => ({ [first![0]]: value, [second[0]]: other })),
  ) as Record<string, unknown>[]
  const report: SavedReport = {
    ...madeReport(),
    load: null,
    winner: null,
    scan: paths.map(([path, values]) => ({ path, values })),
    points: settings.map((settings, point) => ({
      point,
      settings,
      runs: 3,
      load: madeLoad,
      winner: null,
      error: null,
    })),
    records: settings.flatMap((of, point) =>
      policiesAt(of).map((policy, i) => ({
        point,
        policy,
        metrics: { reorderedRatio: made(0.01 * (point + 1) * (i + 1)), latencyNsP99: made(1e6) },
        difference: null,
        ratioToReference: null,
        error: null,
      })),
    ),
  }
  return { ...inMemory(report), title: 'Made scan' }
}

const TTLS_NS = [0, 100_000, 1_000_000, 10_000_000, 100_000_000, null]
const TTL_RATIOS = [0.2, 0.25, 0.05, 0.0005, 0, 0]

export function savedTune(answers: Partial<TuneAnswer> = {}): SavedResult {
  const label = (ttlNs: number | null) => `flow-pinned:ttl=${ttlNs === null ? 'never' : `${ttlNs}ns`}`
  const curve = TTLS_NS.map((ttlNs, i) => ({
    ttlNs,
    policy: label(ttlNs),
    metrics: { reorderedRatio: made(TTL_RATIOS[i]!), latencyNsP99: made(1e6) },
  }))
  const report: SavedReport = {
    ...madeReport(),
    labels: TTLS_NS.map(label),
    records: curve.map(({ policy, metrics }) => ({
      point: 0,
      policy,
      metrics,
      difference: null,
      ratioToReference: null,
      error: null,
    })),
    winner: null,
    tune: {
      policy: 'flow-pinned',
      targetRatio: 0.001,
      recommended: { kind: 'value', ttlNs: 10_000_000 },
      safe: { kind: 'value', ttlNs: 100_000_000 },
      curve,
      ...answers,
    },
  }
  return inMemory(report)
}

/** Two policies replayed: 20 % predicted and 22 % measured, and nothing of both. */
export function savedReplay(): SavedResult {
  const of = (reordered: number, latencyNs: number): Record<string, Estimate> => ({
    reorderedRatio: made(reordered),
    latencyNsP50: made(latencyNs),
    latencyNsP99: made(latencyNs * 10),
  })
  const subject = (label: string, reordered: number) => ({
    label,
    topology: 'dispatcher' as const,
    replays: [],
    measured: of(reordered * 1.1, 110_000),
    bookkeeping: null,
    calibrated: of(reordered, 100_000),
    asWritten: null,
    verdict: null,
    control: null,
    queueMapping: null,
    error: null,
  })
  const live: LiveReport = {
    schemaVersion: 1,
    kind: 'replay',
    title: 'Made replay',
    name: 'made-replay',
    seed: 1,
    scenario: madeScenario,
    device: 'loopback',
    work: 'model',
    lanes: 4,
    cores: 2,
    packets: 1000,
    packetsJudged: 1000,
    flows: 10,
    prepared: { notIp: 0, tooLarge: 0, otherWay: 0, cut: 0 },
    replaysPlanned: 5,
    interrupted: false,
    subjects: [subject('any-idle', 0.2), subject('hash', 0)],
    ranks: null,
    warnings: [],
  }
  return { ...inMemory(null), title: live.title, live }
}

function inMemory(report: SavedReport | null): SavedResult {
  return {
    folder: 'made',
    title: report?.title ?? 'made',
    report,
    live: null,
    answers: [],
    provenance: null,
    lineOf: linesOf(report),
    flows: () => [],
    buckets: () => new Map(),
  }
}

/** Packet 1 waits behind 0 on lane 0 and is overtaken by 2 on lane 1. */
export const madeWindow: TraceWindow = {
  path: 'made.csv',
  firstNs: 0,
  fromNs: 1000,
  toNs: 201_000,
  policiesLeftOut: 0,
  askedToNs: null,
  packets: [
    [0, 0, 1000, 101_000, false],
    [1, 0, 101_000, 201_000, true],
    [2, 1, 3000, 43_000, false],
  ].map(([index, lane, startNs, finishNs, reordered]) => ({
    policy: 'any-idle',
    index: Number(index),
    flow: index === 0 ? 'a > b/udp' : 'c > d/udp',
    sizeBytes: 700,
    lane: Number(lane),
    arrivalNs: 1000 * (Number(index) + 1),
    startNs: Number(startNs),
    finishNs: Number(finishNs),
    departureNs: Number(finishNs),
    reordered: reordered === true,
  })),
}

/** What charts are drawn from. */
export function inputOf(results: readonly SavedResult[], more: Partial<ChartInput> = {}): ChartInput {
  return {
    results,
    styles: policyStyles(
      [...drawnLabels(results), ...(more.trace ? ['any-idle'] : [])],
      pointLabels(results),
    ),
    point: undefined,
    trace: null,
    ...more,
  }
}
