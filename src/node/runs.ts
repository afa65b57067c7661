/**
 * All runs of a scenario, in this process or spread over threads. A run depends only on (seed, run), so the
 * results are the same whatever the number of threads; they are handed on as each run finishes and returned
 * in order.
 */
import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import type { RunResult } from '../metrics/result.ts'
import { planOf, type ResolvedScenario } from '../run/plan.ts'
import { keepWorstFlows } from '../run/worst-flows.ts'
import { hasModules, openPool, withPool } from './pool.ts'
import type { RunTask } from './run-worker.ts'
import { simulateWithFiles } from './simulate.ts'
import type { TraceParts } from './trace-parts.ts'

export interface RunsOptions {
  /**
   * Threads; with 1 the runs happen one after the other, here unless a user's own policy takes part. Default:
   * as many as the machine runs at once.
   */
  readonly jobs?: number | undefined
  /**
   * Called when a run has finished, with it and with all that have, in order; the flows of `soFar` are
   * bounded.
   */
  readonly onRun?: (result: RunResult, soFar: readonly RunResult[]) => void
  /** The share of one run that is done, 0..1. */
  readonly onProgress?: (run: number, share: number) => void
  /** A CSV file for a row per packet. */
  readonly trace?: string | undefined
  /** How many runs it has, from the first on; default 1. */
  readonly traceRuns?: number | undefined
  /**
   * Ends the work early: the promise is rejected with the signal's reason, no thread and no part file stays.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * Simulates every run. Throws UserError when the source or the trace fails; what onRun got by then is good.
 */
export async function runScenario(
  resolved: ResolvedScenario,
  options: RunsOptions = {},
): Promise<RunResult[]> {
  const { scenario, policies, capturePath, calibration } = resolved
  // Only plain data: it may be sent to threads, and the caller's object may hold functions.
  const plain = {
    scenario,
    policies,
    ...(capturePath === undefined ? {} : { capturePath }),
    ...(calibration === undefined ? {} : { calibration }),
  }
  const { runs } = planOf(plain)
  const jobs = Math.min(runs, options.jobs ?? availableParallelism())
  const traced = Math.min(runs, options.traceRuns ?? 1)
  let trace: TraceParts | undefined
  if (options.trace !== undefined) {
    const { traceParts } = await import('./trace-parts.ts')
    trace = traceParts(options.trace, policies.length, traced)
  }
  let soFar: RunResult[] = []
  const finished = (result: RunResult) => {
    soFar = keepWorstFlows([...soFar, result].sort((a, b) => a.run - b.run))
    options.onRun?.(result, soFar)
  }
  try {
    options.signal?.throwIfAborted()
    // A user's policy may loop: nobody here would hear a signal then, nor save the runs that had finished.
    if (jobs === 1 && !hasModules(plain)) await runHere(plain, runs, trace, finished, options)
    else await runInThreads(plain, runs, jobs, trace, finished, options)
    trace?.join()
    return soFar
  } finally {
    trace?.remove()
  }
}

async function runHere(
  resolved: ResolvedScenario,
  runs: number,
  trace: TraceParts | undefined,
  finished: (result: RunResult) => void,
  { onProgress, signal }: RunsOptions,
): Promise<void> {
  const plan = planOf(resolved)
  for (let run = 0; run < runs; run++) {
    const tracePaths = trace?.pathsOf(run)
    const result = await simulateWithFiles(plan, run, {
      async onProgress(share) {
        onProgress?.(run, share)
        // Lets signals and timers in; a synthetic source never waits for anything.
        await setImmediate()
        signal?.throwIfAborted()
      },
      ...(tracePaths === undefined ? {} : { tracePath: (policy: number) => tracePaths[policy]! }),
    })
    finished(result)
  }
}

async function runInThreads(
  resolved: ResolvedScenario,
  runs: number,
  jobs: number,
  trace: TraceParts | undefined,
  finished: (result: RunResult) => void,
  { onProgress, signal }: RunsOptions,
): Promise<void> {
  const pool = await openPool(jobs, ({ run, share }) => onProgress?.(run, share))
  const one = async (run: number) => {
    const task: RunTask = { resolved, run, tracePaths: trace?.pathsOf(run) }
    const result = await pool.run(task)
    signal?.throwIfAborted()
    finished(result)
  }
  await withPool(pool, signal, () => Promise.all(Array.from({ length: runs }, (_, run) => one(run))))
}
