/**
 * The files of a finished scan, made of its saved points, one in memory at a time: first which metrics there are,
 * then a pass that writes every row. report.json's records are written as they come, so that neither it nor the
 * tables need fit memory.
 */
import { compareRuns } from '../metrics/comparison.ts'
import { winnerOf } from '../metrics/winner.ts'
import {
  type Cell,
  csvText,
  DISTRIBUTIONS_HEADER,
  distributionRows,
  FLOWS_HEADER,
  flowRows,
  metricsHeader,
  metricsRows,
  RUNS_HEADER,
  runRows,
  summaryHeader,
  summaryRows,
} from '../report/csv.ts'
import { jsonFields, jsonItem } from '../report/json.ts'
import { MergedColumns } from '../report/merged-columns.ts'
import type { PolicyRecord } from '../report/report.ts'
import type { ResultsFolder } from '../report/results-folder.ts'
import {
  failedRecords,
  loadOf,
  type ReportedPoint,
  recordsOf,
  type ScanHead,
  type ShownPolicy,
  type ShownScan,
  shownPolicy,
} from '../report/scan-report.ts'
import type { Axis } from '../scan/axes.ts'
import type { ScanInHand } from '../scan/points.ts'
import type { SavedPoints } from '../scan/saved-points.ts'
import { writeValue } from '../scenario/values.ts'

export interface FinishedScan extends ScanInHand {
  readonly axes: readonly Axis[]
  /** Of each point, and of the scenario without the scan. */
  readonly references: readonly string[]
  readonly baseReference: string
  /** Keys of the saved points, in order. */
  readonly keys: readonly string[]
  readonly saved: SavedPoints
  /** Point to line. */
  readonly failures: ReadonlyMap<number, string>
}

const FILES = [
  'report.json',
  'summary.csv',
  'runs.csv',
  'flows.csv',
  'distributions.csv',
  'points.csv',
] as const

/** Writes all files but provenance.json; what the table shows comes back. Throws UserError. */
export function writeScan(scan: FinishedScan, folder: ResultsFolder): ShownScan {
  const { axes, points, failures, keys, references, saved } = scan
  const savedOf = (point: number) => (failures.has(point) ? undefined : saved.read(keys[point]!))
  const columns = new MergedColumns()
  for (const { point } of points) {
    for (const { policies } of savedOf(point)?.results ?? []) {
      for (const { error, metrics } of policies) if (error === null) columns.add(metrics)
    }
  }
  const reported: ReportedPoint[] = []
  const shown: ShownPolicy[][] = []
  const warnings = new Set<string>()
  const headNow = () => headOf(scan, reported, [...warnings])
  folder.grow(FILES, (files) => {
    const { winner: _, warnings: __, scan: ___, points: ____, ...first } = headNow()
    files['report.json'].append(`{\n${jsonFields(first)},\n  "records": [`)
    files['summary.csv'].append(csvText([summaryHeader(columns)]))
    files['runs.csv'].append(csvText([metricsHeader(RUNS_HEADER, columns)]))
    files['flows.csv'].append(csvText([['point', ...FLOWS_HEADER]]))
    files['distributions.csv'].append(csvText([DISTRIBUTIONS_HEADER]))
    files['points.csv'].append(csvText([['point', ...axes.map(({ name }) => name)]]))
    for (const { point, inHand, settings, runs } of points) {
      const found = savedOf(point)
      const error = failures.get(point) ?? null
      let records: PolicyRecord[]
      if (found === undefined) {
        records = failedRecords(
          point,
          inHand.policies.map(({ label }) => label),
          error!,
        )
        reported.push({ point, settings, runs, load: null, winner: null, error })
      } else {
        const { results } = found
        records = recordsOf(point, compareRuns(results, references[point]!))
        reported.push({ point, settings, runs, load: loadOf(results), winner: winnerOf(results), error })
        for (const line of results.flatMap((result) => result.warnings)) warnings.add(line)
        files['runs.csv'].append(csvText(metricsRows(runRows(point, results), columns)))
        files['flows.csv'].append(csvText(flowRows(results).map((row) => [point, ...row])))
        const distributed = [{ policies: found.distributions }]
        files['distributions.csv'].append(csvText(distributionRows(point, distributed)))
      }
      const comma = point === 0 ? '' : ','
      files['report.json'].append(`${comma}\n${records.map(jsonItem).join(',\n')}`)
      files['summary.csv'].append(csvText(summaryRows(records, columns)))
      const values = axes.map(({ name }) => valueCell(settings[name]))
      files['points.csv'].append(csvText([[point, ...values]]))
      shown.push(records.map(shownPolicy))
    }
    const { winner, warnings: said, scan: varied, points: ofPoints } = headNow()
    const last = jsonFields({ winner, warnings: said, scan: varied, points: ofPoints })
    files['report.json'].append(`\n  ],\n${last}\n}\n`)
  })
  return { head: headNow(), policies: shown }
}

function headOf(
  { base, axes, points, baseReference }: FinishedScan,
  reported: readonly ReportedPoint[],
  warnings: readonly string[],
): ScanHead {
  const { scenario, name, policies } = base
  const runs = Math.max(...points.map((point) => point.runs))
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
    load: null,
    winner: null,
    warnings,
    scan: axes.map(({ name: path, values }) => ({ path, values })),
    points: reported,
  }
}

/** Numbers and text as they are; lists and maps as the command line writes them. */
function valueCell(value: unknown): Cell {
  return typeof value === 'number' || typeof value === 'string' ? value : writeValue(value)
}
