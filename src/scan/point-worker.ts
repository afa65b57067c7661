/**
 * A whole point of a scan in a thread of its own: all its runs, one after the other, and the saving. What
 * goes back is small, so that with many points the thread that all of them report to has little to do.
 */
import type { Metrics } from '../metrics/metric.ts'
import type { RunResult } from '../metrics/result.ts'
import { loadModulesOf } from '../node/policy-modules.ts'
import { type Outcome, outcomeOf, simulateTask } from '../node/run-worker.ts'
import type { ResolvedScenario } from '../run/plan.ts'
import { metricsOf, UnsavedError, writePoint } from './saved-points.ts'

export interface PointTask {
  readonly resolved: ResolvedScenario
  readonly point: number
  readonly runs: number
  readonly flowsMax: number
  /** Where it is saved, and as what. */
  readonly folder: string
  readonly key: string
}

export type PointDone =
  | { readonly metrics: readonly Metrics[] }
  /** The disk refused. */
  | { readonly unsaved: readonly string[] }

/** Simulates and saves one point. */
export function pointTask(task: PointTask): Promise<Outcome<PointDone>> {
  const { resolved, runs, folder, key } = task
  return outcomeOf(async () => {
    await loadModulesOf(resolved.policies)
    const results: RunResult[] = []
    for (let run = 0; run < runs; run++) results.push(await simulateTask({ ...task, run }))
    try {
      writePoint(folder, key, results)
    } catch (error) {
      if (error instanceof UnsavedError) return { unsaved: error.lines }
      throw error
    }
    return { metrics: metricsOf(results) }
  })
}
