/**
 * From a scenario to what a run is made of: numbers instead of text, policies ready to be instantiated, a source
 * for each run. Everything random hangs on (seed, run, name of the use), so a run can be built in any thread, in
 * any order, and gives the same results.
 */

import type { PacketSource } from '../model/chunk.ts'
import type { LaneSettings } from '../model/lane.ts'
import type { PipelineSettings } from '../model/pipeline.ts'
import type { DispatchPolicy, LaneView, PolicyPlugin } from '../model/policy.ts'
import { policies } from '../policies/index.ts'
import type { Sampler } from '../sim/distributions/distribution.ts'
import { distributions } from '../sim/distributions/index.ts'
import { randomStream } from '../sim/random.ts'
import { captureSource } from '../sources/capture.ts'
import { arrivalProcesses } from '../sources/index.ts'
import { syntheticSource } from '../sources/synthetic.ts'
import { parseDurationNs, parseFineDurationNs, parseSizeBytes } from '../units.ts'
import { STANDARD_INPUT } from './input-file.ts'
import type { PolicySpec } from './policies.ts'
import type { Scenario } from './schema.ts'

/** A scenario that has been read, plain data that can be sent to another thread. */
export interface ScenarioInHand {
  readonly scenario: Scenario
  readonly policies: readonly PolicySpec[]
  /** Where the capture really is; the scenario keeps the path as written. */
  readonly capturePath?: string
}

/** One policy of a plan. */
export interface PlannedPolicy {
  readonly label: string
  create(lanes: LaneView, run: number): DispatchPolicy
}

/** What runs are made of. */
export interface Plan {
  readonly settings: PipelineSettings
  readonly policies: readonly PlannedPolicy[]
  /** Runs that make sense: one, when nothing is random. */
  readonly runs: number
  /** Arrivals at or after this are cut off; Infinity for a whole capture. */
  readonly durationNs: number
  readonly isSynthetic: boolean
  openSource(run: number): Promise<PacketSource>
  /** The random part of each packet's work, ns. */
  jitter(run: number): Sampler
}

/** Throws an Error where a policy's parameters don't fit the lanes. */
export function planOf({ scenario, policies: specs, capturePath }: ScenarioInHand): Plan {
  const { source, seed, lanes, link, reader, tunQueue } = scenario
  const stream = (run: number) => (name: string) => randomStream(seed, run, name)
  const durationNs =
    scenario.duration === undefined ? Number.POSITIVE_INFINITY : parseDurationNs(scenario.duration)
  const isSynthetic = 'synthetic' in source
  return {
    settings: {
      tunQueue: { capacityPackets: capacity(tunQueue.capacityPackets), onFull: tunQueue.onFull },
      reader: {
        perPacketNs: parseDurationNs(reader.perPacket),
        perPassNs: parseDurationNs(reader.perPass),
        batch: reader.batch,
        stage: reader.stage === 'off' ? undefined : reader.stage,
      },
      lanes: laneSettings(lanes),
      linkDelayNs: perLane(link.delay, lanes.count).map(parseDurationNs),
      warmupNs: parseDurationNs(scenario.warmup),
    },
    policies: specs.map((spec) => plannedPolicy(spec, stream)),
    runs: isRandom(scenario, specs) ? scenario.runs : 1,
    durationNs,
    isSynthetic,
    async openSource(run) {
      if (!('synthetic' in source)) {
        const { sort, speed, loop, packetsPerSecond, clock } = source
        const rescaled = packetsPerSecond === undefined ? {} : { packetsPerSecond }
        const path = capturePath ?? source.capture
        const isPiped = source.capture === STANDARD_INPUT
        const [name, asWritten] = isPiped ? ['standard input', 'standard input'] : [path, source.capture]
        const random = stream(run)('arrivals')
        return captureSource({ path, name, asWritten, sort, speed, loop, clock, random, ...rescaled })
      }
      const { arrivals, packetsPerSecond, flows, sizes, protocols } = source.synthetic
      return syntheticSource(
        {
          arrivals: arrivalProcesses.get(arrivals)!,
          packetsPerSecond,
          flowCount: flows.count,
          zipfExponent: flows.popularity === 'uniform' ? 0 : flows.popularity.zipf.exponent,
          sizeBytes: sizes === 'imix' ? 'imix' : parseSizeBytes(sizes.fixed),
          tcpShare: protocols.tcp / (protocols.tcp + protocols.udp),
          durationNs,
        },
        stream(run),
      )
    },
    jitter(run) {
      if (lanes.service.jitter === 'none') return () => 0
      const { distribution, parameters } = distributionOf(lanes.service.jitter)
      return distribution.create(parameters, stream(run)('work'))
    },
  }
}

function laneSettings({ count, speed, service, queue }: Scenario['lanes']): LaneSettings {
  return {
    count,
    speed: perLane(speed, count),
    fixedNs: perLane(service.fixed, count).map(parseDurationNs),
    perByteNs: perLane(service.perByte, count).map(parseFineDurationNs),
    capacityPackets: capacity(queue.capacityPackets),
    onFull: queue.onFull,
  }
}

function plannedPolicy(
  spec: PolicySpec,
  stream: (run: number) => (name: string) => () => number,
): PlannedPolicy {
  const plugin = policies.get(spec.name)!
  const parameters = plugin.parameters.parse(spec.parameters)
  return {
    label: spec.label,
    create: (lanes, run) => plugin.create(parameters, lanes, stream(run)(`policy ${spec.label}`)),
  }
}

function isRandom({ source, lanes }: Scenario, specs: readonly PolicySpec[]): boolean {
  if ('synthetic' in source) {
    const { arrivals, flows, sizes } = source.synthetic
    if (arrivalProcesses.get(arrivals)!.usesRandom || flows.count > 1 || sizes === 'imix') return true
  }
  const { jitter } = lanes.service
  if (jitter !== 'none' && distributionOf(jitter).distribution.usesRandom !== false) return true
  return specs.some((spec) => (policies.get(spec.name) as PolicyPlugin).usesRandom !== false)
}

function distributionOf(spec: Record<string, unknown>) {
  const [name, given] = Object.entries(spec)[0]!
  const distribution = distributions.get(name)!
  return { distribution, parameters: distribution.parameters.parse(given) }
}

function capacity(packets: number | 'unlimited'): number {
  return packets === 'unlimited' ? Number.POSITIVE_INFINITY : packets
}

function perLane<T>(value: T | readonly T[], lanes: number): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : new Array<T>(lanes).fill(value as T)
}
