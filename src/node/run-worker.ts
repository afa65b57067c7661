/**
 * One run in a thread of its own: what a thread of the pool in pool.ts executes. A user's mistake goes back
 * as data, because an error that crosses threads loses its class.
 */
import { setImmediate } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { type FailureCode, UserError } from '../errors.ts'
import type { RunResult } from '../metrics/result.ts'
import { planOf, type ResolvedScenario } from '../run/plan.ts'
import { loadModulesOf } from './policy-modules.ts'
import { simulateWithFiles } from './simulate.ts'

export interface RunTask {
  readonly resolved: ResolvedScenario
  readonly run: number
  /** Where the trace of each policy goes; undefined without a trace. */
  readonly tracePaths?: readonly string[] | undefined
  /** Of a scan; comes back with the progress. */
  readonly point?: number
  /** Most rows that the result has of a policy's flows. */
  readonly flowsMax?: number | undefined
}

/** What goes back: a user's mistake as data. */
export type Outcome<Result> =
  | { readonly result: Result }
  | { readonly mistake: { readonly lines: readonly string[]; readonly exitCode: FailureCode } }

/** What the thread says while it works. */
export interface RunProgress {
  readonly run: number
  readonly point: number
  /** 0..1 */
  readonly share: number
}

/** Simulates one run of a scenario. */
export function runTask(task: RunTask): Promise<Outcome<RunResult>> {
  return outcomeOf(async () => {
    await loadModulesOf(task.resolved.policies)
    return simulateTask(task)
  })
}

/** The run in this thread, which says how far it is. */
export function simulateTask({
  resolved,
  run,
  tracePaths,
  point = 0,
  flowsMax,
}: RunTask): Promise<RunResult> {
  return simulateWithFiles(planOf(resolved), run, {
    async onProgress(share) {
      parentPort?.postMessage({ run, point, share } satisfies RunProgress)
      // What timers and promises of a user's policy throw comes out here, while the run can still fail.
      await setImmediate()
    },
    flowsMax,
    ...(tracePaths === undefined ? {} : { tracePath: (policy: number) => tracePaths[policy]! }),
  })
}

/** What the work gives, or the user's mistake that it ended with. */
export async function outcomeOf<Result>(work: () => Promise<Result>): Promise<Outcome<Result>> {
  try {
    return { result: await work() }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { mistake: { lines: error.lines, exitCode: error.exitCode } }
  }
}
