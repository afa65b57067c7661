/**
 * One run of a plan. Open loop reads its traffic once, chunk by chunk, and every policy's pipeline consumes
 * each chunk in turn with its own clock; traffic that reacts is another one for each policy, since what is
 * sent depends on what that policy delivers.
 */
import { OfferedLoadMeter } from '../metrics/cost/offered-load.ts'
import type { RunResult } from '../metrics/result.ts'
import type { Direction } from '../model/packets/direction.ts'
import type { Traffic } from '../model/packets/traffic.ts'
import type { OpenBytes } from '../traffic/capture/capture-files.ts'
import { type Driven, drive } from './drive.ts'
import { Offer } from './offer.ts'
import type { Plan } from './plan.ts'
import { PolicyRunner, type Watching } from './policy-runner.ts'
import { tunnelRemark } from './tunnel-remark.ts'

export interface RunOptions extends Watching {
  /** Opens captures; a synthetic source needs none. */
  readonly openBytes?: OpenBytes | undefined
  /** How far packets are asked for at once, ns; default the traffic's lookahead. */
  readonly windowNs?: number | undefined
  /**
   * Called now and then with the share of the run that is done, 0..1; the run waits, and ends if it throws.
   */
  readonly onProgress?: ((share: number) => void | Promise<void>) | undefined
}

/** Simulates run number `run` (from 0) of the plan. Throws a UserError when the source can't be read. */
export async function simulateRun(plan: Plan, run: number, options: RunOptions = {}): Promise<RunResult> {
  const all = [...plan.policies.keys()]
  const traffic = await plan.openTraffic(run, options.openBytes)
  if (traffic.hear === undefined) return simulateOn(traffic, plan, run, all, options)
  const alone = [await simulateOn(traffic, plan, run, all.slice(0, 1), options)]
  for (const position of all.slice(1)) {
    const own = await plan.openTraffic(run, options.openBytes)
    alone.push(await simulateOn(own, plan, run, [position], options))
  }
  return {
    ...alone[0]!,
    warnings: [...new Set(alone.flatMap(({ warnings }) => warnings))],
    policies: alone.flatMap(({ policies }) => policies),
  }
}

/** Simulates the policies at these positions on one traffic, and closes that. */
async function simulateOn(
  traffic: Traffic,
  plan: Plan,
  run: number,
  positions: readonly number[],
  options: RunOptions,
): Promise<RunResult> {
  try {
    const offer = new Offer(plan, run, traffic)
    const settings = { ...plan.settings(run), warmupNs: offer.sampleFromNs }
    const meter = new OfferedLoadMeter(settings)
    const runners = positions.map(
      (position) => new PolicyRunner(plan, settings, plan.policies[position]!, position, run, offer, options),
    )
    const metered: Driven = { consume: (chunk) => meter.add(chunk), advanceTo: () => false }
    const onPause = () => options.onProgress?.(offer.progress())
    await drive(offer, [metered, ...runners], { windowNs: options.windowNs, onPause })
    const policies = runners.map((runner) => runner.finish())
    return {
      run,
      load: meter.result(),
      warnings: [
        ...plan.warnings,
        ...(traffic.problems ?? []),
        ...foreignWarning(offer.direction),
        ...(runners.some(({ flowKey }) => flowKey === 'inner')
          ? []
          : tunnelRemark(traffic.flows, offer.numbering)),
        ...runners.flatMap((runner) => runner.warnings()),
      ],
      policies,
    }
  } finally {
    await traffic.close()
  }
}

function foreignWarning(direction: Direction | undefined): string[] {
  if (direction === undefined || direction.foreign === 0) return []
  return [
    `source.direction: ${direction.foreign} packets are neither from nor to the inside and were left out - check the prefixes`,
  ]
}
