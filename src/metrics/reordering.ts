/**
 * The reordering metrics and what reordering does to applications, twice: per flow (numbers given at the source: the
 * sender's view) and tunnel-wide (numbers given by the reader at hand-over: WireGuard's counter). Rules of TCP judge
 * segments with payload, numbered apart; those of QUIC and play-out buffers judge UDP datagrams; with a
 * synthetic source both judge all packets. Sources: RFC 4737, 5236, 3393, 5481 and 3550; loss-rules.ts.
 */
import type { FlowTable } from '../model/flow-table.ts'
import { Delays } from './delays.ts'
import type { Column, DeliveredColumns, Deliveries } from './deliveries.ts'
import { Transport } from './loss-rules.ts'
import { type DistributionTable, type Metrics, ratio } from './metric.ts'
import { OrderTracker } from './order.ts'
import { impactMetrics, orderDistributions, orderMetrics } from './order-metrics.ts'
import type { MetricSettings } from './settings.ts'

const TCP = 6
const UDP = 17
const STREAMS = 1024

/** IP protocol by flow. */
export interface FlowProtocols {
  readonly protocol: Column
}

export class FlowReordering<Flows extends FlowProtocols = FlowTable> {
  readonly tracker: OrderTracker
  /** Judges TCP: segments with payload only, by their own numbers; the same as `tracker` where all packets are such. */
  readonly segments: OrderTracker
  readonly delays: Delays
  /** Was the packet judged last reordered in its flow? What the trace shows. */
  lastReordered = false
  readonly flows: Flows
  private readonly settings: MetricSettings

  /** @param streams flows that are expected; there may be more */
  constructor(flows: Flows, settings: MetricSettings, streams = STREAMS) {
    this.flows = flows
    this.settings = settings
    const { roundTrip, densities, judgesAll, playouts, smallestDelayNs } = settings
    this.tracker = new OrderTracker(streams, { roundTrip, densities })
    this.segments = judgesAll ? this.tracker : new OrderTracker(streams, { roundTrip, densities: null })
    const depthsNs = playouts.map(({ depthNs }) => depthNs)
    this.delays = new Delays(streams, depthsNs, smallestDelayNs)
  }

  /** Judges packets in the order in which they reached the sink. */
  record(deliveries: Deliveries): void {
    for (let i = 0; i < deliveries.count; i++) this.judge(deliveries, i)
  }

  /** Judges one packet. */
  judge(packets: DeliveredColumns, i: number): void {
    const number = packets.flowNumber[i]!
    this.lastReordered = false
    if (number < 0) return
    const transport = this.settings.judgesAll ? Transport.both : this.transportOf(packets, i)
    const flow = packets.flow[i]!
    const sentNs = packets.arrivalNs[i]!
    const nowNs = packets.departureNs[i]!
    const payloadBytes = packets.payloadBytes[i]!
    this.lastReordered = this.tracker.record(flow, number, sentNs, nowNs, payloadBytes, transport)
    this.delays.record(flow, nowNs - sentNs, transport !== Transport.none)
  }

  /** The loss rules for a packet of a capture; those of TCP judge it here. */
  private transportOf(packets: DeliveredColumns, i: number): number {
    const flow = packets.flow[i]!
    const protocol = this.flows.protocol[flow]!
    if (protocol === UDP) return Transport.quic
    const payloadBytes = packets.payloadBytes[i]!
    if (protocol === TCP && payloadBytes > 0) {
      const { dataNumber, arrivalNs, departureNs } = packets
      const { tcp } = Transport
      this.segments.record(flow, dataNumber[i]!, arrivalNs[i]!, departureNs[i]!, payloadBytes, tcp)
    }
    return Transport.none
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
  lastReordered = false
  private readonly settings: MetricSettings
  /** Per replay window: packets that came when the window had moved past them. */
  private readonly outside: Float64Array

  constructor(settings: MetricSettings) {
    this.settings = settings
    this.tracker = new OrderTracker(1, { densities: settings.densities })
    this.outside = new Float64Array(settings.replayWindows.length)
  }

  /** Judges packets in the order in which they reached the sink. */
  record(deliveries: Deliveries): void {
    for (let i = 0; i < deliveries.count; i++) this.judge(deliveries, i)
  }

  /** Judges one packet. */
  judge({ tunnelNumber, arrivalNs, departureNs, sizeBytes }: DeliveredColumns, i: number): void {
    const { tracker, settings, outside } = this
    const number = tunnelNumber[i]!
    this.lastReordered = false
    if (number < 0) return
    const { both } = Transport
    this.lastReordered = tracker.record(0, number, arrivalNs[i]!, departureNs[i]!, sizeBytes[i]!, both)
    if (!this.lastReordered) return
    const { replayWindows } = settings
    for (let w = 0; w < replayWindows.length; w++) if (tracker.distance >= replayWindows[w]!) outside[w]!++
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
      metrics[`replayWindowDropRatio[${packets}]`] = ratio(this.outside[i]!, tracker.received)
    for (const [name, value] of Object.entries(named)) metrics[`tunnel.${name}`] = value
    return metrics
  }

  distributions(): DistributionTable[] {
    return orderDistributions(this.tracker, 'tunnel.')
  }
}
