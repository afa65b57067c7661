/**
 * lanewise as a library: simulate a scenario from a program, with policies of its own, and the types that a policy
 * module needs. Everything else of the package is internal and may change.
 */
import { compareRuns, type PolicySummary } from './metrics/comparison.ts'
import type { RunResult } from './metrics/result.ts'
import type { PolicyPlugin } from './model/policy.ts'
import { type Plan, planOf } from './scenario/build.ts'
import { policiesOf } from './scenario/policies.ts'
import { simulateRun } from './scenario/run.ts'
import { type Scenario, type ScenarioInput, scenarioSchema } from './scenario/schema.ts'
import { randomStream } from './sim/random.ts'

export { z } from 'zod'
export type { MetricSummary, PolicySummary } from './metrics/comparison.ts'
export type { RunResult } from './metrics/result.ts'
export type { Flow } from './model/flow-table.ts'
export { type DispatchPolicy, HOLD, type LaneView, type Packet, type PolicyPlugin } from './model/policy.ts'
export type { Scenario, ScenarioInput } from './scenario/schema.ts'
export type { Random } from './sim/random.ts'
export { durationNs } from './unit-schemas.ts'

export interface Simulation {
  /** With all defaults filled in. */
  readonly scenario: Scenario
  readonly runs: readonly RunResult[]
  /** Per policy, over the runs; compared with the first policy. */
  readonly policies: readonly PolicySummary[]
}

export interface SimulationOptions {
  /** Policies of the program's own, beside those of the scenario, with their parameters as a user would write them. */
  readonly policies?: ReadonlyArray<{ readonly plugin: PolicyPlugin; readonly parameters?: object }>
}

/**
 * Simulates every run of the scenario in this thread. Capture paths are relative to the current folder.
 * @param input as a scenario file says it, already read: `{ source: { capture: 'office.pcap' }, runs: 3 }`
 * @throws ZodError for a scenario that isn't one, UserError for a capture that can't be read
 */
export async function simulate(input: ScenarioInput, options: SimulationOptions = {}): Promise<Simulation> {
  const scenario = scenarioSchema.parse(input)
  const plan = planOf({ scenario, policies: policiesOf(scenario) })
  const own = (options.policies ?? []).map(({ plugin, parameters = {} }): Plan['policies'][number] => {
    const parsed = plugin.parameters.parse(parameters)
    const random = (run: number) => randomStream(scenario.seed, run, `policy ${plugin.name}`)
    return { label: plugin.name, create: (lanes, run) => plugin.create(parsed, lanes, random(run)) }
  })
  const whole = { ...plan, policies: [...plan.policies, ...own] }
  const runs: RunResult[] = []
  for (let run = 0; run < plan.runs; run++) runs.push(await simulateRun(whole, run))
  return { scenario, runs, policies: compareRuns(runs, whole.policies[0]!.label) }
}
