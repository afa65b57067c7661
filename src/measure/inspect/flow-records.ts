/**
 * What is kept of every flow and address pair while a capture is read: packets, bytes, first and last
 * arrival, in typed arrays. That is all that grows: 40 bytes per flow, beside the flow table.
 */
import type { FlowTable } from '../../model/packets/flow-table.ts'
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
    const length = Math.max(count, this.packets.length * 2)
    this.packets = longer(this.packets, length, 0)
    this.bytes = longer(this.bytes, length, 0)
    this.firstNs = longer(this.firstNs, length, 0)
    this.lastNs = longer(this.lastNs, length, NEVER)
    this.pairLastNs = longer(this.pairLastNs, length, NEVER)
  }
}

function longer(column: Float64Array, length: number, rest: number) {
  const result = new Float64Array(length).fill(rest, column.length)
  result.set(column)
  return result
}
