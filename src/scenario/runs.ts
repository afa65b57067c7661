/**
 * All runs of a scenario, in this process or spread over threads. A run depends only on (seed, run), so the results
 * are the same whatever the number of threads; they are handed on as each run finishes and returned in order.
 */
import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { UserError } from '../errors.ts'
import type { RunResult } from '../metrics/result.ts'
import { planOf, type ScenarioInHand } from './build.ts'
import { thrownLater } from './plugin-modules.ts'
import { simulateRun } from './run.ts'
import { type TraceParts, traceParts } from './trace-parts.ts'
import type { RunOutcome, RunProgress, RunTask } from './worker.ts'
import { keepWorstFlows } from './worst-flows.ts'

export interface RunsOptions {
  /** Threads; with 1 the runs happen here, one after the other. Default: as many as the machine runs at once. */
  readonly jobs?: number | undefined
  /** Called when a run has finished, with it and with all that have, in order; the flows of `soFar` are bounded. */
  readonly onRun?: (result: RunResult, soFar: readonly RunResult[]) => void
  /** The share of one run that is done, 0..1. */
  readonly onProgress?: (run: number, share: number) => void
  /** A CSV file for a row per packet. */
  readonly trace?: string | undefined
  /** Ends the work early: the promise is rejected with the signal's reason, no thread and no part file stays. */
  readonly signal?: AbortSignal | undefined
}

/** Simulates every run. Throws UserError when the source or the trace fails; what onRun got by then is good. */
export async function runScenario(inHand: ScenarioInHand, options: RunsOptions = {}): Promise<RunResult[]> {
  const { scenario, policies, capturePath, calibration } = inHand
  // Only plain data: it may be sent to threads, and the caller's object may hold functions.
  const plain = {
    scenario,
    policies,
    ...(capturePath === undefined ? {} : { capturePath }),
    ...(calibration === undefined ? {} : { calibration }),
  }
  const { runs } = planOf(plain)
  const jobs = Math.min(runs, options.jobs ?? availableParallelism())
  const trace = options.trace === undefined ? undefined : traceParts(options.trace, policies.length, runs)
  let soFar: RunResult[] = []
  const finished = (result: RunResult) => {
    soFar = keepWorstFlows([...soFar, result].sort((a, b) => a.run - b.run))
    options.onRun?.(result, soFar)
  }
  try {
    options.signal?.throwIfAborted()
    if (jobs === 1) await runHere(plain, runs, trace, finished, options)
    else await runInThreads(plain, runs, jobs, trace, finished, options)
    trace?.join()
    return soFar
  } finally {
    trace?.remove()
  }
}

async function runHere(
  inHand: ScenarioInHand,
  runs: number,
  trace: TraceParts | undefined,
  finished: (result: RunResult) => void,
  { onProgress, signal }: RunsOptions,
): Promise<void> {
  const plan = planOf(inHand)
  for (let run = 0; run < runs; run++) {
    const tracePaths = trace?.pathsOf(run)
    const result = await simulateRun(plan, run, {
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
  inHand: ScenarioInHand,
  runs: number,
  jobs: number,
  trace: TraceParts | undefined,
  finished: (result: RunResult) => void,
  { onProgress, signal }: RunsOptions,
): Promise<void> {
  const { Piscina } = await import('piscina')
  const isSource = import.meta.url.endsWith('.ts')
  const pool = new Piscina({
    filename: new URL(isSource ? './worker.ts' : './worker.js', import.meta.url).href,
    name: 'runTask',
    minThreads: jobs,
    maxThreads: jobs,
    // Not inherited: `--import tsx` is looked up in the current folder, which may be any. And piscina would require()
    // the worker, an ES module; a thread that is ended while it does that takes the process with it (Node 20 to 24).
    execArgv: [
      '--no-experimental-require-module',
      ...(isSource ? ['--import', import.meta.resolve('tsx')] : []),
    ],
  })
  let stopping = false
  // Threads that are still at work when the pool is destroyed have nobody to report to, which piscina calls an error.
  pool.on('error', (error: Error) => {
    if (!stopping) throw error
  })
  pool.on('message', ({ run, share }: RunProgress) => onProgress?.(run, share))
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  const one = async (run: number) => {
    const task: RunTask = { inHand, run, tracePaths: trace?.pathsOf(run) }
    let outcome: RunOutcome
    try {
      outcome = await pool.run(task)
    } catch (error) {
      throw threadFailure(error, inHand)
    }
    if ('mistake' in outcome) throw new UserError(outcome.mistake.lines, outcome.mistake.exitCode)
    signal?.throwIfAborted()
    finished(outcome.result)
  }
  try {
    await Promise.race([aborted, Promise.all(Array.from({ length: runs }, (_, run) => one(run)))])
  } finally {
    stopping = true
    await pool.destroy()
  }
}

/** What ended a thread, as the user's mistake where it is one: that a policy called exit can only be guessed. */
function threadFailure(error: unknown, { policies }: ScenarioInHand): unknown {
  const own = policies.filter(({ module }) => module !== undefined).map(({ label }) => label)
  if (own.length > 0 && error instanceof Error && /^worker exited with code/.test(error.message)) {
    return new UserError(`policy ${own.join(' or ')}: its thread ended within a run - a policy must not exit`)
  }
  return thrownLater(error) ?? error
}
