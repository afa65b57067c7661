/**
 * Facts and small tables without frames, for a terminal and in markdown: what inspections and measurements
 * consist of.
 */
import { wrap } from './wrap.ts'

const INDENT = '  '
const GAP = '  '

/** A name and a sentence. */
export type Fact = readonly [name: string, text: string]

export interface SmallTable {
  /** The first is of the rows' names; the others stand above numbers. A line feed breaks one, or a name. */
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Names on the left, sentences wrapped on the right. */
export function factLines(facts: readonly Fact[], nameWidth: number, width: number): string[] {
  return facts.flatMap(([name, text]) =>
    wrap(text, width - INDENT.length - nameWidth).map(
      (line, i) => `${INDENT}${(i === 0 ? name : '').padEnd(nameWidth)}${line}`,
    ),
  )
}

/** The names on the left, numbers aligned on the right. */
export function columns({ heads, rows }: SmallTable): string[] {
  const all = [...headLines({ heads }), ...rows.flatMap(nameLines)]
  const widths = widthsOf(all)
  return all.map(
    ([name = '', ...cells]) => `${INDENT}${name.padEnd(widths[0]!)}${aligned(cells, widths.slice(1))}`,
  )
}

/** A row whose name has several lines as so many rows, its numbers in the first. */
function nameLines([name = '', ...cells]: readonly string[]): string[][] {
  return name.split('\n').map((line, i) => [line, ...(i === 0 ? cells : cells.map(() => ''))])
}

/** Heads that have several lines as so many rows, the shorter ones at the bottom. */
export function headLines({ heads }: Pick<SmallTable, 'heads'>): string[][] {
  const lines = heads.map((head) => head.split('\n'))
  const height = Math.max(...lines.map(({ length }) => length))
  return Array.from({ length: height }, (_, row) =>
    lines.map((parts) => parts[row - height + parts.length] ?? ''),
  )
}

/**
 * The numbers first; a name that doesn't fit behind them breaks behind its ">", or has lines of its own
 * below.
 */
export function namesLast({ heads, rows }: SmallTable, width: number): string[] {
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

/** The table in GitHub's markdown. */
export function pipes({ heads, rows }: SmallTable): string[] {
  const rule = heads.map((_, i) => (i === 0 ? '---' : '--:'))
  return [heads, rule, ...rows].map((cells, i) => {
    return `| ${cells.map((cell) => (i === 1 ? cell : plain(cell.replaceAll('\n', ' ')))).join(' | ')} |`
  })
}

/** Text in which nothing is markdown. */
export function plain(text: string): string {
  return text.replace(/[\\`*_<>|[\]~]/g, '\\$&')
}
