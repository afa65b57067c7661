/**
 * All metrics of one policy in one run, as a single observer: it hands every happening to those that count
 * it, by direct calls, because several happen for every packet. Packets that have reached the sink are judged
 * some hundred at a time, or at once where somebody else wants to know.
 */

import type { BlockObserver, Observer } from '../model/observer.ts'
import { DELIVERIES_AT_ONCE, Deliveries } from '../model/packets/deliveries.ts'
import type { FlowTable } from '../model/packets/flow-table.ts'
import type { PacketStore } from '../model/packets/packet-store.ts'
import type { SourceNumbering } from '../model/packets/source-numbering.ts'
import type { MachineSettings } from '../model/pipeline-settings.ts'
import type { LaneView } from '../model/policy.ts'
import { Moves } from './cost/moves.ts'
import { Passage } from './cost/passage.ts'
import type { DistributionTable, Metrics } from './metric.ts'
import { FlowReordering, TunnelReordering } from './order/reordering.ts'
import { RunBatches } from './run-batches.ts'
import type { MetricSettings } from './settings.ts'
import type { BatchTable } from './statistics/batches.ts'

/** Where there are no batches. */
const ALL = { firstIndex: 0, endIndex: Number.POSITIVE_INFINITY }

export interface RunMetricsParts {
  readonly store: PacketStore
  readonly lanes: LaneView
  readonly flows: FlowTable
  readonly machine: Pick<MachineSettings, 'link' | 'receiver'>
  readonly settings: MetricSettings
  /** Given where the run is the only one: then its headline metrics have batches. */
  readonly batchedSample: SourceNumbering | undefined
  /** Must each packet be judged before the observers behind this one hear of it? */
  readonly isPrompt: boolean
}

export class RunMetrics implements Observer, BlockObserver {
  readonly blocks: BlockObserver | undefined
  readonly inFlow: FlowReordering
  readonly inTunnel: TunnelReordering
  private readonly passage: Passage
  private readonly moves: Moves
  private readonly batches: RunBatches | undefined
  private readonly store: PacketStore
  private readonly deliveries: Deliveries

  constructor({ store, lanes, flows, machine, settings, batchedSample, isPrompt }: RunMetricsParts) {
    this.store = store
    this.blocks = isPrompt ? undefined : this
    this.deliveries = new Deliveries(isPrompt ? 1 : DELIVERIES_AT_ONCE)
    this.passage = new Passage(store, lanes)
    this.inFlow = new FlowReordering(flows, settings)
    this.inTunnel = new TunnelReordering(settings)
    this.moves = new Moves(store, machine, lanes.count)
    const { passage, inFlow, inTunnel } = this
    this.batches = batchedSample && new RunBatches(batchedSample, { passage, inFlow, inTunnel })
  }

  onArrival(row: number): void {
    this.passage.onArrival(row)
  }

  onBlock(packets: number): void {
    this.passage.onBlock(packets)
    this.moves.onBlock(packets)
  }

  onDepartures(rows: Int32Array, count: number): void {
    const { store, deliveries, passage, batches } = this
    for (let from = 0; from < count; ) {
      const row = rows[from]!
      // It came in the warm-up.
      if (store.flowNumber[row]! < 0) {
        from++
        continue
      }
      if (batches?.isOther(store.index[row]!)) {
        this.judge()
        batches.turnTo(store.index[row]!)
      }
      const to = this.endOfStretch(rows, from, Math.min(count, from + deliveries.room))
      passage.onLaneExits(rows, from, to)
      deliveries.addAll(store, rows, from, to)
      if (deliveries.room === 0) this.judge()
      from = to
    }
  }

  /** Up to where packets are of the sample, and of one batch. */
  private endOfStretch(rows: Int32Array, from: number, to: number): number {
    const { flowNumber, index } = this.store
    const { firstIndex, endIndex } = this.batches ?? ALL
    for (let i = from; i < to; i++) {
      const row = rows[i]!
      if (flowNumber[row]! < 0 || index[row]! < firstIndex || index[row]! >= endIndex) return i
    }
    return to
  }

  onForesight(begins: boolean, rows: readonly number[]): void {
    this.moves.onForesight(begins, rows)
  }

  onTunDrop(row: number): void {
    this.passage.onTunDrop(row)
    this.moves.onTunDrop(row)
  }

  onChoice(row: number): void {
    this.moves.onChoice(row)
  }

  onLaneExit(row: number): void {
    this.passage.onLaneExit(row)
    this.moves.onLaneExit(row)
  }

  onLinkLoss(row: number): void {
    this.passage.onLinkLoss(row)
    this.moves.onLinkLoss(row)
  }

  onRelease(row: number): void {
    this.passage.onRelease(row)
  }

  onDelivery(row: number): void {
    this.moves.onDelivery(row)
    const { store, deliveries, batches } = this
    if (store.flowNumber[row]! < 0) {
      this.inFlow.lastReordered = false
      this.inTunnel.lastReordered = false
      return
    }
    if (batches?.isOther(store.index[row]!)) {
      this.judge()
      batches.turnTo(store.index[row]!)
    }
    deliveries.add(store, row)
    if (deliveries.room === 0) this.judge()
  }

  onSampleStart(nowNs: number): void {
    this.passage.onSampleStart(nowNs)
  }

  onSourceEnd(nowNs: number): void {
    this.passage.onSourceEnd(nowNs)
  }

  /** Judges what has been delivered since the last time. */
  private judge(): void {
    const { deliveries } = this
    this.passage.record(deliveries)
    this.inFlow.record(deliveries)
    this.inTunnel.record(deliveries)
    deliveries.count = 0
  }

  /** Per flow, of the tunnel, and of what it cost, in the order of a report. */
  metrics(): { ours: Metrics; tunnel: Metrics } {
    this.judge()
    return {
      ours: { ...this.inFlow.metrics(), ...this.passage.metrics(), ...this.moves.metrics() },
      tunnel: this.inTunnel.metrics(),
    }
  }

  distributions(): DistributionTable[] {
    return [...this.passage.distributions(), ...this.inFlow.distributions(), ...this.inTunnel.distributions()]
  }

  batchTables(): Record<string, BatchTable> | undefined {
    return this.batches?.tables()
  }
}
