/**
 * Results as `compare`, `tune` and `replay` saved them: report.json and, read when a chart needs them,
 * flows.csv and distributions.csv. Nothing here is computed anew; what a folder lacks is empty, and a chart
 * says so.
 */
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { z } from 'zod'
import { reasonOf, UserError } from '../errors.ts'
import type { OfferedLoad } from '../metrics/cost/offered-load.ts'
import type { MetricSummary } from '../metrics/statistics/comparison.ts'
import { readRegular } from '../regular-file.ts'
import type { PolicyRecord, Report } from '../report/comparison/report.ts'
import type { JudgedReplays } from '../report/live/judged-replays.ts'
import { lineNames } from '../report/scan/scan-lines.ts'
import type { TuneReport } from '../report/tune/tune-report.ts'
import { answers } from '../report/tune/tune-text.ts'
import { visibleIn } from '../visible.ts'
import { csvRows } from './csv-rows.ts'
import { comparisonShape, provenanceShape, replayShape } from './saved-shape.ts'

export interface ScanPath {
  readonly path: string
  /** As a scenario writes them: 4, "5ms", { turns: {} }. */
  readonly values: readonly unknown[]
}

export interface ScanPoint {
  readonly point: number
  readonly settings: Readonly<Record<string, unknown>>
  readonly runs: number
  readonly load: OfferedLoad | null
  /** Not there in results of 0.1.0. */
  readonly verdict?: Report['verdict'] | null
  readonly error?: string | null
}

/** `value`: this TTL; `any`: every TTL does; `none`: no TTL of the grid does; `unknown`: nothing tells. */
export type TtlAnswer =
  | { readonly kind: 'value'; readonly ttlNs: number | null }
  | { readonly kind: 'any' | 'none' | 'unknown' }

export interface TtlStep {
  /** null: entries never expire. */
  readonly ttlNs: number | null
  readonly policy: string
  readonly metrics: Readonly<Record<string, MetricSummary>>
}

export interface TuneAnswer {
  readonly policy: string
  readonly targetRatio: number
  readonly recommended: TtlAnswer
  readonly safe: TtlAnswer
  readonly curve: readonly TtlStep[]
}

/** What a comparison, a scan or a tuning saved. */
export type SavedReport = Omit<Report, 'load' | 'verdict'> & {
  /** Not there in results of 0.1.0. */
  readonly verdict?: Report['verdict']
  /** null for a scan: each of its points has a load of its own. */
  readonly load: Report['load'] | null
  readonly scan?: readonly ScanPath[]
  readonly points?: readonly ScanPoint[]
  readonly tune?: TuneAnswer
}

export interface FlowRow {
  readonly point: number
  readonly policy: string
  readonly flow: string
  readonly sent: number
  readonly delivered: number
  readonly reordered: number
}

/** How many values were in [low, high), over all runs. */
export interface Bucket {
  readonly low: number
  readonly high: number
  readonly count: number
}

export interface SavedResult {
  readonly folder: string
  /** What its panel is called where several results share a chart. */
  readonly title: string
  /** null for a replay. */
  readonly report: SavedReport | null
  /** null for everything else. */
  readonly live: JudgedReplays | null
  /** Where only some policies are shown: what was saved, which verdicts are about. */
  readonly whole?: Pick<SavedResult, 'report' | 'live'>
  /** Of a tuning: both TTLs as its table says them, by name. */
  readonly answers: readonly (readonly [name: string, text: string])[]
  /** As it was saved; null where it wasn't. */
  readonly provenance: unknown
  /** What the policy with this label at a point is called over the points of a scan; elsewhere its label. */
  lineOf(point: number, label: string): string
  /** Rows of flows.csv, of all runs. */
  flows(): readonly FlowRow[]
  /** Buckets of a metric in distributions.csv, by policy; those of one point of a scan. */
  buckets(metric: string, point: number): ReadonlyMap<string, readonly Bucket[]>
}

const CURE = 'name a folder that lanewise compare, tune or replay wrote'

/** The folder of results that was named by itself or by its report.json. */
export function folderOf(given: string): string {
  return path.basename(given) === 'report.json' ? path.dirname(given) : given
}

/**
 * Reads a results folder (or its report.json). Throws UserError where it isn't one.
 * @param belongs does the file belong to the result? One that doesn't is as good as not there
 */
export function readSaved(given: string, belongs: (name: string) => boolean = () => true): SavedResult {
  const folder = folderOf(given)
  if (!existsSync(folder)) throw new UserError(`${given}: there is no such folder - ${CURE}`)
  if (!statSync(folder).isDirectory()) throw new UserError(`${given}: isn't a folder of results - ${CURE}`)
  const file = path.join(folder, 'report.json')
  if (!existsSync(file)) throw new UserError(`${given}: has no report.json - ${CURE}`)
  const whole = parse(file)
  const saved = typeof whole === 'object' ? (whole as SavedReport | JudgedReplays | null) : null
  const isLive = saved !== null && 'kind' in saved && saved.kind === 'replay' && Array.isArray(saved.subjects)
  if (saved === null || (!isLive && !Array.isArray((saved as SavedReport).records))) {
    throw new UserError(`${file}: isn't the report of a comparison, a tuning or a replay - ${CURE}`)
  }
  if (saved.schemaVersion !== 1) {
    throw new UserError(
      `${file}: schemaVersion ${saved.schemaVersion} isn't known - use the version of lanewise that wrote it`,
    )
  }
  requireShape(isLive ? replayShape : comparisonShape, saved, file)
  const origin = path.join(folder, 'provenance.json')
  const provenance = existsSync(origin) ? parse(origin) : null
  if (provenance !== null) requireShape(provenanceShape, provenance, origin)
  return {
    folder,
    title: saved.title,
    report: isLive ? null : (saved as SavedReport),
    live: isLive ? (saved as JudgedReplays) : null,
    answers: 'tune' in saved && saved.tune !== undefined ? answersOf(saved as TuneReport, file) : [],
    provenance,
    lineOf: linesOf(isLive ? null : (saved as SavedReport)),
    flows: () => (belongs('flows.csv') ? readFlows(path.join(folder, 'flows.csv')) : []),
    buckets: (metric, point) =>
      belongs('distributions.csv')
        ? readBuckets(path.join(folder, 'distributions.csv'), metric, point)
        : new Map(),
  }
}

/** Throws UserError where a saved file isn't as charts, tables and the page take it for. */
function requireShape(shape: z.ZodType, value: unknown, file: string): void {
  const { success, error } = shape.safeParse(value)
  if (success) return
  const [first] = error.issues
  const place = first!.path.length === 0 ? '' : `${first!.path.join('.')}: `
  throw new UserError(`${file}: ${place}${first!.message} - run the command that wrote it again`)
}

function answersOf(report: TuneReport, file: string): [name: string, text: string][] {
  try {
    return answers(report)
  } catch (error) {
    throw new UserError(`${file}: tune: ${reasonOf(error)} - run the command that wrote it again`)
  }
}

/** The names of policies over the points of a report, by the labels that they have at each. */
export function linesOf(report: SavedReport | null): SavedResult['lineOf'] {
  if (report === null || !isScan(report)) return (_, label) => label
  const byPoint = new Map<number, string[]>()
  for (const { point, policy } of report.records) {
    const labels = byPoint.get(point)
    if (labels === undefined) byPoint.set(point, [policy])
    else labels.push(policy)
  }
  const names = new Map<number, ReadonlyMap<string, string>>()
  for (const [point, labels] of byPoint) {
    const found = lineNames(report.labels, report.scan ?? [], labels)
    names.set(point, new Map(labels.map((label, i) => [label, found[i]!])))
  }
  return (point, label) => names.get(point)?.get(label) ?? label
}

/** Their policies, in the order in which they first appear; those of a scan by the names of their lines. */
export function labelsOf(results: readonly SavedResult[]): string[] {
  const all = results.flatMap(({ report, live, lineOf }) => {
    if (report === null) return (live?.subjects ?? []).map(({ label }) => label)
    if (report.points === undefined) return report.labels
    return report.records.map(({ point, policy }) => lineOf(point, policy))
  })
  return [...new Set(all)]
}

/** Labels at points of scans that aren't the name of their line, each with that name. */
export function pointLabels(results: readonly SavedResult[]): ReadonlyMap<string, string> {
  const lines = new Map<string, string>()
  for (const { report, lineOf } of results) {
    if (report === null || !isScan(report)) continue
    for (const { point, policy } of report.records) {
      const line = lineOf(point, policy)
      if (line !== policy && !lines.has(policy)) lines.set(policy, line)
    }
  }
  return lines
}

/** Is it a scan of more than one point? */
export function isScan(report: SavedReport): boolean {
  return (report.points?.length ?? 0) > 1
}

/** What was offered, of a scan at this point; null where the point failed. */
export function loadOf(report: SavedReport, point: number): OfferedLoad | null {
  const scanned = report.points?.find((candidate) => candidate.point === point)
  return scanned?.load ?? report.load?.mean ?? null
}

/** Records of one point, without policies that failed. */
export function recordsOf(report: SavedReport, point: number): readonly PolicyRecord[] {
  return report.records.filter((record) => record.point === point && record.error === null)
}

function parse(file: string): unknown {
  try {
    return visibleIn(JSON.parse(readRegular(file)))
  } catch (error) {
    throw new UserError(`${file}: can't be read (${reasonOf(error)}) - run the command that wrote it again`)
  }
}

/** Rows by the names of their columns; nothing where there is no file. Without points all is of point 0. */
function* named(file: string, names: readonly string[]): Generator<readonly [Row, (name: string) => number]> {
  if (!existsSync(file)) return
  let columns: readonly string[] | undefined
  let line = 0
  const fail = (what: string) =>
    new UserError(`${file}:${line}: ${what} - run the command that wrote it again`)
  for (const fields of readable(file)) {
    line++
    if (columns === undefined) {
      columns = fields
      const missing = names.find((name) => name !== 'point' && !fields.includes(name))
      if (missing !== undefined) throw fail(`has no column ${missing}`)
      continue
    }
    if (fields.length !== columns.length) throw fail(`${fields.length} fields, not ${columns.length}`)
    const row = Object.fromEntries(names.map((name) => [name, fields[columns!.indexOf(name)] ?? '0']))
    yield [
      row,
      (name) => {
        const value = row[name] === '' ? Number.NaN : Number(row[name])
        if (!Number.isFinite(value)) throw fail(`${name} is no number`)
        return value
      },
    ]
  }
}

type Row = Readonly<Record<string, string>>

/** The file's rows; what the disk says is a line. */
function* readable(file: string): Generator<readonly string[]> {
  try {
    yield* csvRows(file)
  } catch (error) {
    throw new UserError(`${file}: can't be read (${reasonOf(error)}) - run the command that wrote it again`)
  }
}

function readFlows(file: string): FlowRow[] {
  const rows: FlowRow[] = []
  for (const [row, number] of named(file, ['point', 'policy', 'flow', 'sent', 'delivered', 'reordered'])) {
    const count = (name: string) => {
      const value = number(name)
      if (value >= 0) return value
      throw new UserError(`${file}: ${name} is below 0 - run the command that wrote it again`)
    }
    rows.push({
      point: count('point'),
      policy: row.policy!,
      flow: row.flow!,
      sent: count('sent'),
      delivered: count('delivered'),
      reordered: count('reordered'),
    })
  }
  return rows
}

function readBuckets(file: string, metric: string, point: number): Map<string, Bucket[]> {
  const byPolicy = new Map<string, Bucket[]>()
  for (const [row, number] of named(file, ['metric', 'point', 'policy', 'low', 'high', 'count'])) {
    if (row.metric !== metric || Number(row.point) !== point) continue
    const buckets = byPolicy.get(row.policy!) ?? []
    byPolicy.set(row.policy!, buckets)
    buckets.push({ low: number('low'), high: number('high'), count: number('count') })
  }
  return byPolicy
}

/**
 * The same result with only these policies in it, by their labels or, of a scan, by the names of their lines.
 */
export function withPolicies(result: SavedResult, labels: readonly string[]): SavedResult {
  const { report, live } = result
  const kept = (label: string) => labels.includes(label)
  const keptAt = (point: number, label: string) => kept(label) || kept(result.lineOf(point, label))
  return {
    ...result,
    whole: result.whole ?? { report, live },
    report: report && {
      ...report,
      labels: report.labels.filter(kept),
      records: report.records.filter(({ point, policy }) => keptAt(point, policy)),
      ...(report.tune && {
        tune: { ...report.tune, curve: report.tune.curve.filter(({ policy }) => kept(policy)) },
      }),
    },
    live: live && { ...live, subjects: live.subjects.filter(({ label }) => kept(label)) },
    flows: () => result.flows().filter(({ point, policy }) => keptAt(point, policy)),
    buckets: (metric, point) =>
      new Map([...result.buckets(metric, point)].filter(([policy]) => keptAt(point, policy))),
  }
}
