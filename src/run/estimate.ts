/**
 * What a scenario will need, before anything is simulated: packets, memory, time. A rough model, meant to
 * tell a run that fits from one that doesn't: queues and links fill as a fluid would (what comes faster than
 * it goes waits), everything else follows its settings. Not known here: what a policy of the user's keeps.
 */
import type { Scenario } from '../scenario/schema/schema.ts'
import { parseDurationNs, parseFineDurationNs, parseSizeBytes } from '../units.ts'
import { meanNs } from './draws.ts'
import type { ResolvedScenario } from './plan.ts'
import { FLOWS_PER_POLICY_MAX } from './worst-flows.ts'

/** Of a packet inside a pipeline: its row's columns, and what links and releases keep of it. */
const ROW_BYTES = 160
/** Of a flow: its table entry, and per policy its counters. */
const FLOW_BYTES = 150
const FLOW_AT_POLICY_BYTES = 60
/** Of a change of a lane that a policy hasn't seen yet (reader.feedbackDelay); two for every packet. */
const SNAPSHOT_BYTES = 120
/** Of a run's results, per policy: metrics and distributions, and each flow's row. */
const RESULT_BYTES = 30_000
const FLOW_ROW_BYTES = 150
/** Of the program, and of each thread. */
const PROGRAM_BYTES = 100e6
const THREAD_BYTES = 20e6
/** What a packet of a capture takes of its file at most, on average, so that packets aren't overrated. */
const CAPTURED_BYTES = 1600
/** The same of an arrivals CSV. */
const ARRIVAL_BYTES = 50
const FLOW_PINNED_SLOT_BYTES = 14
/** Per packet and policy; the least that other times are rounded to. */
const PACKET_NS = 1000

export interface Estimate {
  /** Of one run; of a capture as few as there may be. */
  readonly packets: number
  /** Of one process, with all its threads. */
  readonly memoryBytes: number
  /** Of one run, of all policies, ns. */
  readonly runNs: number
  readonly runs: number
}

export interface EstimateOptions {
  /** Runs that are simulated at once. */
  readonly threads: number
  /** Of the scenario's captures, together. */
  readonly captureBytes?: number | undefined
  /** Runs, where they aren't the scenario's. */
  readonly runs?: number | undefined
}

/** The sum over all threads of a process, and over all policies. */
export function estimateOf(
  { scenario, policies }: Pick<ResolvedScenario, 'scenario' | 'policies'>,
  { threads, captureBytes = 0, runs = scenario.runs }: EstimateOptions,
): Estimate {
  const { source, assume, release } = scenario
  const { packets, perSecond } = arrivals(scenario, captureBytes)
  const seconds = perSecond > 0 ? packets / perSecond : 0
  const synthetic = 'synthetic' in source ? source.synthetic : undefined
  const flows = Math.min(packets, synthetic?.flows.count ?? packets / 50)
  const slots = policies.reduce((sum, { parameters }) => {
    const { capacity } = (parameters ?? {}) as { capacity?: unknown }
    return sum + (typeof capacity === 'number' ? capacity * FLOW_PINNED_SLOT_BYTES : 0)
  }, 0)
  const windowBytes = typeof release === 'object' && 'window' in release ? 4 * release.window.size : 0
  const inside = Math.min(packets, insidePackets(scenario, perSecond, seconds))
  const unseen = Math.min(packets, (perSecond * parseDurationNs(scenario.reader.feedbackDelay)) / 1e9)
  // Flows in disorder keep the window of RFC 5236; by no means all of them.
  const perFlow = FLOW_AT_POLICY_BYTES + 4 * assume.rfc5236.thresholdPackets
  const perPolicy = windowBytes + inside * ROW_BYTES + unseen * 2 * SNAPSHOT_BYTES + flows * perFlow
  const perThread = THREAD_BYTES + flows * FLOW_BYTES + policies.length * perPolicy + slots
  const perRun = policies.length * (RESULT_BYTES + Math.min(flows, FLOWS_PER_POLICY_MAX) * FLOW_ROW_BYTES)
  return {
    packets,
    memoryBytes: PROGRAM_BYTES + Math.min(threads, runs) * perThread + runs * perRun,
    runNs: packets * policies.length * PACKET_NS,
    runs,
  }
}

/** Packets of a run, and how many per second; 0 per second where only the capture knows. */
function arrivals({ source, duration }: Scenario, captureBytes: number) {
  const seconds = duration === undefined ? Number.POSITIVE_INFINITY : parseDurationNs(duration) / 1e9
  if ('synthetic' in source) {
    const { packetsPerSecond } = source.synthetic
    return { packets: packetsPerSecond * seconds, perSecond: packetsPerSecond }
  }
  const { packetsPerSecond: perSecond = 0 } = source
  const once = captureBytes / ('capture' in source ? CAPTURED_BYTES : ARRIVAL_BYTES)
  const inFile = 'capture' in source ? once * source.loop : once
  if (perSecond > 0) return { packets: Math.min(inFile, perSecond * seconds), perSecond }
  // How much of a looped capture its duration leaves, nobody knows before it is read.
  return {
    packets: seconds < Number.POSITIVE_INFINITY ? Math.min(inFile, once) : inFile,
    perSecond,
  }
}

/** Packets that wait at the end of a run, or are on their way, where everything flows evenly. */
function insidePackets(
  { source, tunQueue, lanes, link, receiver }: Scenario,
  perSecond: number,
  seconds: number,
): number {
  const bytes = 'synthetic' in source ? meanBytes(source.synthetic.sizes) : 700
  const each = <T>(value: T | readonly T[]): T[] =>
    Array.isArray(value) ? [...value] : new Array<T>(lanes.count).fill(value as T)
  const served = servedPerSecond(lanes, lanes.count, bytes)
  const waiting = Math.max(0, perSecond - served) * seconds
  const room = Number(tunQueue.capacityPackets) + lanes.count * Number(lanes.queue.capacityPackets)
  const queued = Number.isNaN(room) ? waiting : Math.min(waiting, room)
  const passed = Math.min(perSecond, served)
  const rates = each(link.rateBps).map((rate) => (rate === 'unlimited' ? Number.POSITIVE_INFINITY : rate))
  const linkRate = (link.perLane ? rates.reduce((sum, rate) => sum + rate, 0) : rates[0]!) / (8 * bytes)
  const behind = Math.max(0, passed - linkRate) * seconds
  const come = Math.min(passed, linkRate)
  const atEnd = receiver === undefined ? 0 : Math.max(0, come - receivedPerSecond(receiver, lanes, bytes))
  const delayNs = Math.max(...[link.delay].flat().map(parseDurationNs)) + meanNs(link.jitter)
  return queued + behind + atEnd * seconds + passed * Math.min(seconds, delayNs / 1e9)
}

/** Packets per second that threads can serve, each with a core of its own. */
function servedPerSecond(
  {
    speed,
    service: { fixed, perByte, jitter },
  }: Pick<Scenario['lanes'], 'speed'> & {
    readonly service: Pick<Scenario['lanes']['service'], 'fixed' | 'perByte' | 'jitter'>
  },
  threads: number,
  bytes: number,
): number {
  const each = <T>(value: T | readonly T[], i: number): T =>
    Array.isArray(value) ? (value as readonly T[])[i]! : (value as T)
  let sum = 0
  for (let i = 0; i < threads; i++) {
    const workNs =
      parseDurationNs(each(fixed, i)) + parseFineDurationNs(each(perByte, i)) * bytes + meanNs(jitter)
    sum += (each(speed, i) * 1e9) / Math.max(1, workNs)
  }
  return sum
}

function receivedPerSecond(
  receiver: NonNullable<Scenario['receiver']>,
  lanes: Scenario['lanes'],
  bytes: number,
): number {
  const threads = receiver.assign === 'own' ? lanes.count : (receiver.count ?? lanes.count)
  return servedPerSecond(receiver, threads, bytes)
}

function meanBytes(sizes: Extract<Scenario['source'], { synthetic: unknown }>['synthetic']['sizes']): number {
  if (sizes === 'imix') return 340
  if ('fixed' in sizes) return parseSizeBytes(sizes.fixed)
  const { values, weights = values.map(() => 1) } = sizes.empirical
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return values.reduce((sum, value, i) => sum + (parseSizeBytes(value) * weights[i]!) / total, 0)
}
