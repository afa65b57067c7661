/**
 * The line for a source whose largest flow is a tunnel of several: to policies that go by the outer header
 * they are one flow, on one lane.
 */
import type { FlowTable } from '../model/packets/flow-table.ts'
import { SAME } from '../model/packets/flow-variants.ts'
import type { SourceNumbering } from '../model/packets/source-numbering.ts'
import { tunnelName } from '../traffic/capture/keys/inner-key.ts'

/** One line, or none. */
export function tunnelRemark(flows: FlowTable, numbering: SourceNumbering): string[] {
  const { variants } = flows
  if (variants.count === 1) return []
  let largest = 0
  for (let flow = 1; flow < flows.count; flow++) {
    if (numbering.sentBy(flow) > numbering.sentBy(largest)) largest = flow
  }
  const inside = new Set<number>()
  for (let variant = 1; variant < variants.count; variant++) {
    const tuple = variants.tuple(variant, 'inner')
    if (variants.flow(variant) === largest && tuple !== SAME) inside.add(tuple)
  }
  if (inside.size < 2) return []
  const name = tunnelName(flows.protocol[largest]!, flows.destinationPort[largest]!)
  const article = /^[EI]/.test(name!) ? 'an' : 'a'
  return [
    `the largest flow, ${flows.describe(largest)}, is ${article} ${name} tunnel of ${inside.size} flows: ` +
      'hash:key=inner spreads them',
  ]
}
