/**
 * Simulates the points of a scan. The unit of work is one run of one point: all of them go through one pool
 * of threads, in order, so that the cores are busy until the last run whatever the number of runs per point.
 * With many points of built-in policies it is a whole point, which its thread saves too, so that little has
 * to go from thread to thread. A point that fails ends alone, with one line; the others go on. Only points
 * under way are in memory.
 */
import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { reasonOf, UserError } from '../errors.ts'
import type { Metrics } from '../metrics/metric.ts'
import type { RunResult } from '../metrics/result.ts'
import { hasModules, openPool, type Pool, poolOf, withPool } from '../node/pool.ts'
import type { RunProgress, RunTask } from '../node/run-worker.ts'
import { simulateWithFiles } from '../node/simulate.ts'
import { planOf, type ResolvedScenario } from '../run/plan.ts'
import type { PointDone, PointTask } from './point-worker.ts'

export interface PointToRun {
  readonly point: number
  readonly resolved: ResolvedScenario
  readonly runs: number
}

export interface PointsOptions {
  /** Threads; with 1 the runs happen here. Default: as many as the machine runs at once. */
  readonly jobs?: number | undefined
  /** Most flows that a run's result has of a policy. */
  readonly flowsMax: number
  /** A point has all its runs, in order. */
  onPoint(point: number, results: readonly RunResult[]): void
  /** Where threads may save points themselves, with {@link onSaved} in the place of onPoint. */
  readonly saving?: Saving | undefined
  /** A point failed: one line, the same with any number of threads. */
  onFailure(point: number, line: string): void
  /** A run has ended, well or not. */
  onRun?(point: number, run: number): void
  /** The share of one run of a point that is done, 0..1. */
  onProgress?(point: number, run: number, share: number): void
  /** Ends the work early: the promise is rejected with the signal's reason, no thread stays. */
  readonly signal?: AbortSignal | undefined
}

/** How threads save whole points. */
export interface Saving {
  readonly folder: string
  keyOf(point: number): string
  onSaved(point: number, metrics: readonly Metrics[]): void
}

/** With fewer points, runs spread over the threads more evenly. */
const POINTS_PER_THREAD_MIN = 8

type Execute = (task: RunTask) => Promise<RunResult>

/**
 * Resolves when every point has been handed on; rejects with what onPoint throws and when the signal aborts.
 */
export async function runPoints(points: readonly PointToRun[], options: PointsOptions): Promise<void> {
  const { signal, onProgress } = options
  signal?.throwIfAborted()
  const tasks = points.reduce((sum, { runs }) => sum + runs, 0)
  const jobs = Math.min(tasks, options.jobs ?? availableParallelism())
  if (jobs === 0) return
  // A user's policy may loop, and this thread has to hear signals.
  const areOurs = !points.some(({ resolved }) => hasModules(resolved))
  if (jobs === 1 && areOurs) return spread(points, 1, executeHere(options), options)
  const progressed = ({ point, run, share }: RunProgress) => onProgress?.(point, run, share)
  const { saving } = options
  // Or it fails of one, which only this thread can tell: no point of that is saved.
  if (areOurs && saving !== undefined && points.length >= POINTS_PER_THREAD_MIN * jobs) {
    const module = new URL('./point-worker', import.meta.url)
    const pool = await poolOf<PointTask, PointDone>(module, 'pointTask', jobs, progressed)
    return withPool(pool, signal, () => wholePoints(points, 2 * jobs, pool, saving, options))
  }
  const pool = await openPool(jobs, progressed)
  // Twice as many as threads, so that one that gets ready finds its next run waiting.
  return withPool(pool, signal, () => spread(points, 2 * jobs, (task) => pool.run(task), options))
}

/** Takes points in order, `width` of them at a time; each is simulated and saved by one thread. */
async function wholePoints(
  points: readonly PointToRun[],
  width: number,
  pool: Pool<PointTask, PointDone>,
  { folder, keyOf, onSaved }: Saving,
  { flowsMax, signal, onRun, onFailure }: PointsOptions,
): Promise<void> {
  const inOrder = points.values()
  const follow = async () => {
    for (const { point, resolved, runs } of inOrder) {
      let done: PointDone | undefined
      let line = ''
      try {
        done = await pool.run({ resolved, point, runs, flowsMax, folder, key: keyOf(point) })
      } catch (error) {
        signal?.throwIfAborted()
        line = failureLine(error)
      }
      signal?.throwIfAborted()
      for (let run = 0; run < runs; run++) onRun?.(point, run)
      if (done === undefined) onFailure(point, line)
      else if ('unsaved' in done) throw new UserError(done.unsaved)
      else onSaved(point, done.metrics)
    }
  }
  await Promise.all(Array.from({ length: width }, follow))
}

/** What a point has so far. */
interface UnderWay {
  readonly results: RunResult[]
  /** Runs that have ended, well or not. */
  ended: number
  /** Run to line. */
  readonly failures: Map<number, string>
}

/** Takes runs in order, `width` of them at a time. */
async function spread(
  points: readonly PointToRun[],
  width: number,
  execute: Execute,
  { flowsMax, signal, onRun, onPoint, onFailure }: PointsOptions,
): Promise<void> {
  const inOrder = tasksOf(points)
  const follow = async () => {
    for (const { task, runs, underWay } of inOrder) {
      // Runs begin in order, so the lowest run that fails has begun, whatever the number of threads.
      if (underWay.failures.size === 0) {
        try {
          underWay.results.push(await execute({ ...task, flowsMax }))
        } catch (error) {
          signal?.throwIfAborted()
          underWay.failures.set(task.run, failureLine(error))
        }
        signal?.throwIfAborted()
      }
      underWay.ended++
      onRun?.(task.point, task.run)
      if (underWay.ended < runs) continue
      const { results, failures } = underWay
      const line = failures.get(Math.min(...failures.keys()))
      if (line !== undefined) onFailure(task.point, line)
      else
        onPoint(
          task.point,
          results.toSorted((a, b) => a.run - b.run),
        )
    }
  }
  await Promise.all(Array.from({ length: width }, follow))
}

function* tasksOf(points: readonly PointToRun[]) {
  for (const { point, resolved, runs } of points) {
    const underWay: UnderWay = { results: [], ended: 0, failures: new Map() }
    for (let run = 0; run < runs; run++) yield { task: { resolved, run, point }, runs, underWay }
  }
}

function executeHere({ onProgress, signal }: PointsOptions): Execute {
  return ({ resolved, run, point = 0, flowsMax }) =>
    simulateWithFiles(planOf(resolved), run, {
      flowsMax,
      async onProgress(share) {
        onProgress?.(point, run, share)
        // Lets signals and timers in; a synthetic source never waits for anything.
        await setImmediate()
        signal?.throwIfAborted()
      },
    })
}

function failureLine(error: unknown): string {
  if (error instanceof UserError) return error.lines[0]!
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return 'ran out of memory - bound its queues, shorten its duration (-d), or use fewer policies'
  }
  return `ended by a defect of lanewise (${reasonOf(error)}) - please report it, with what this point alone says (--set)`
}
