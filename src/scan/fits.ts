/**
 * The load that fits: how much faster, or slower, this traffic may come before a policy drops more than a
 * thousandth of it. Found by simulating it: doubled or halved until it is on both sides of that, then
 * bisected to a tenth, at the scenario's own seed, run 0. Drops need not grow with the rate; what is found is
 * a rate that fits with one that doesn't a tenth above it.
 */
import { DROPS_WORTH_A_WORD } from '../metrics/catalogue/recommendable.ts'
import { runValueOf } from '../metrics/catalogue/shown.ts'
import type { RunResult } from '../metrics/result.ts'
import { simulateWithFiles } from '../node/simulate.ts'
import { planOf, type ResolvedScenario } from '../run/plan.ts'
import type { Scenario } from '../scenario/schema/schema.ts'

/** How near the two sides come. */
const NEAR = 1.1
/** Doublings or halvings before it is given up. */
const STEPS_MAX = 16

export interface FoundFit {
  readonly policy: string
  /** Mean rate of the traffic there; null where no rate tried fits. */
  readonly packetsPerSecond: number | null
}

/** @param onStep called before each simulation; may throw to end the search */
export async function findFits(
  resolved: ResolvedScenario,
  onStep: () => void | Promise<void> = () => {},
): Promise<FoundFit[]> {
  const found: FoundFit[] = []
  for (const policy of resolved.policies) {
    const at = async (factor: number) => {
      await onStep()
      const scenario = faster(resolved.scenario, factor)
      const plan = planOf({ ...resolved, scenario, policies: [policy] })
      return simulateWithFiles(plan, 0, { flowsMax: 0, onProgress: onStep })
    }
    found.push({ policy: policy.label, packetsPerSecond: await largestRate(at) })
  }
  return found
}

async function largestRate(at: (factor: number) => Promise<RunResult>): Promise<number | null> {
  const first = await at(1)
  let fitting = fits(first) ? { factor: 1, run: first } : undefined
  let failing = fitting === undefined ? 1 : undefined
  for (let step = 0; step < STEPS_MAX && (fitting === undefined || failing === undefined); step++) {
    const factor = fitting === undefined ? failing! / 2 : fitting.factor * 2
    const run = await at(factor)
    if (fits(run)) fitting = { factor, run }
    else failing = factor
  }
  if (fitting === undefined || failing === undefined) return fitting?.run.load.packetsPerSecond ?? null
  while (failing / fitting.factor > NEAR) {
    const factor = Math.sqrt(failing * fitting.factor)
    const run = await at(factor)
    if (fits(run)) fitting = { factor, run }
    else failing = factor
  }
  return fitting.run.load.packetsPerSecond
}

function fits({ policies: [policy] }: RunResult): boolean {
  if (policy === undefined || policy.error !== null) return false
  const drops = runValueOf('dropRatio', policy.metrics)
  return drops !== null && drops <= DROPS_WORTH_A_WORD
}

/**
 * The same traffic so many times faster: the same packets of a capture, as much time of a synthetic source.
 */
function faster(scenario: Scenario, factor: number): Scenario {
  const { source } = scenario
  if ('synthetic' in source) {
    const packetsPerSecond = source.synthetic.packetsPerSecond * factor
    return { ...scenario, source: { ...source, synthetic: { ...source.synthetic, packetsPerSecond } } }
  }
  return { ...scenario, source: { ...source, speed: source.speed * factor } }
}
