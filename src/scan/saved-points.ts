/**
 * Finished points of a scan on disk, a file each, named by its key: what a killed scan leaves and `--resume`
 * finds. A file is written beside its place and renamed, so a file that is there is whole. Everything that a
 * scan reports is read back from these files, one point at a time, so that a resumed scan can't differ from
 * an uninterrupted one and memory doesn't grow with the points.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { threadId } from 'node:worker_threads'
import { UserError } from '../errors.ts'
import type { DistributionTable, Metrics } from '../metrics/metric.ts'
import type { RunResult } from '../metrics/result.ts'
import { keepWorstFlows } from '../run/worst-flows.ts'

/**
 * The folder of the points in that of the results, and the names that they have in it; parts are of killed
 * scans.
 */
export const POINTS_FOLDER = 'points'
export const POINT_FILE = /^[0-9a-f]{32}\.json(\.\d+-\d+\.part)?$/

/** Most rows of flows.csv per point and policy. */
export const FLOWS_PER_POINT_MAX = 100

/** What is kept of a point. */
export interface SavedPoint {
  readonly key: string
  /** In order, without their distributions; of all runs together only the worst flows. */
  readonly results: readonly RunResult[]
  /** Per policy, summed over the runs. */
  readonly distributions: ReadonlyArray<{
    readonly label: string
    readonly distributions: readonly DistributionTable[]
  }>
}

export interface SavedPoints {
  readonly path: string
  has(key: string): boolean
  /** Throws UnsavedError when the disk refuses. */
  save(key: string, results: readonly RunResult[]): void
  /** A point was saved here by another thread, and these are its metrics. */
  note(key: string, metrics: readonly Metrics[]): void
  /** Removes files of these keys that aren't whole, or aren't of their key; a line for each. */
  dropDamaged(keys: readonly string[]): string[]
  /** Throws UserError when the file is gone or isn't whole. */
  read(key: string): SavedPoint
  /**
   * Metrics of the point's policies, in order, as far as their names and kinds matter: numbers may be another
   * point's. Of points saved here they are known without reading. Throws UserError like read.
   */
  metricsAlike(key: string): readonly Metrics[]
}

/**
 * The folder's saved points; it is made where it isn't there. Parts that a killed scan left are removed.
 * @param anew remove points that are there
 */
export function savedPoints(folder: string, anew: boolean): SavedPoints {
  const fileOf = (key: string) => path.join(folder, `${key}.json`)
  const attempt = (work: () => void) => attemptIn(folder, work)
  const parsed = (key: string): SavedPoint => JSON.parse(readFileSync(fileOf(key), 'utf8'))
  const isWhole = (key: string) => {
    try {
      const { key: own, results, distributions } = parsed(key)
      return own === key && results.length > 0 && Array.isArray(distributions)
    } catch {
      return false
    }
  }
  const alike = new Map<string, Metrics>()
  const known = new Map<string, readonly Metrics[]>()
  const note = (key: string, metrics: readonly Metrics[]) =>
    known.set(
      key,
      metrics.map((one) => oneAlike(one, alike)),
    )
  attempt(() => {
    mkdirSync(folder, { recursive: true })
    for (const name of readdirSync(folder)) {
      if (POINT_FILE.test(name) && (anew || name.endsWith('.part'))) rmSync(path.join(folder, name))
    }
  })
  return {
    path: folder,
    has: (key) => existsSync(fileOf(key)),
    save(key, results) {
      writePoint(folder, key, results)
      note(key, metricsOf(results))
    },
    note,
    dropDamaged: (keys) =>
      keys.flatMap((key) => {
        if (!existsSync(fileOf(key)) || isWhole(key)) return []
        attempt(() => rmSync(fileOf(key)))
        return [`${fileOf(key)}: a saved point is damaged, so it is simulated again`]
      }),
    read: (key) => readPoint(folder, key),
    metricsAlike: (key) => known.get(key) ?? metricsOf(readPoint(folder, key).results),
  }
}

/** Saves a point in the folder. Throws UnsavedError. */
export function writePoint(folder: string, key: string, results: readonly RunResult[]): void {
  const file = path.join(folder, `${key}.json`)
  const part = `${file}.${process.pid}-${threadId}.part`
  attemptIn(folder, () => {
    try {
      writeFileSync(part, JSON.stringify(condensed(key, results)))
      renameSync(part, file)
    } catch (error) {
      rmSync(part, { force: true })
      throw error
    }
  })
}

/** The disk refused. */
export class UnsavedError extends UserError {}

function attemptIn(folder: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : message
    throw new UnsavedError(`${folder}: points can't be saved, ${why} - fix that, then go on with --resume`)
  }
}

/** Metrics of all policies of all runs, without those that failed. */
export function metricsOf(results: readonly RunResult[]): Metrics[] {
  return results.flatMap(({ policies }) =>
    policies.flatMap(({ error, metrics }) => (error === null ? [metrics] : [])),
  )
}

/** The first one met that has the same names and kinds, so that few are kept. */
function oneAlike(metrics: Metrics, met: Map<string, Metrics>): Metrics {
  const kind = Object.entries(metrics).map(([name, value]) =>
    typeof value === 'object' && value !== null ? `${name}%` : name,
  )
  const key = kind.join()
  const first = met.get(key) ?? metrics
  met.set(key, first)
  return first
}

/** A point saved in the folder. Throws UserError when the file is gone or isn't whole. */
export function readPoint(folder: string, key: string): SavedPoint {
  const file = path.join(folder, `${key}.json`)
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UserError(
      `${file}: a saved point can't be read, ${(error as Error).message} - remove it, then go on with --resume`,
    )
  }
}

function condensed(key: string, results: readonly RunResult[]): SavedPoint {
  const policies = results[0]!.policies
  return {
    key,
    results: keepWorstFlows(results, FLOWS_PER_POINT_MAX).map((result) => ({
      ...result,
      policies: result.policies.map((policy) => ({ ...policy, distributions: [] })),
    })),
    distributions: policies.map(({ label }, i) => ({
      label,
      distributions: summed(results.flatMap((result) => result.policies[i]!.distributions)),
    })),
  }
}

/** Histograms of one metric as one, buckets ascending; metrics in the order in which they first appear. */
function summed(tables: readonly DistributionTable[]): DistributionTable[] {
  const sums = new Map<string, Map<number, [high: number, count: number]>>()
  for (const { metric, rows } of tables) {
    const sum = sums.get(metric) ?? new Map<number, [number, number]>()
    sums.set(metric, sum)
    for (const [low, high, count] of rows) sum.set(low, [high, (sum.get(low)?.[1] ?? 0) + count])
  }
  return [...sums].map(([metric, sum]) => ({
    metric,
    rows: [...sum].sort(([a], [b]) => a - b).map(([low, [high, count]]) => [low, high, count] as const),
  }))
}
