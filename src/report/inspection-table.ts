/** An inspection for a terminal: facts, then aligned columns, nothing wider than the terminal. */
import { styleText } from 'node:util'
import type { Inspection } from '../measure/inspection.ts'
import { inspectionFacts, inspectionTables, largestFlows, type SmallTable } from './inspection-words.ts'
import { wrap } from './wrap.ts'

const NAME_WIDTH = 11
const INDENT = '  '
const GAP = '  '

export function inspectionTable(
  found: Inspection,
  { width, colour }: { readonly width: number; readonly colour: boolean },
): string {
  const bold = (text: string) => (colour ? styleText('bold', text, { validateStream: false }) : text)
  const facts = inspectionFacts(found).flatMap(([name, text]) =>
    wrap(text, width - INDENT.length - NAME_WIDTH).map(
      (line, i) => `${INDENT}${(i === 0 ? name : '').padEnd(NAME_WIDTH)}${line}`,
    ),
  )
  const tables = inspectionTables(found).flatMap((table) => {
    const [head = '', ...rows] = columns(table)
    return ['', bold(head), ...rows]
  })
  const [head = '', ...flows] = namesLast(largestFlows(found), width)
  return [bold(found.capture), ...facts, ...tables, '', bold(head), ...flows]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

/** The names on the left, numbers aligned on the right. */
function columns({ heads, rows }: SmallTable): string[] {
  const widths = widthsOf([heads, ...rows])
  return [heads, ...rows].map(
    ([name = '', ...cells]) => `${INDENT}${name.padEnd(widths[0]!)}${aligned(cells, widths.slice(1))}`,
  )
}

/** The numbers first; a name that doesn't fit behind them breaks behind its ">", or has lines of its own below. */
function namesLast({ heads, rows }: SmallTable, width: number): string[] {
  const widths = widthsOf([heads, ...rows]).slice(1)
  return [heads, ...rows].flatMap(([name = '', ...cells]) => {
    const numbers = aligned(cells, widths)
    const room = width - numbers.length - GAP.length
    if (name.length <= room) return [`${numbers}${GAP}${name}`]
    const parts = name.split(/(?<=>) /)
    if (parts.some((part) => part.length > room))
      return [numbers, ...parts.map((part) => `${INDENT}${GAP}${part}`)]
    return parts.map((part, i) => `${i === 0 ? numbers : ' '.repeat(numbers.length)}${GAP}${part}`)
  })
}

function aligned(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, i) => `${GAP}${cell.padStart(widths[i]!)}`).join('')
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  return rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
}
