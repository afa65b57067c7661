/**
 * The headline by parts of the arrivals, for intervals from within one run (batch-means.ts): at most
 * 64 parts of equally many consecutive rows. Differs from run-batches.ts in that the number of rows is known
 * beforehand and that rows stand in order of arrival, not of sending.
 */

import type { Ratio } from '../../metrics/metric.ts'
import type { FlowProtocols, FlowReordering, TunnelReordering } from '../../metrics/order/reordering.ts'
import { BATCHES_MAX, type BatchTable } from '../../metrics/statistics/batches.ts'

/** Shorter parts would be too much alike their neighbours. */
const PART_ROWS_MIN = 64

type Counters = Readonly<Record<string, Ratio>>

export class ArrivalBatches {
  private readonly sizePackets: number
  private readonly last: number
  private readonly inFlow: FlowReordering<FlowProtocols>
  private readonly inTunnel: TunnelReordering | undefined
  private readonly parts: Counters[] = []
  private counted: Counters

  /** @param count rows in all; the observers have counted none */
  constructor(count: number, inFlow: FlowReordering<FlowProtocols>, inTunnel: TunnelReordering | undefined) {
    this.sizePackets = Math.max(PART_ROWS_MIN, Math.ceil(count / BATCHES_MAX))
    this.last = count - 1
    this.inFlow = inFlow
    this.inTunnel = inTunnel
    this.counted = this.counters()
  }

  /** The observers have seen this row; call it for all rows in turn. */
  passed(row: number): void {
    if ((row + 1) % this.sizePackets !== 0 && row !== this.last) return
    const now = this.counters()
    const part = Object.entries(now).map(([name, { count, of }]) => {
      const before = this.counted[name]!
      return [name, { count: count - before.count, of: of - before.of }]
    })
    this.parts.push(Object.fromEntries(part) as Counters)
    this.counted = now
  }

  tables(): Record<string, BatchTable> {
    const names = Object.keys(this.counted)
    const { sizePackets } = this
    return Object.fromEntries(
      names.map((name) => [name, { sizePackets, batches: this.parts.map((part) => part[name]!) }]),
    )
  }

  private counters(): Counters {
    const { tracker, segments } = this.inFlow
    const tunnel = this.inTunnel?.tracker
    return {
      reorderedRatio: { count: tracker.reordered, of: tracker.received },
      sackLostRatio: { count: segments.lossRules.sackLost, of: segments.tcpJudged },
      quicLostRatio: { count: tracker.lossRules.quicLost, of: tracker.quicJudged },
      ...(tunnel && { 'tunnel.reorderedRatio': { count: tunnel.reordered, of: tunnel.received } }),
    }
  }
}
