/**
 * lanewise as a library: simulate a scenario from a program, with policies of its own, and the types that a
 * policy module needs. Everything else of the package is internal and may change.
 */
import { UserError } from './errors.ts'
import type { RunResult } from './metrics/result.ts'
import { compareRuns, type PolicySummary } from './metrics/statistics/comparison.ts'
import { drawsRandom, type PolicyDefinition } from './model/policy.ts'
import { loadPolicyModule } from './node/policy-modules.ts'
import { simulateWithFiles } from './node/simulate.ts'
import { type Plan, planOf } from './run/plan.ts'
import { completePlugin } from './scenario/known-policies.ts'
import { labelled, modulePathsIn, policiesOf } from './scenario/policy-specs.ts'
import { type Scenario, type ScenarioInput, scenarioSchema } from './scenario/schema/schema.ts'
import { randomStream } from './sim/random.ts'

export { z } from 'zod'
export type { RunResult } from './metrics/result.ts'
export type { MetricSummary, PolicySummary } from './metrics/statistics/comparison.ts'
export type { FlowKey } from './model/packets/flow-key.ts'
export type { Flow } from './model/packets/flow-table.ts'
export {
  type DispatchPolicy,
  definePolicy,
  HOLD,
  type LaneView,
  type Packet,
  type PolicyDefinition as PolicyPlugin,
} from './model/policy.ts'
export type { TableKey, TimeToLive } from './model/time-to-live.ts'
export type { Scenario, ScenarioInput } from './scenario/schema/schema.ts'
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
  /**
   * Policies of the program's own, with their parameters as a user would write them. They come after those of
   * the scenario, and alone where its list is empty.
   */
  readonly policies?: ReadonlyArray<{ readonly plugin: PolicyDefinition; readonly parameters?: object }>
}

/**
 * Simulates every run of the scenario in this thread. Paths of captures and of policies' modules are relative
 * to the current folder. Modules that `input` names are loaded: it is the program's own word. A program that
 * takes scenarios from others looks at their `policies` first; the command line asks (`--allow-modules`).
 * @param input as a scenario file says it, already read: `{ source: { capture: 'office.pcap' }, runs: 3 }`;
 *   its list of policies may be empty where `options` has some
 * @throws ZodError for a scenario that isn't one, UserError for a capture or module that can't be read and
 *   for two policies of one label
 */
export async function simulate(input: ScenarioInput, options: SimulationOptions = {}): Promise<Simulation> {
  for (const module of modulePathsIn(input.policies)) {
    await loadPolicyModule(module, '.', `policies: ${module}`)
  }
  const given = options.policies ?? []
  const isOwnOnly = given.length > 0 && input.policies?.length === 0
  const { policies: _, ...others } = input
  const parsed = scenarioSchema.parse(isOwnOnly ? others : input)
  const scenario = isOwnOnly ? { ...parsed, policies: [] } : parsed
  const plan = planOf({ scenario, policies: isOwnOnly ? [] : policiesOf(scenario) })
  const own = given.map(({ plugin, parameters = {} }): Plan['policies'][number] => {
    const checked = completePlugin(plugin).parameters.parse(parameters)
    const label = labelled(plugin.name, Object.entries(parameters))
    const random = (run: number) => randomStream(scenario.seed, run, `policy ${label}`)
    return { label, create: (lanes, run) => plugin.create(checked, lanes, random(run)) }
  })
  const isRandom =
    plan.isRandom ||
    given.some(({ plugin, parameters = {} }) =>
      drawsRandom(plugin, completePlugin(plugin).parameters.parse(parameters)),
    )
  const whole = {
    ...plan,
    policies: [...plan.policies, ...own],
    isRandom,
    runs: isRandom ? scenario.runs : 1,
  }
  const labels = whole.policies.map(({ label }) => label)
  const twice = labels.find((label, i) => labels.indexOf(label) !== i)
  if (twice !== undefined) throw new UserError(`policies: two are called ${twice} - rename one of the two`, 2)
  const runs: RunResult[] = []
  for (let run = 0; run < whole.runs; run++) runs.push(await simulateWithFiles(whole, run))
  return { scenario, runs, policies: compareRuns(runs, whole.policies[0]!.label) }
}
