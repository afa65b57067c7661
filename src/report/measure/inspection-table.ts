/** An inspection for a terminal: facts, then aligned columns, nothing wider than the terminal. */
import { styleText } from 'node:util'
import type { Inspection } from '../../measure/inspect/inspection.ts'
import { visibleIn } from '../../visible.ts'
import { columns, factLines, namesLast } from '../parts/small-table.ts'
import { inspectionFacts, inspectionTables, largestFlows } from './inspection-text.ts'

const NAME_WIDTH = 11

export function inspectionTable(
  made: Inspection,
  { width, colour }: { readonly width: number; readonly colour: boolean },
): string {
  const found = visibleIn(made)
  const bold = (text: string) => (colour ? styleText('bold', text, { validateStream: false }) : text)
  const facts = factLines(inspectionFacts(found), NAME_WIDTH, width)
  const tables = inspectionTables(found).flatMap((table) => {
    const [head = '', ...rows] = columns(table)
    return ['', bold(head), ...rows]
  })
  const [head = '', ...flows] = namesLast(largestFlows(found), width)
  return [bold(found.capture), ...facts, ...tables, '', bold(head), ...flows]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}
