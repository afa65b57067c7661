/**
 * A source's packets by another key than the judged flow: flows with numbers of their own, in order of first
 * appearance. What a key says the same of as the judged flow, and what it says the same of as another packet,
 * is one flow.
 */
import { grown } from '../../sim/grown.ts'
import type { OtherKey } from './flow-key.ts'
import { type Flow, FlowTable } from './flow-table.ts'
import { SAME } from './flow-variants.ts'

const UNKNOWN = -1

export class KeyedFlows {
  /** The flows by this key. */
  readonly flows = new FlowTable()
  private readonly judged: FlowTable
  private readonly key: OtherKey
  /** Number here of each judged flow, and of each tuple. */
  private ofFlow: Int32Array = new Int32Array(0)
  private ofTuple: Int32Array = new Int32Array(0)

  constructor(judged: FlowTable, key: OtherKey) {
    this.judged = judged
    this.key = key
  }

  /** The flow by this key of a packet of a judged flow and variant. */
  of(flow: number, variant: number): Flow {
    return this.flows.get(this.indexOf(flow, variant))
  }

  indexOf(flow: number, variant: number): number {
    if (variant > 0) {
      const tuple = this.judged.variants.tuple(variant, this.key)
      if (tuple !== SAME) {
        this.ofTuple = grown(this.ofTuple, tuple + 1, UNKNOWN)
        if (this.ofTuple[tuple] === UNKNOWN) this.ofTuple[tuple] = this.added(this.judged.keyTuples, tuple)
        return this.ofTuple[tuple]!
      }
    }
    if (flow >= this.ofFlow.length) this.ofFlow = grown(this.ofFlow, flow + 1, UNKNOWN)
    if (this.ofFlow[flow] === UNKNOWN) this.ofFlow[flow] = this.added(this.judged, flow)
    return this.ofFlow[flow]!
  }

  private added(from: FlowTable, index: number): number {
    this.flows.key.set(from.address.subarray(index * 8, index * 8 + 8))
    const { version, protocol, sourcePort, destinationPort } = from
    return this.flows.intern(version[index]!, protocol[index]!, sourcePort[index]!, destinationPort[index]!)
  }
}
