/**
 * A number per flow, computed when the flow is first seen: what a hash policy would otherwise compute for
 * every packet. It has 65,536 places, 8 bytes each, whatever the number of flows: two flows so many numbers
 * apart share a place, and the later one takes it.
 */
import type { Flow } from '../../model/packets/flow-table.ts'

const PLACES = 65_536
const NOBODY = -1

export class FlowCache {
  private readonly owner = new Int32Array(PLACES).fill(NOBODY)
  private readonly values = new Int32Array(PLACES)
  private readonly compute: (flow: Flow) => number

  /** @param compute a signed 32-bit number that depends on the flow alone */
  constructor(compute: (flow: Flow) => number) {
    this.compute = compute
  }

  of(flow: Flow): number {
    const { index } = flow
    const place = index & (PLACES - 1)
    if (this.owner[place] !== index) {
      this.values[place] = this.compute(flow)
      this.owner[place] = index
    }
    return this.values[place]!
  }
}
