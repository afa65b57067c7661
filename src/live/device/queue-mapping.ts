/**
 * Which queue the kernel gave each flow in a replay with topology multi-queue, beside what the linux-tun
 * policy says. Nothing is written back into the first device, so its table stays empty and every packet goes
 * by its hash: one queue per flow, the same one for both directions, the same one again in the next replay.
 * Which one is up to a key drawn at boot, so only the spread can be compared: the policy with other keys
 * gives what spreads to expect. Flows are those that the kernel tells apart, inside GRE for instance: by the
 * key `linux`. Source: Linux 6.12 drivers/net/tun.c tun_automq_select_queue, net/core/flow_dissector.c.
 */
import type { FlowTable } from '../../model/packets/flow-table.ts'
import { KeyedFlows } from '../../model/packets/keyed-flows.ts'
import type { DispatchPolicy, LaneView, Packet } from '../../model/policy.ts'
import type { Replayed } from '../verdict/replayed.ts'

const UNREAD = -1
const KEYS = 999

/** What one replay showed. */
export interface LearntMapping {
  /** Queue of each flow's first packet, by flow number; -1 without a packet that was read. */
  readonly queueOf: Int16Array
  /** Flows of which packets came through several queues. */
  readonly flowsOnSeveralQueues: number
}

/** The replays of a contender together, beside linux-tun. */
export interface QueueMapping {
  readonly replays: number
  /** Flows of which a packet was read in the first replay. */
  readonly flows: number
  readonly flowsPerQueue: readonly number[]
  /** Over all replays; linux-tun: 0. */
  readonly flowsOnSeveralQueues: number
  /** Of the first replay: pairs of a flow and its reverse, and those of them on two queues; linux-tun: 0. */
  readonly reversePairs: number
  readonly reversePairsSplit: number
  /** Flows that a later replay met on another queue than the first; linux-tun: 0. */
  readonly flowsMovedBetweenReplays: number
  /** Per queue, between which counts of flows linux-tun has 95 % of all keys. */
  readonly predictedFlowsLow95: number
  readonly predictedFlowsHigh95: number
  /**
   * Share of keys with which linux-tun spreads the flows at least as unevenly, (1 + such keys) / (1 + keys).
   */
  readonly asUnevenRatio: number
}

export function learnMapping(replayed: Replayed): LearntMapping {
  const { record } = replayed
  const { flows, flowOf } = linuxFlows(replayed)
  const queueOf = new Int16Array(flows.count).fill(UNREAD)
  const isOnSeveral = new Uint8Array(flows.count)
  for (let row = 0; row < record.packets; row++) {
    const lane = record.lane[row]!
    if (lane < 0) continue
    const flow = flowOf[row]!
    if (queueOf[flow] === UNREAD) queueOf[flow] = lane
    else if (queueOf[flow] !== lane) isOnSeveral[flow] = 1
  }
  return { queueOf, flowsOnSeveralQueues: isOnSeveral.reduce((sum, one) => sum + one, 0) }
}

/**
 * @param replayed any of the replays: their flows are the same
 * @param learnt of each replay, at least one
 * @param linuxTun the policy with the key of a run
 */
export function compareMapping(
  replayed: Replayed,
  learnt: readonly LearntMapping[],
  linuxTun: (lanes: LaneView, key: number) => DispatchPolicy,
): QueueMapping {
  const { lanes } = replayed
  const { flows } = linuxFlows(replayed)
  const [first, ...others] = learnt as [LearntMapping, ...LearntMapping[]]
  const seen: number[] = []
  for (let flow = 0; flow < flows.count; flow++) if (first.queueOf[flow] !== UNREAD) seen.push(flow)
  let reversePairs = 0
  let reversePairsSplit = 0
  for (const flow of seen) {
    const reverse = flows.reverseOf(flow)
    if (reverse <= flow || first.queueOf[reverse] === UNREAD) continue
    reversePairs++
    if (first.queueOf[reverse] !== first.queueOf[flow]) reversePairsSplit++
  }
  const moved = (other: LearntMapping) =>
    seen.filter((flow) => other.queueOf[flow] !== UNREAD && other.queueOf[flow] !== first.queueOf[flow])
  const flowsPerQueue = countPerQueue(seen, lanes, (flow) => first.queueOf[flow]!)
  const view = idleLanes(lanes)
  const predicted = Array.from({ length: KEYS }, (_, key) => {
    const policy = linuxTun(view, key)
    return countPerQueue(seen, lanes, (flow) => policy.choose(packetOf(flows.get(flow)), view, 0))
  })
  const counts = predicted.flat().sort((a, b) => a - b)
  const asUneven = predicted.filter((one) => unevenness(one) >= unevenness(flowsPerQueue)).length
  return {
    replays: learnt.length,
    flows: seen.length,
    flowsPerQueue,
    flowsOnSeveralQueues: sum(learnt.map(({ flowsOnSeveralQueues }) => flowsOnSeveralQueues)),
    reversePairs,
    reversePairsSplit,
    flowsMovedBetweenReplays: sum(others.map((other) => moved(other).length)),
    predictedFlowsLow95: counts[Math.floor(0.025 * counts.length)]!,
    predictedFlowsHigh95: counts[Math.ceil(0.975 * counts.length) - 1]!,
    asUnevenRatio: (1 + asUneven) / (1 + KEYS),
  }
}

/** The flows as the kernel tells them apart, numbered alike in every replay, and that of each packet. */
function linuxFlows({ record, flows, variant }: Replayed): { flows: FlowTable; flowOf: Int32Array } {
  const keyed = new KeyedFlows(flows, 'linux')
  const flowOf = Int32Array.from({ length: record.packets }, (_, row) =>
    keyed.indexOf(record.flow[row]!, variant?.[row] ?? 0),
  )
  return { flows: keyed.flows, flowOf }
}

function countPerQueue(
  flows: readonly number[],
  queues: number,
  queueOf: (flow: number) => number,
): number[] {
  const counts = new Array<number>(queues).fill(0)
  for (const flow of flows) counts[queueOf(flow)]!++
  return counts
}

/** Sum of squares: grows as counts of the same total become more unequal. */
function unevenness(counts: readonly number[]): number {
  return sum(counts.map((count) => count * count))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** A hash looks at nothing but the flow. */
function packetOf(flow: Packet['flow']): Packet {
  return { flow, index: 0, sizeBytes: 0, payloadBytes: 0, tcpFlags: 0, arrivalNs: 0 }
}

function idleLanes(count: number): LaneView {
  const zero = () => 0
  return {
    count,
    queued: zero,
    inService: zero,
    isIdle: () => true,
    freeSlots: () => Number.POSITIVE_INFINITY,
    finished: zero,
    busyNs: zero,
  }
}
