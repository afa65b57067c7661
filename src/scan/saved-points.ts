/**
 * Finished points of a scan on disk, a file each, named by its key: what a killed scan leaves and `--resume`
 * finds. A file begins with its key and the SHA-256 of what follows, so that one that was cut off or changed
 * is known. Everything that a scan reports is read back from these files, one point at a time, so that a
 * resumed scan can't differ from an uninterrupted one and memory doesn't grow with the points.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../errors.ts'
import type { DistributionTable, Metrics } from '../metrics/metric.ts'
import type { RunResult } from '../metrics/result.ts'
import { disk, makeFolders } from '../node/files/disk.ts'
import { POINT_FILE } from '../node/files/marker.ts'
import { openPart, removeStaleParts } from '../node/files/parts.ts'
import { keepWorstFlows } from '../run/worst-flows.ts'

/** The folder of the points in that of the results. */
export const POINTS_FOLDER = 'points'

/** Most rows of flows.csv per point and policy. */
export const FLOWS_PER_POINT_MAX = 100

/** What is kept of a point. */
export interface SavedPoint {
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
  /** Removes the folder if nothing is in it. */
  discard(): void
}

/**
 * The folder's saved points; it is made where it isn't there. Parts that a killed scan left are removed.
 * @param anew remove points that are there
 */
export function savedPoints(folder: string, anew: boolean): SavedPoints {
  const fileOf = (key: string) => path.join(folder, `${key}.json`)
  const attempt = (work: () => void) => attemptIn(folder, work)
  const alike = new Map<string, Metrics>()
  const known = new Map<string, readonly Metrics[]>()
  const note = (key: string, metrics: readonly Metrics[]) =>
    known.set(
      key,
      metrics.map((one) => oneAlike(one, alike)),
    )
  attempt(() => {
    makeFolders(folder)
    removeStaleParts(folder)
    if (anew) for (const file of pointsIn(folder)) disk.remove(file)
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
        if (!existsSync(fileOf(key)) || isWhole(folder, key)) return []
        attempt(() => disk.remove(fileOf(key)))
        return [`${fileOf(key)}: a saved point is damaged, so it is simulated again`]
      }),
    read: (key) => readPoint(folder, key),
    metricsAlike: (key) => known.get(key) ?? metricsOf(readPoint(folder, key).results),
    discard() {
      try {
        disk.removeFolder(folder)
      } catch {
        // Something is in it.
      }
    },
  }
}

/** Removes saved points, and their folder when nothing else is in it. Never fails: what can't go stays. */
export function removePoints(folder: string): void {
  try {
    for (const file of pointsIn(folder)) disk.remove(file)
    disk.removeFolder(folder)
  } catch {
    // There is none, or somebody else has something in it.
  }
}

/** The saved points in a folder, by their names and how they begin. Throws what the disk says. */
function pointsIn(folder: string): string[] {
  return disk
    .list(folder)
    .filter((name) => POINT_FILE.test(name))
    .map((name) => path.join(folder, name))
    .filter((file) => beginningOf(file) === headOf(path.parse(file).name))
}

/** Saves a point in the folder. Throws UnsavedError. */
export function writePoint(folder: string, key: string, results: readonly RunResult[]): void {
  attemptIn(folder, () => {
    const content = JSON.stringify(condensed(results)).slice(1)
    const part = openPart(folder, `${key}.json`)
    try {
      part.write(`${headOf(key)}"sha256":"${sumOf(key, content)}",${content}`)
      part.keep(path.join(folder, `${key}.json`))
    } finally {
      part.remove()
    }
  })
}

/** How the file of a point begins, in those of 0.1.0 too. */
function headOf(key: string): string {
  return `{"key":"${key}",`
}

function beginningOf(file: string): string {
  const bytes = Buffer.alloc(headOf('0'.repeat(32)).length)
  const descriptor = disk.open(file)
  try {
    return bytes.toString('latin1', 0, disk.read(descriptor, bytes))
  } finally {
    disk.close(descriptor)
  }
}

/** Of a point's content, and its key, so that it isn't taken for another's. */
function sumOf(key: string, content: string): string {
  return createHash('sha256').update(`${key} ${content}`).digest('hex')
}

const SUM = /^"sha256":"([0-9a-f]{64})",/

/** Throws what the disk says, and Error for a file that isn't as it was written. */
function checked(folder: string, key: string): SavedPoint {
  const text = disk.readText(path.join(folder, `${key}.json`))
  const head = headOf(key)
  const after = text.slice(head.length)
  const sum = text.startsWith(head) ? SUM.exec(after) : null
  const content = after.slice(sum?.[0].length)
  if (sum === null || sumOf(key, content) !== sum[1]) throw new Error("it isn't as it was written")
  return JSON.parse(`{${content}`)
}

function isWhole(folder: string, key: string): boolean {
  try {
    checked(folder, key)
    return true
  } catch {
    return false
  }
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
  try {
    return checked(folder, key)
  } catch (error) {
    const file = path.join(folder, `${key}.json`)
    throw new UserError(
      `${file}: a saved point can't be read, ${(error as Error).message} - go on with --resume`,
    )
  }
}

function condensed(results: readonly RunResult[]): SavedPoint {
  const policies = results[0]!.policies
  return {
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
