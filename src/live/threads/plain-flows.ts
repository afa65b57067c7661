/** A flow table as plain data, for a thread that needs a table of its own with the same numbers. */
import { FlowTable } from '../../model/packets/flow-table.ts'

export interface PlainFlows {
  readonly count: number
  readonly address: Uint32Array
  readonly version: Uint8Array
  readonly protocol: Uint8Array
  readonly sourcePort: Int32Array
  readonly destinationPort: Int32Array
  /** What other keys take packets for; left out where there is nothing. */
  readonly variants?: { readonly words: Int32Array; readonly tuples: PlainFlows }
}

export function plainFlows(table: FlowTable): PlainFlows {
  const { count, address, version, protocol, sourcePort, destinationPort, variants } = table
  const plain = { count, address, version, protocol, sourcePort, destinationPort }
  if (variants.count === 1) return plain
  return { ...plain, variants: { words: variants.plain(), tuples: plainFlows(table.keyTuples) } }
}

/** A table with these flows under the same numbers. */
export function flowTableOf(flows: PlainFlows): FlowTable {
  const table = new FlowTable()
  addFlows(table, flows)
  if (flows.variants !== undefined) {
    addFlows(table.keyTuples, flows.variants.tuples)
    table.variants.addPlain(flows.variants.words)
  }
  return table
}

function addFlows(table: FlowTable, flows: PlainFlows): void {
  for (let i = 0; i < flows.count; i++) {
    table.key.set(flows.address.subarray(8 * i, 8 * i + 8))
    table.intern(flows.version[i]!, flows.protocol[i]!, flows.sourcePort[i]!, flows.destinationPort[i]!)
  }
}
