/**
 * A number per flow, computed when the flow is first seen: what a hash policy would otherwise compute for every
 * packet. Costs 4 bytes a flow.
 */
import type { Flow } from '../model/flow-table.ts'

const UNKNOWN = -1

export class FlowCache {
  private values = new Int32Array(1024).fill(UNKNOWN)
  private readonly compute: (flow: Flow) => number

  /** @param compute a signed 32-bit number that depends on the flow alone; -1 is computed anew for every packet */
  constructor(compute: (flow: Flow) => number) {
    this.compute = compute
  }

  of(flow: Flow): number {
    const { index } = flow
    if (index >= this.values.length) this.grow(index + 1)
    const known = this.values[index]!
    if (known !== UNKNOWN) return known
    const value = this.compute(flow)
    this.values[index] = value
    return value
  }

  private grow(flows: number): void {
    const values = new Int32Array(Math.max(flows, this.values.length * 2)).fill(UNKNOWN)
    values.set(this.values)
    this.values = values
  }
}
