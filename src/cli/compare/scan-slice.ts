/**
 * The rows of some of a scan's points in all its files: what one thread writes of them. Points are read back
 * from where they were saved, one at a time. A slice in a thread of its own goes to files of its own, which
 * are joined in order.
 */
import { createHash } from 'node:crypto'
import path from 'node:path'
import { type FailureCode, UserError } from '../../errors.ts'
import { compareRuns } from '../../metrics/statistics/comparison.ts'
import { winnerOf } from '../../metrics/statistics/winner.ts'
import { disk, writeWhole } from '../../node/files/disk.ts'
import { unwritable } from '../../node/files/results-folder.ts'
import type { PolicyRecord } from '../../report/comparison/report.ts'
import {
  type Cell,
  csvText,
  distributionRows,
  flowRows,
  type MetricColumns,
  metricsRows,
  runRows,
  summaryRows,
} from '../../report/parts/csv.ts'
import { jsonItem } from '../../report/parts/json.ts'
import {
  failedRecords,
  loadOf,
  type ReportedPoint,
  recordsOf,
  type ShownPolicy,
  shownPolicy,
} from '../../report/scan/scan-report.ts'
import { readPoint } from '../../scan/saved-points.ts'
import { writeValue } from '../../scenario/values.ts'
import { type AskedGates, judgedGates } from '../shared/verdict/policy-gates.ts'
import { reportVerdict, type VerdictAbout } from '../shared/verdict/verdict.ts'

/** Those that have rows of points. */
export const FILES = [
  'report.json',
  'summary.csv',
  'runs.csv',
  'flows.csv',
  'distributions.csv',
  'points.csv',
] as const

export type FileName = (typeof FILES)[number]

/** One value for each file. */
export function filesOf<T>(make: (name: FileName) => T): Record<FileName, T> {
  return Object.fromEntries(FILES.map((name) => [name, make(name)])) as Record<FileName, T>
}

/** Plain data, so that it can go to a thread. */
export interface Slice {
  readonly points: ReadonlyArray<{
    readonly point: number
    readonly runs: number
    readonly settings: Readonly<Record<string, unknown>>
    readonly key: string
    readonly reference: string
    readonly labels: readonly string[]
    /** Why it has no results; null when it has. */
    readonly error: string | null
  }>
  readonly axes: readonly string[]
  readonly about: VerdictAbout
  /** Gates, where there are any. */
  readonly asked: AskedGates | undefined
  readonly columns: MetricColumns
  /** What tables show. */
  readonly metrics: readonly string[]
  /** The folder of the saved points. */
  readonly saved: string
  /** Where a thread's rows go. */
  readonly files: Readonly<Record<FileName, string>>
}

/** What the whole scan wants to know of the points. */
export interface Written {
  readonly reported: readonly ReportedPoint[]
  readonly shown: readonly ShownPolicy[][]
  /** Per point: equal where all metrics of all policies are; null where it has none. */
  readonly alike: readonly (string | null)[]
  readonly warnings: readonly string[]
}

export type SliceOutcome =
  | { readonly written: Written }
  | { readonly mistake: { readonly lines: readonly string[]; readonly exitCode: FailureCode } }

/** Writes the rows into the slice's own files; what a thread executes. */
export function writeSlice(slice: Slice): SliceOutcome {
  const open: number[] = []
  const attempt = <T>(name: FileName, work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw unwritable(path.dirname(slice.files[name]), error as NodeJS.ErrnoException)
    }
  }
  try {
    const files = filesOf((name) => {
      const descriptor = attempt(name, () => disk.create(slice.files[name]))
      open.push(descriptor)
      return { append: (text: string) => attempt(name, () => writeWhole(descriptor, Buffer.from(text))) }
    })
    return { written: writeRows(slice, files) }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { mistake: { lines: error.lines, exitCode: error.exitCode } }
  } finally {
    for (const descriptor of open) disk.close(descriptor)
  }
}

/** Throws UserError where a saved point can't be read. */
export function writeRows(
  { points, axes, columns, metrics, saved, about, asked }: Slice,
  files: Readonly<Record<FileName, { append(text: string): void }>>,
): Written {
  const reported: ReportedPoint[] = []
  const shown: ShownPolicy[][] = []
  const alike: (string | null)[] = []
  const warnings = new Set<string>()
  for (const { point, runs, settings, key, reference, labels, error } of points) {
    let records: PolicyRecord[]
    if (error !== null) {
      records = failedRecords(point, labels, error)
      reported.push({ point, settings, runs, load: null, winner: null, verdict: null, error })
    } else {
      const { results, distributions } = readPoint(saved, key)
      records = recordsOf(point, compareRuns(results, reference))
      const verdict = reportVerdict(results, atPoint(about, settings))
      reported.push({
        point,
        settings,
        runs,
        load: loadOf(results),
        winner: winnerOf(results),
        verdict,
        ...(asked === undefined ? {} : { gates: judgedGates(asked, results, verdict) }),
        error,
      })
      for (const line of results.flatMap((result) => result.warnings)) warnings.add(line)
      files['runs.csv'].append(csvText(metricsRows(runRows(point, results), columns)))
      files['flows.csv'].append(csvText(flowRows(results).map((row) => [point, ...row])))
      files['distributions.csv'].append(csvText(distributionRows(point, [{ policies: distributions }])))
    }
    const comma = point === 0 ? '' : ','
    files['report.json'].append(`${comma}\n${records.map(jsonItem).join(',\n')}`)
    files['summary.csv'].append(csvText(summaryRows(records, columns)))
    files['points.csv'].append(csvText([[point, ...axes.map((name) => valueCell(settings[name]))]]))
    shown.push(records.map((record) => shownPolicy(record, metrics)))
    alike.push(error === null ? fingerprint(records) : null)
  }
  return { reported, shown, alike, warnings: [...warnings] }
}

/** The question of one point: its settings are no scan's any more. */
function atPoint(about: VerdictAbout, settings: ReportedPoint['settings']): VerdictAbout {
  const { question } = about
  const { options } = question
  const sets = Object.entries(settings).map(([name, value]) => `${name}=${writeValue(value)}`)
  return {
    ...about,
    question: { ...question, options: { ...options, set: [...(options.set ?? []), ...sets] } },
  }
}

/** Policies by their place: the label of one whose parameter is scanned changes. */
function fingerprint(records: readonly PolicyRecord[]): string {
  const results = records.map(({ metrics, error }) => [metrics, error])
  return createHash('sha256').update(JSON.stringify(results)).digest('hex')
}

/** Numbers and text as they are; lists and maps as the command line writes them. */
function valueCell(value: unknown): Cell {
  return typeof value === 'number' || typeof value === 'string' ? value : writeValue(value)
}
