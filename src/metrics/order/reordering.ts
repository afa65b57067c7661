/**
 * The reordering metrics and what reordering does to applications, twice: per flow (numbers given at the
 * source: the sender's view) and tunnel-wide (numbers given by the reader at hand-over: WireGuard's counter).
 * Rules of TCP judge segments with payload, numbered apart; those of QUIC and play-out buffers judge UDP
 * datagrams; with a synthetic source both judge all packets. Sources: RFC 4737, 5236, 3393, 5481 and 3550;
 * loss-rules.ts.
 */

import {
  type Column,
  DELIVERIES_AT_ONCE,
  type DeliveredColumns,
  Deliveries,
} from '../../model/packets/deliveries.ts'
import { type FlowTable, TCP, UDP } from '../../model/packets/flow-table.ts'
import { Delays } from '../delay/delays.ts'
import { type DistributionTable, type Metrics, ratio } from '../metric.ts'
import type { MetricSettings } from '../settings.ts'
import { Transport } from './loss-rules.ts'
import { OrderTracker } from './order.ts'
import { impactMetrics, orderDistributions, orderMetrics } from './order-metrics.ts'

const STREAMS = 1024
const NOT_JUDGED = -1

const ALL_TCP = new Uint8Array(DELIVERIES_AT_ONCE).fill(Transport.tcp)
const ALL_BOTH = new Uint8Array(DELIVERIES_AT_ONCE).fill(Transport.both)
/** The tunnel is the only stream. */
const ALL_FIRST = new Int32Array(DELIVERIES_AT_ONCE)

/** IP protocol by flow. */
export interface FlowProtocols {
  readonly protocol: Column
}

export class FlowReordering<Flows extends FlowProtocols = FlowTable> {
  readonly tracker: OrderTracker
  /**
   * Judges TCP: segments with payload only, by their own numbers; the same as `tracker` where all packets are
   * such.
   */
  readonly segments: OrderTracker
  readonly delays: Delays
  /** Was the packet judged last reordered in its flow? What the trace shows. */
  lastReordered = false
  readonly flows: Flows
  private readonly settings: MetricSettings
  private readonly one = new Deliveries(1)
  /** Of the packets at hand: the loss rules that judge each, and its number where those of TCP do. */
  private readonly transport: Uint8Array
  private readonly segmentNumber = new Float64Array(DELIVERIES_AT_ONCE)

  /** @param streams flows that are expected; there may be more */
  constructor(flows: Flows, settings: MetricSettings, streams = STREAMS) {
    this.flows = flows
    this.settings = settings
    const { roundTrip, densities, judgesAll, playouts, smallestDelayNs } = settings
    this.tracker = new OrderTracker(streams, { roundTrip, densities })
    this.segments = judgesAll ? this.tracker : new OrderTracker(streams, { roundTrip, densities: null })
    const depthsNs = playouts.map(({ depthNs }) => depthNs)
    this.delays = new Delays(streams, depthsNs, smallestDelayNs)
    this.transport = judgesAll ? ALL_BOTH : new Uint8Array(DELIVERIES_AT_ONCE)
  }

  /** Judges packets in the order in which they reached the sink. */
  record(deliveries: Deliveries): void {
    const { count, flow, flowNumber, arrivalNs, departureNs, payloadBytes } = deliveries
    const arrivals = {
      stream: flow,
      number: flowNumber,
      sentNs: arrivalNs,
      nowNs: departureNs,
      sizeBytes: payloadBytes,
      transport: this.transport,
    }
    if (!this.settings.judgesAll) {
      this.tellProtocolsApart(deliveries)
      this.segments.record({ ...arrivals, number: this.segmentNumber, transport: ALL_TCP }, count)
    }
    this.tracker.record(arrivals, count)
    this.delays.record(arrivals, count)
    this.lastReordered = this.tracker.lastReordered
  }

  /** Judges one packet. */
  judge(packets: DeliveredColumns, i: number): void {
    this.one.holdOnly(packets, i)
    this.record(this.one)
  }

  /**
   * Packets of a capture: the loss rules of each, and its number among those of its flow that TCP's rules
   * judge.
   */
  private tellProtocolsApart({ count, flow, flowNumber, dataNumber, payloadBytes }: Deliveries): void {
    const { transport, segmentNumber } = this
    for (let i = 0; i < count; i++) {
      const protocol = this.flows.protocol[flow[i]!]!
      const isSegment = protocol === TCP && payloadBytes[i]! > 0 && flowNumber[i]! >= 0
      transport[i] = protocol === UDP ? Transport.quic : Transport.none
      segmentNumber[i] = isSegment ? dataNumber[i]! : NOT_JUDGED
    }
  }

  metrics(): Metrics {
    const { tracker, segments, delays, settings } = this
    tracker.finish()
    const { streams, reordered, worstRatio } = tracker.countStreams()
    const impact = impactMetrics(segments, tracker)
    const late = delays.playoutLate()
    for (const [i, { label }] of settings.playouts.entries())
      impact[`playoutLateRatio[${label}]`] = ratio(late[i]!, delays.playoutJudged)
    const variation = delays.variationNs()
    return {
      reorderedRatio: ratio(tracker.reordered, tracker.received),
      flowsReorderedRatio: ratio(reordered, streams),
      worstFlowReorderedRatio: worstRatio,
      ...orderMetrics(tracker),
      ...impact,
      ipdvNsMean: tracker.ipdvNs.mean,
      ipdvNsP99: tracker.ipdvNs.quantile(0.99),
      ipdvNsMax: tracker.ipdvNs.count > 0 ? tracker.ipdvNs.max : null,
      pdvNsMean: variation.mean,
      pdvNsMax: variation.max,
      jitterNsMean: delays.jitterNsMean,
      jitterNsMax: delays.count > 0 ? delays.jitterNsMax : null,
    }
  }

  distributions(): DistributionTable[] {
    return orderDistributions(this.tracker, '')
  }
}

export class TunnelReordering {
  readonly tracker: OrderTracker
  /** Was the packet judged last reordered in the tunnel? */
  lastReordered = false
  private readonly settings: MetricSettings
  private readonly one = new Deliveries(1)

  constructor(settings: MetricSettings) {
    this.settings = settings
    const { densities, replayWindows } = settings
    this.tracker = new OrderTracker(1, { densities, replayWindows })
  }

  /** Judges packets in the order in which they reached the sink. */
  record({ count, tunnelNumber, arrivalNs, departureNs, sizeBytes }: Deliveries): void {
    const arrivals = {
      stream: ALL_FIRST,
      number: tunnelNumber,
      sentNs: arrivalNs,
      nowNs: departureNs,
      sizeBytes,
      transport: ALL_BOTH,
    }
    this.tracker.record(arrivals, count)
    this.lastReordered = this.tracker.lastReordered
  }

  /** Judges one packet. */
  judge(packets: DeliveredColumns, i: number): void {
    this.one.holdOnly(packets, i)
    this.record(this.one)
  }

  metrics(): Metrics {
    const { tracker, settings } = this
    tracker.finish()
    const named: Metrics = {
      reorderedRatio: ratio(tracker.reordered, tracker.received),
      ...orderMetrics(tracker),
      sackLostRatio: ratio(tracker.lossRules.sackLost, tracker.tcpJudged),
      quicLostRatio: ratio(tracker.lossRules.quicLost, tracker.quicJudged),
    }
    const metrics: Metrics = {}
    for (const [i, packets] of settings.replayWindows.entries())
      metrics[`replayWindowDropRatio[${packets}]`] = ratio(
        tracker.replayWindows.dropped[i]!,
        tracker.received,
      )
    for (const [name, value] of Object.entries(named)) metrics[`tunnel.${name}`] = value
    return metrics
  }

  distributions(): DistributionTable[] {
    return orderDistributions(this.tracker, 'tunnel.')
  }
}
