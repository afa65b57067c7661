/**
 * The files of a finished scan, made of its saved points, one in memory at a time: first which metrics there
 * are, then a pass that writes every row. report.json's records are written as they come, so that neither it
 * nor the tables need fit memory.
 */
import { rmSync } from 'node:fs'
import { UserError } from '../../errors.ts'
import { partPath } from '../../node/files/parts.ts'
import type { ResultsFolder } from '../../node/files/results-folder.ts'
import { startThreads } from '../../node/pool.ts'
import type { ArrivalsFacts } from '../../report/comparison/report.ts'
import {
  csvText,
  DISTRIBUTIONS_HEADER,
  FLOWS_HEADER,
  metricsHeader,
  RUNS_HEADER,
  summaryHeader,
} from '../../report/parts/csv.ts'
import { jsonFields } from '../../report/parts/json.ts'
import { MergedColumns } from '../../report/parts/merged-columns.ts'
import type { ReportedPoint, ScanHead, ShownPolicy, ShownScan } from '../../report/scan/scan-report.ts'
import { unchangedAxes } from '../../report/scan/unchanged-axes.ts'
import type { Axis } from '../../scan/axes.ts'
import type { ScanInHand } from '../../scan/points.ts'
import type { SavedPoints } from '../../scan/saved-points.ts'
import type { AskedGates } from '../shared/verdict/policy-gates.ts'
import { scanVerdict, type VerdictAbout } from '../shared/verdict/verdict.ts'
import { FILES, filesOf, type Slice, type SliceOutcome, type Written, writeRows } from './scan-slice.ts'

export interface FinishedScan extends ScanInHand {
  readonly axes: readonly Axis[]
  /** Of each point, and of the scenario without the scan. */
  readonly references: readonly string[]
  readonly baseReference: string
  readonly about: VerdictAbout
  readonly asked: AskedGates | undefined
  /** Where all points are of the one arrivals CSV. */
  readonly arrivals?: ArrivalsFacts | undefined
  /** What tables show. */
  readonly metrics: readonly string[]
  /** Keys of the saved points, in order. */
  readonly keys: readonly string[]
  readonly saved: SavedPoints
  /** Point to line. */
  readonly failures: ReadonlyMap<number, string>
}

/** With fewer points a thread takes longer to start than to write them. */
const POINTS_PER_THREAD_MIN = 20

/**
 * Writes all files; what the table shows comes back. Rows of many points are written by
 * several threads, a slice of the points each. Throws UserError.
 * @param jobs threads, this one among them
 */
export async function writeScan(
  scan: FinishedScan,
  folder: ResultsFolder,
  provenance: () => Promise<object>,
  jobs: number,
): Promise<ShownScan> {
  const { axes, points, failures, keys, references, saved } = scan
  const { names, ratios } = columnsOf(scan)
  const rows = points.map(({ point, resolved, settings, runs }) => {
    return {
      point,
      runs,
      settings,
      key: keys[point]!,
      reference: references[point]!,
      labels: resolved.policies.map(({ label }) => label),
      error: failures.get(point) ?? null,
    }
  })
  const threads = Math.max(1, Math.min(jobs, Math.floor(points.length / POINTS_PER_THREAD_MIN)))
  const sliceOf = (thread: number): Slice => {
    const at = (share: number) => Math.round((points.length * share) / threads)
    return {
      points: rows.slice(at(thread), at(thread + 1)),
      axes: axes.map(({ name }) => name),
      about: scan.about,
      asked: scan.asked,
      columns: { names, ratios },
      metrics: scan.metrics,
      saved: saved.path,
      files: filesOf((name) => partPath(folder.path, name)),
    }
  }
  const others = Array.from({ length: threads - 1 }, (_, i) => sliceOf(i + 1))
  const reported: ReportedPoint[] = []
  const shown: ShownPolicy[][] = []
  const alike: (string | null)[] = []
  const warnings = new Set<string>()
  const headNow = () => headOf(scan, reported, alike, [...warnings])
  const take = (written: Written) => {
    reported.push(...written.reported)
    shown.push(...written.shown)
    alike.push(...written.alike)
    for (const line of written.warnings) warnings.add(line)
  }
  const pool = others.length === 0 ? undefined : await sliceThreads(others.length)
  try {
    await folder.grow(FILES, provenance, async (files) => {
      const head = headNow()
      const {
        winner: _,
        verdict: _v,
        warnings: __,
        scan: ___,
        points: ____,
        unchangedAxes: _____,
        ...first
      } = head
      files['report.json'].append(`{\n${jsonFields(first)},\n  "records": [`)
      files['summary.csv'].append(csvText([summaryHeader({ names, ratios })]))
      files['runs.csv'].append(csvText([metricsHeader(RUNS_HEADER, { names, ratios })]))
      files['flows.csv'].append(csvText([['point', ...FLOWS_HEADER]]))
      files['distributions.csv'].append(csvText([DISTRIBUTIONS_HEADER]))
      files['points.csv'].append(csvText([['point', ...axes.map(({ name }) => name)]]))
      const elsewhere = others.map((slice) => pool!.run(slice) as Promise<SliceOutcome>)
      take(writeRows(sliceOf(0), files))
      for (const [i, outcome] of (await Promise.all(elsewhere)).entries()) {
        if ('mistake' in outcome) throw new UserError(outcome.mistake.lines, outcome.mistake.exitCode)
        take(outcome.written)
        for (const name of FILES) files[name].appendFile(others[i]!.files[name])
      }
      const { winner, verdict, warnings: said, scan: varied, points: ofPoints, unchangedAxes } = headNow()
      const last = jsonFields({
        winner,
        verdict,
        warnings: said,
        scan: varied,
        points: ofPoints,
        unchangedAxes,
      })
      files['report.json'].append(`\n  ],\n${last}\n}\n`)
    })
  } finally {
    await pool?.destroy()
    for (const { files } of others) for (const file of Object.values(files)) rmSync(file, { force: true })
  }
  return { head: headNow(), metrics: scan.metrics, policies: shown }
}

const sliceThreads = (threads: number) =>
  startThreads(new URL('./scan-slice', import.meta.url), 'writeSlice', threads)

/** Metrics of all points, in the order of columns. */
function columnsOf({ points, keys, saved, failures }: FinishedScan): MergedColumns {
  const columns = new MergedColumns()
  for (const { point } of points) {
    if (failures.has(point)) continue
    for (const metrics of saved.metricsAlike(keys[point]!)) columns.add(metrics)
  }
  return columns
}

function headOf(
  { base, axes, points, baseReference, about, arrivals }: FinishedScan,
  reported: readonly ReportedPoint[],
  alike: readonly (string | null)[],
  warnings: readonly string[],
): ScanHead {
  const { scenario, name, policies } = base
  const runs = Math.max(...points.map((point) => point.runs))
  const varied = axes.map(({ name: path, values }) => ({ path, values }))
  return {
    schemaVersion: 1,
    title: scenario.title ?? name,
    name,
    seed: scenario.seed,
    runs,
    runsPlanned: runs,
    labels: policies.map(({ label }) => label),
    reference: baseReference,
    scenario,
    ...arrivals,
    load: null,
    winner: null,
    verdict: scanVerdict(reported, about),
    warnings,
    scan: varied,
    points: reported,
    unchangedAxes: unchangedAxes(varied, alike),
  }
}
