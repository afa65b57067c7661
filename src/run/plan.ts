/**
 * From a scenario to what a run is made of: numbers instead of text, policies ready to be instantiated, a
 * source for each run. Everything random hangs on (seed, run, name of the use), so a run can be built in any
 * thread, in any order, and gives the same results.
 */
import type { MetricSettings } from '../metrics/settings.ts'
import type { PacketChunk } from '../model/packets/chunk.ts'
import type { Traffic } from '../model/packets/traffic.ts'
import type { MachineSettings } from '../model/pipeline-settings.ts'
import { type DispatchPolicy, drawsRandom, type LaneView } from '../model/policy.ts'
import { findPolicy } from '../scenario/known-policies.ts'
import type { PolicySpec } from '../scenario/policy-specs.ts'
import { metricSettings } from '../scenario/schema/assume.ts'
import type { MeasuredLanes } from '../scenario/schema/calibration.ts'
import type { Scenario } from '../scenario/schema/schema.ts'
import { STANDARD_INPUT } from '../scenario/schema/source.ts'
import { randomStream } from '../sim/random.ts'
import { type CapturePaths, listed, type OpenBytes } from '../traffic/capture/capture-files.ts'
import { syntheticTraffic } from '../traffic/synthetic/synthetic-traffic.ts'
import { parseDurationNs } from '../units.ts'
import { calibrationNotes } from './calibration.ts'
import { drawsOf, drawsRandomTimes } from './draws.ts'
import { settingsOf } from './settings.ts'
import { drawsPackets, syntheticSettings } from './synthetic-settings.ts'
import { withoutEffect } from './without-effect.ts'

/** A scenario that has been read, plain data that can be sent to another thread. */
export interface ResolvedScenario {
  readonly scenario: Scenario
  readonly policies: readonly PolicySpec[]
  /**
   * Where the capture really is, all its files; the scenario keeps the paths as written. Of an arrivals CSV
   * it, and the file of lost packets beside it.
   */
  readonly capturePath?: CapturePaths
  /**
   * What was measured of a machine's lanes: in place of the scenario's service, wake-up, stalls and reader's
   * cost.
   */
  readonly calibration?: MeasuredLanes
}

/** One policy of a plan. */
export interface PlannedPolicy {
  readonly label: string
  create(lanes: LaneView, run: number): DispatchPolicy
}

/** What runs are made of. */
export interface Plan {
  /** Settings of a run's pipelines, with its stalls in them; when the sample begins the offer tells. */
  settings(run: number): MachineSettings
  /** What the metrics assume. */
  readonly metrics: MetricSettings
  /** Packets that arrive earlier after the traffic's `firstNs` are not in the sample, ns. */
  readonly warmupNs: number
  readonly policies: readonly PlannedPolicy[]
  /** Would another run differ? */
  readonly isRandom: boolean
  /** Runs that make sense: one, when nothing is random. */
  readonly runs: number
  /** Arrivals so long after the traffic's `firstNs`, or later, are cut off; Infinity for a whole capture. */
  readonly durationNs: number
  /** Protocols aren't known, so every packet is judged by TCP's rules and by those of UDP. */
  readonly judgesAll: boolean
  /** Prefixes that packets must come from to meet the policy; undefined: all packets do. */
  readonly inside: readonly string[] | undefined
  /** Keys of the scenario that have no effect, one line each. */
  readonly warnings: readonly string[]
  /** @param openBytes opens a capture's bytes; a synthetic source needs none */
  openTraffic(run: number, openBytes?: OpenBytes): Promise<Traffic>
  /** Fills the drawn columns of each chunk in turn: work, wake-up, link delay and loss. */
  draws(run: number): (chunk: PacketChunk) => void
}

/**
 * Throws an Error where a policy's parameters don't fit the lanes, a UserError where a calibration doesn't.
 */
export function planOf({ scenario, policies: specs, capturePath, calibration }: ResolvedScenario): Plan {
  const { source, seed } = scenario
  const stream = (run: number) => (name: string) => randomStream(seed, run, name)
  const durationNs =
    scenario.duration === undefined ? Number.POSITIVE_INFINITY : parseDurationNs(scenario.duration)
  // An arrivals CSV is judged as `measure` judges it, which sees no protocols.
  const judgesAll = !('capture' in source)
  const random = calibration !== undefined || isRandom(scenario, specs)
  const notes = calibration === undefined ? [] : calibrationNotes(calibration, scenario)
  return {
    settings: (run) => settingsOf(scenario, stream(run), calibration),
    metrics: metricSettings(scenario.assume, judgesAll, smallestDelayNs(scenario.link.delay)),
    warmupNs: parseDurationNs(scenario.warmup),
    policies: specs.map((spec) => plannedPolicy(spec, stream)),
    isRandom: random,
    runs: random ? scenario.runs : 1,
    durationNs,
    judgesAll,
    warnings: [...withoutEffect(scenario), ...notes],
    inside: source.direction === 'both' ? undefined : source.direction.inside,
    async openTraffic(run, openBytes) {
      if ('arrivals' in source) {
        const { speed, packetsPerSecond, arrivals: name } = source
        const rescaled = packetsPerSecond === undefined ? {} : { packetsPerSecond }
        if (openBytes === undefined) throw new Error(`openTraffic: nothing opens ${name}`)
        const { arrivalsTraffic } = await import('../traffic/arrivals/arrivals-traffic.ts')
        return arrivalsTraffic({ openBytes, path: capturePath ?? name, name, speed, ...rescaled })
      }
      if ('capture' in source) {
        const { sort, speed, loop, packetsPerSecond, clock } = source
        const rescaled = packetsPerSecond === undefined ? {} : { packetsPerSecond }
        const path = capturePath ?? source.capture
        const isPiped = source.capture === STANDARD_INPUT
        const [name, asWritten] = isPiped ? ['standard input', 'standard input'] : [path, source.capture]
        // Of the scenario, not of the run: all runs of a capture share its arrivals.
        const random = stream(0)('capture clock')
        if (openBytes === undefined) throw new Error(`openTraffic: nothing opens the capture ${listed(name)}`)
        // What reads captures is a tenth of the program.
        const { captureTraffic } = await import('../traffic/capture/capture-traffic.ts')
        return captureTraffic({
          openBytes,
          path,
          name,
          asWritten,
          sort,
          speed,
          loop,
          clock,
          random,
          ...rescaled,
        })
      }
      return syntheticTraffic(syntheticSettings(source.synthetic, durationNs), stream(run))
    },
    draws: (run) => drawsOf(scenario, stream(run), calibration !== undefined),
  }
}

function smallestDelayNs(delay: Scenario['link']['delay']): number {
  return Math.min(...[delay].flat().map(parseDurationNs))
}

function plannedPolicy(
  spec: PolicySpec,
  stream: (run: number) => (name: string) => () => number,
): PlannedPolicy {
  const plugin = findPolicy(spec.name)!
  const parameters = plugin.parameters.parse(spec.parameters)
  return {
    label: spec.label,
    create: (lanes, run) => plugin.create(parameters, lanes, stream(run)(`policy ${spec.label}`)),
  }
}

function isRandom(scenario: Scenario, specs: readonly PolicySpec[]): boolean {
  const { source } = scenario
  if ('synthetic' in source && drawsPackets(source.synthetic)) return true
  if (drawsRandomTimes(scenario)) return true
  return specs.some((spec) => {
    const plugin = findPolicy(spec.name)!
    return drawsRandom(plugin, plugin.parameters.parse(spec.parameters))
  })
}
