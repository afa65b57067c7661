/**
 * The reordering metrics, twice: per flow (numbers given at the source: the sender's view) and tunnel-wide
 * (numbers given by the reader at hand-over: WireGuard's counter). Loss rules judge the packets they apply to: SACK
 * TCP segments with payload, QUIC UDP datagrams; with a synthetic source, and tunnel-wide, all packets.
 * Sources: RFC 4737 (ratio 4.1, extent 4.2, late time 4.3, n-reordering 5), RFC 6675 section 4, RFC 9002 6.1.1.
 */
import type { FlowTable } from '../model/flow-table.ts'
import type { Observer } from '../model/observer.ts'
import type { PacketStore } from '../model/packet-store.ts'
import { type DistributionTable, type Metrics, ratio } from './metric.ts'
import { N_DEGREES, OrderTracker, Transport } from './order.ts'

const TCP = 6
const UDP = 17
const BUCKETS_PER_OCTAVE = 16

export class FlowReordering implements Observer {
  readonly tracker = new OrderTracker(1024)
  /** Was the packet delivered last reordered in its flow? What the trace shows. */
  lastReordered = false
  private readonly store: PacketStore
  readonly flows: FlowTable
  private readonly judgesAll: boolean

  /** @param judgesAll whether both loss rules apply to every packet (synthetic sources) */
  constructor(store: PacketStore, flows: FlowTable, judgesAll: boolean) {
    this.store = store
    this.flows = flows
    this.judgesAll = judgesAll
  }

  onDelivery(row: number, nowNs: number): void {
    const store = this.store
    const number = store.flowNumber[row]!
    this.lastReordered = false
    if (number < 0) return
    const flow = store.flow[row]!
    let transport: number = Transport.both
    let isData = true
    if (!this.judgesAll) {
      const protocol = this.flows.protocol[flow]!
      isData = store.payloadBytes[row]! > 0
      if (protocol === UDP) transport = Transport.quic
      else transport = protocol === TCP && isData ? Transport.tcp : Transport.none
    }
    this.lastReordered = this.tracker.record(flow, number, nowNs, isData, transport)
  }

  metrics(): Metrics {
    const { streams, reordered, worstRatio } = this.tracker.countStreams()
    return {
      reorderedRatio: ratio(this.tracker.reordered, this.tracker.received),
      flowsReorderedRatio: ratio(reordered, streams),
      worstFlowReorderedRatio: worstRatio,
      ...orderMetrics(this.tracker),
    }
  }

  distributions(): DistributionTable[] {
    return orderDistributions(this.tracker, '')
  }
}

export class TunnelReordering implements Observer {
  readonly tracker = new OrderTracker(1)
  lastReordered = false
  private readonly store: PacketStore

  constructor(store: PacketStore) {
    this.store = store
  }

  onDelivery(row: number, nowNs: number): void {
    const number = this.store.tunnelNumber[row]!
    this.lastReordered = number >= 0 && this.tracker.record(0, number, nowNs, true, Transport.both)
  }

  metrics(): Metrics {
    const named = {
      reorderedRatio: ratio(this.tracker.reordered, this.tracker.received),
      ...orderMetrics(this.tracker),
    }
    return Object.fromEntries(Object.entries(named).map(([name, value]) => [`tunnel.${name}`, value]))
  }

  distributions(): DistributionTable[] {
    return orderDistributions(this.tracker, 'tunnel.')
  }
}

function orderMetrics(tracker: OrderTracker): Metrics {
  const { extent, lateTimeNs, received } = tracker
  const some = extent.count > 0
  const metrics: Metrics = {
    extentMean: extent.mean,
    extentP99: extent.quantile(0.99),
    extentMax: some ? extent.max : null,
    lateTimeNsP50: lateTimeNs.quantile(0.5),
    lateTimeNsP99: lateTimeNs.quantile(0.99),
    lateTimeNsMax: some ? lateTimeNs.max : null,
    overtakersMean: received === 0 ? null : tracker.overtakers / received,
    sackLostRatio: ratio(tracker.sackLost, tracker.sackJudged),
    quicLostRatio: ratio(tracker.quicLost, tracker.quicJudged),
  }
  for (let n = 1; n <= N_DEGREES; n++) metrics[`nReordering[${n}]`] = ratio(tracker.nReordered[n]!, received)
  metrics.lateBeyondWindow = tracker.repeated
  return metrics
}

function orderDistributions(tracker: OrderTracker, prefix: string): DistributionTable[] {
  return [
    { metric: `${prefix}extent`, rows: tracker.extent.table(BUCKETS_PER_OCTAVE) },
    { metric: `${prefix}lateTimeNs`, rows: tracker.lateTimeNs.table(BUCKETS_PER_OCTAVE) },
  ]
}
