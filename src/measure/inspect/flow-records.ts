/**
 * What is kept of every flow and address pair while a capture is read: packets, bytes, first and last
 * arrival, in typed arrays. That is all that grows: 40 bytes per flow, beside the flow table.
 */

import type { FlowTable } from '../../model/packets/flow-table.ts'
import { grown } from '../../sim/grown.ts'
import { NEVER, type TimedPackets } from './timed-packets.ts'

export class FlowRecords {
  readonly flows: FlowTable
  packets = new Float64Array(256)
  /** IP bytes. */
  bytes = new Float64Array(256)
  firstNs = new Float64Array(256)
  /** NEVER for flows without packets. */
  lastNs = new Float64Array(256).fill(NEVER)
  private pairLastNs = new Float64Array(256).fill(NEVER)

  constructor(flows: FlowTable) {
    this.flows = flows
  }

  /** Counts the packets, and says of each when its flow and its pair were seen before. */
  add({ count, columns, arrivalNs, flowSeenNs, pairSeenNs }: TimedPackets): void {
    this.makeRoom()
    const { packets, bytes, firstNs, lastNs, pairLastNs } = this
    const { flow: flowOf, sizeBytes } = columns
    const { pairIndex } = this.flows
    for (let i = 0; i < count; i++) {
      const flow = flowOf[i]!
      const pair = pairIndex[flow]!
      const nowNs = arrivalNs[i]!
      const seenNs = lastNs[flow]!
      if (seenNs === NEVER) firstNs[flow] = nowNs
      packets[flow]!++
      bytes[flow]! += sizeBytes[i]!
      flowSeenNs[i] = seenNs
      pairSeenNs[i] = pairLastNs[pair]!
      lastNs[flow] = nowNs
      pairLastNs[pair] = nowNs
    }
  }

  private makeRoom(): void {
    const { count } = this.flows
    if (count <= this.packets.length) return
    this.packets = grown(this.packets, count)
    this.bytes = grown(this.bytes, count)
    this.firstNs = grown(this.firstNs, count)
    this.lastNs = grown(this.lastNs, count, NEVER)
    this.pairLastNs = grown(this.pairLastNs, count, NEVER)
  }
}
