/** Test support: simulates a scenario given as an object. */

import type { RunResult } from '../metrics/result.ts'
import { planOf } from './build.ts'
import { policiesOf } from './policies.ts'
import { type RunOptions, simulateRun } from './run.ts'
import { type ScenarioInput, scenarioSchema } from './schema.ts'

/** Run 0 (or `run`) of a scenario; throws when a policy failed. */
export async function simulate(
  input: ScenarioInput,
  options: RunOptions & { run?: number } = {},
): Promise<RunResult> {
  const scenario = scenarioSchema.parse(input)
  const plan = planOf({ scenario, policies: policiesOf(scenario) })
  const result = await simulateRun(plan, options.run ?? 0, options)
  const failed = result.policies.find((policy) => policy.error !== null)
  if (failed !== undefined) throw new Error(failed.error!)
  return result
}
