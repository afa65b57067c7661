/** Test support: simulates a scenario given as an object. */

import type { RunResult } from '../metrics/result.ts'
import type { Observer } from '../model/observer.ts'
import type { PacketStore } from '../model/packets/packet-store.ts'
import { openBytes } from '../node/open-bytes.ts'
import { policiesOf } from '../scenario/policy-specs.ts'
import { type ScenarioInput, scenarioSchema } from '../scenario/schema/schema.ts'
import { planOf } from './plan.ts'
import { type RunOptions, simulateRun } from './simulate-run.ts'

/** Run 0 (or `run`) of a scenario; throws when a policy failed. */
export async function simulate(
  input: ScenarioInput,
  options: RunOptions & { run?: number } = {},
): Promise<RunResult> {
  const scenario = scenarioSchema.parse(input)
  const plan = planOf({ scenario, policies: policiesOf(scenario) })
  const result = await simulateRun(plan, options.run ?? 0, { openBytes, ...options })
  const failed = result.policies.find((policy) => policy.error !== null)
  if (failed !== undefined) throw new Error(failed.error!)
  return result
}

/** Collects `value` of every delivered packet of the sample, in the order of delivery. */
export class Collector implements Observer {
  readonly values: number[] = []
  private readonly store: PacketStore
  private readonly value: (store: PacketStore, row: number, nowNs: number) => number

  constructor(store: PacketStore, value: (store: PacketStore, row: number, nowNs: number) => number) {
    this.store = store
    this.value = value
  }

  onDelivery(row: number): void {
    if (this.store.flowNumber[row]! >= 0) this.values.push(this.value(this.store, row, this.store.nowNs))
  }
}

/** Mean and its standard error by batch means: correlated values, cut into `batches` equal batches. */
export function batchMeans(values: readonly number[], batches = 100): { mean: number; error: number } {
  const size = Math.floor(values.length / batches)
  const means = Array.from({ length: batches }, (_, b) => {
    let sum = 0
    for (let i = b * size; i < (b + 1) * size; i++) sum += values[i]!
    return sum / size
  })
  const mean = means.reduce((sum, value) => sum + value, 0) / batches
  const squares = means.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  return { mean, error: Math.sqrt(squares / (batches - 1) / batches) }
}
