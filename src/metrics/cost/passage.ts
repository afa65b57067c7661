/**
 * Where the packets of the sample went and how long they took: drops by place, sojourn and waiting times,
 * throughput, and how evenly the lanes were loaded. Latency is the whole stay, from the source to the sink;
 * the wait is the part before service began. Rates are taken from the end of the warm-up (or the first
 * arrival, if later) to the last arrival.
 */
import type { Observer } from '../../model/observer.ts'
import type { Deliveries } from '../../model/packets/deliveries.ts'
import type { PacketStore } from '../../model/packets/packet-store.ts'
import type { LaneView } from '../../model/policy.ts'
import { Histogram } from '../delay/histogram.ts'
import { type DistributionTable, type Metrics, ratio } from '../metric.ts'

export class Passage implements Observer {
  private readonly store: PacketStore
  private readonly lanes: LaneView
  readonly latencyNs = new Histogram()
  private waitNs = 0
  private waited = 0
  private served = 0
  private released = 0
  private heldPackets = 0
  private heldNs = 0
  private arrived = 0
  private tunDropped = 0
  private laneDropped = 0
  private linkLost = 0
  private firstArrivalNs = Number.NaN
  /** Packets came before the sample, so its window starts with the sample and not with its first packet. */
  private warmupBegan = false
  private lastDepartureNs = Number.NaN
  private windowStartNs = Number.NaN
  private windowEndNs = Number.NaN
  private readonly busyAtStartNs: number[] = []
  private readonly busyAtEndNs: number[] = []

  constructor(store: PacketStore, lanes: LaneView) {
    this.store = store
    this.lanes = lanes
  }

  onSampleStart(nowNs: number): void {
    this.windowStartNs = nowNs
    for (let i = 0; i < this.lanes.count; i++) this.busyAtStartNs.push(this.lanes.busyNs(i))
  }

  onArrival(row: number): void {
    if (this.store.flowNumber[row]! < 0) this.warmupBegan = true
    else if (this.arrived++ === 0) this.firstArrivalNs = this.store.nowNs
  }

  /** The fast path has only packets of the sample. */
  onBlock(packets: number): void {
    if (this.arrived === 0 && packets > 0) this.firstArrivalNs = this.store.arrivalNs[0]!
    this.arrived += packets
  }

  onTunDrop(row: number): void {
    if (this.store.flowNumber[row]! >= 0) this.tunDropped++
  }

  onLaneExit(row: number): void {
    if (this.store.flowNumber[row]! < 0) return
    const waitNs = this.store.startNs[row]! - this.store.arrivalNs[row]!
    if (Number.isNaN(waitNs)) {
      this.laneDropped++
      return
    }
    this.served++
    this.waitNs += waitNs
    if (waitNs > 0) this.waited++
  }

  /** Packets of the sample leave their lanes: rows[from..to - 1]. */
  onLaneExits(rows: Int32Array, from: number, to: number): void {
    const { startNs, arrivalNs } = this.store
    let { waitNs, waited } = this
    for (let i = from; i < to; i++) {
      const row = rows[i]!
      const ns = startNs[row]! - arrivalNs[row]!
      waitNs += ns
      waited += Number(ns > 0)
    }
    this.waitNs = waitNs
    this.waited = waited
    this.served += to - from
  }

  onRelease(row: number): void {
    if (this.store.flowNumber[row]! < 0) return
    const heldNs = this.store.nowNs - this.store.releaseNs[row]!
    this.released++
    this.heldNs += heldNs
    if (heldNs > 0) this.heldPackets++
  }

  onLinkLoss(row: number): void {
    if (this.store.flowNumber[row]! >= 0) this.linkLost++
  }

  /** Packets of the sample have reached the sink, in this order. */
  record({ count, arrivalNs, departureNs }: Deliveries): void {
    this.latencyNs.recordDifferences(arrivalNs, departureNs, count)
    if (count > 0) this.lastDepartureNs = departureNs[count - 1]!
  }

  onSourceEnd(nowNs: number): void {
    this.windowEndNs = nowNs
    for (let i = 0; i < this.lanes.count; i++) this.busyAtEndNs.push(this.lanes.busyNs(i))
  }

  metrics(): Metrics {
    const { latencyNs, arrived } = this
    const delivered = latencyNs.count
    const spanSeconds = (this.lastDepartureNs - this.firstArrivalNs) / 1e9
    const metrics: Metrics = {
      packets: arrived,
      delivered,
      tunQueueDropRatio: ratio(this.tunDropped, arrived),
      laneDropRatio: ratio(this.laneDropped, arrived),
      linkLossRatio: ratio(this.linkLost, arrived),
      throughputPps: spanSeconds > 0 ? delivered / spanSeconds : null,
      latencyNsMean: latencyNs.mean,
      latencyNsP50: latencyNs.quantile(0.5),
      latencyNsP99: latencyNs.quantile(0.99),
      latencyNsP999: latencyNs.quantile(0.999),
      latencyNsMax: delivered > 0 ? latencyNs.max : null,
      'tunnel.pdvNsP50': this.variationNs(0.5),
      'tunnel.pdvNsP99': this.variationNs(0.99),
      'tunnel.pdvNsP999': this.variationNs(0.999),
      waitNsMean: this.served > 0 ? this.waitNs / this.served : null,
      waitedRatio: ratio(this.waited, this.served),
    }
    if (this.released > 0) {
      metrics.resequencingNsMean = this.heldNs / this.released
      metrics.heldRatio = ratio(this.heldPackets, this.released)
    }
    const startNs = this.warmupBegan ? this.windowStartNs : Math.max(this.windowStartNs, this.firstArrivalNs)
    const windowNs = this.windowEndNs - startNs
    const busyNs = this.busyAtEndNs.map((ns, i) => ns - (this.busyAtStartNs[i] ?? 0))
    metrics.laneLoadJain = arrived > 0 ? jain(busyNs) : null
    for (let i = 0; i < busyNs.length; i++) {
      metrics[`laneUtilization[${i}]`] = windowNs > 0 ? busyNs[i]! / windowNs : null
    }
    return metrics
  }

  /** Packet delay variation against the smallest delay of all (RFC 5481 4.2). */
  private variationNs(share: number): number | null {
    const ns = this.latencyNs.quantile(share)
    return ns === null ? null : Math.max(0, ns - this.latencyNs.min)
  }

  distributions(): DistributionTable[] {
    return [{ metric: 'latencyNs', rows: this.latencyNs.table() }]
  }
}

/**
 * Jain's fairness index (sum x)^2 / (n sum x^2): 1 when all are equal, 1/n when one has all; null when all
 * are 0.
 */
export function jain(values: readonly number[]): number | null {
  let sum = 0
  let squares = 0
  for (const value of values) {
    sum += value
    squares += value * value
  }
  return squares === 0 ? null : (sum * sum) / (values.length * squares)
}
