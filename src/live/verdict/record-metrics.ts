/**
 * The metrics of compare's reports from a record: the same trackers, fed with the packets in the order of
 * delivery, measured or predicted. Packets have the numbers that the source gave them, so lost ones are
 * missing; latency is from the send call to the collector. Beside them, the share of delivered packets that
 * each lane served, and that of the busiest lane. Packets of the warm-up are in none of it.
 */

import { Passage } from '../../metrics/cost/passage.ts'
import { type Metrics, type MetricValue, ratio } from '../../metrics/metric.ts'
import { FlowReordering, TunnelReordering } from '../../metrics/order/reordering.ts'
import type { MetricSettings } from '../../metrics/settings.ts'
import { Deliveries } from '../../model/packets/deliveries.ts'
import { PacketStore } from '../../model/packets/packet-store.ts'
import type { LaneView } from '../../model/policy.ts'
import { Fate, type ReplayRecord } from '../threads/record.ts'
import type { Replayed } from './replayed.ts'

/** Metrics of a simulation that a record can't tell: of what happens before service begins. */
const NOT_TOLD = ['waitNsMean', 'waitedRatio', 'laneLoadJain']
/** The one row of the store, filled with each packet in turn. */
const ROW = 0

const zero = () => 0
const NO_LANES: LaneView = {
  count: 0,
  queued: zero,
  inService: zero,
  isIdle: () => true,
  freeSlots: zero,
  finished: zero,
  busyNs: zero,
}

/** What one replay, or one simulated run of it, comes to. */
export interface Outcome {
  readonly metrics: Metrics
}

export class RecordMetrics {
  private readonly replayed: Replayed
  private readonly store = new PacketStore()
  private readonly one = new Deliveries(1)
  private readonly passage = new Passage(this.store, NO_LANES)
  private readonly inFlow: FlowReordering
  private readonly inTunnel: TunnelReordering
  private readonly served: Float64Array
  private readonly tunnelNumber: Int32Array
  private lastNs = 0

  constructor(replayed: Replayed, settings: MetricSettings) {
    this.replayed = replayed
    // Nothing is known of a smallest delay, as there is no link.
    const unlinked = { ...settings, smallestDelayNs: 0 }
    this.inFlow = new FlowReordering(replayed.flows, unlinked)
    this.inTunnel = new TunnelReordering(unlinked)
    this.served = new Float64Array(replayed.lanes)
    const { record } = replayed
    this.tunnelNumber = tunnelNumbers(record)
    this.passage.onSampleStart(0)
    for (let row = 0; row < record.packets; row++) {
      if (!wasSent(record.fate[row]!)) continue
      this.fill(row)
      this.store.nowNs = record.sentNs[row]!
      this.passage.onArrival(ROW)
      if (record.fate[row] === Fate.tunDropped) this.passage.onTunDrop(ROW)
    }
  }

  /** The queue of its lane was full. */
  laneDropped(row: number): void {
    this.fill(row)
    this.store.startNs[ROW] = Number.NaN
    this.passage.onLaneExit(ROW)
  }

  /** The packet reaches the collector; calls come in the order of arrival. */
  deliver(row: number, lane: number, nowNs: number): void {
    // Order is by arrival, and stamps may contradict it by a hair.
    const atNs = Math.max(this.lastNs, nowNs)
    this.lastNs = atNs
    this.fill(row)
    if (this.store.flowNumber[ROW]! >= 0) {
      this.served[lane]!++
      this.one.count = 0
      this.store.nowNs = atNs
      this.one.add(this.store, ROW)
      this.passage.record(this.one)
      this.inFlow.record(this.one)
      this.inTunnel.record(this.one)
    }
  }

  outcome(): Outcome {
    const metrics: Record<string, MetricValue> = {
      ...this.inFlow.metrics(),
      ...this.passage.metrics(),
      ...this.inTunnel.metrics(),
    }
    for (const name of NOT_TOLD) delete metrics[name]
    return { metrics: { ...metrics, ...laneShares(this.served) } }
  }

  private fill(row: number): void {
    const { record } = this.replayed
    const { store } = this
    store.arrivalNs[ROW] = record.sentNs[row]!
    store.flow[ROW] = record.flow[row]!
    store.flowNumber[ROW] = record.flowNumber[row]!
    store.dataNumber[ROW] = record.dataNumber[row]!
    store.tunnelNumber[ROW] = this.tunnelNumber[row]!
    store.sizeBytes[ROW] = record.sizeBytes[row]!
    store.payloadBytes[ROW] = record.payloadBytes[row]!
  }
}

/**
 * Numbers over all flows in the order of reading; packets that weren't read, and those of the warm-up, have
 * -1.
 */
function tunnelNumbers({ packets, readOrder, flowNumber }: ReplayRecord): Int32Array {
  const rowOf = new Int32Array(packets).fill(-1)
  for (let row = 0; row < packets; row++) if (readOrder[row]! >= 0) rowOf[readOrder[row]!] = row
  const numbers = new Int32Array(packets).fill(-1)
  let next = 0
  for (const row of rowOf) if (row >= 0 && flowNumber[row]! >= 0) numbers[row] = next++
  return numbers
}

/** What the share of delivered packets is called that a lane served. */
export function laneShare(lane: number): string {
  return `laneShare[${lane}]`
}

/** The share of the lane that served most in this run, whichever it was: at least 1 / lanes. */
export const LANE_SHARE_MAX = 'laneShareMax'

/** @param served packets, lane by lane */
export function laneShares(served: Float64Array): Metrics {
  const delivered = served.reduce((sum, count) => sum + count, 0)
  return {
    ...Object.fromEntries(Array.from(served, (count, lane) => [laneShare(lane), ratio(count, delivered)])),
    [LANE_SHARE_MAX]: ratio(Math.max(...served), delivered),
  }
}

/** What was measured. @param settings those of the plan that was replayed */
export function measuredMetrics(replayed: Replayed, settings: MetricSettings): Outcome {
  const { record } = replayed
  const metrics = new RecordMetrics(replayed, settings)
  const inOrder = new Int32Array(record.packets).fill(-1)
  for (let row = 0; row < record.packets; row++) {
    if (record.fate[row] === Fate.laneDropped) metrics.laneDropped(row)
    if (record.fate[row] === Fate.delivered) inOrder[record.arrivalOrder[row]!] = row
  }
  for (const row of inOrder) {
    if (row >= 0) metrics.deliver(row, record.lane[row]!, record.collectedNs[row]!)
  }
  return metrics.outcome()
}

function wasSent(fate: number): boolean {
  return fate !== Fate.notSent && fate !== Fate.sendFailed
}
