/**
 * A scan for a terminal and as markdown: per number one grid, a row per point and a column per policy. Where
 * the policies don't fit the width side by side, the grid goes on below with the others.
 */
import { styleText } from 'node:util'
import { visibleIn } from '../../visible.ts'
import type { TableOptions } from '../comparison/table.ts'
import type { Detail } from '../parts/format-cell.ts'
import { plain } from '../parts/small-table.ts'
import { wrap, wrapLabel } from '../parts/wrap.ts'
import { type Grid, gridsOf } from './scan-grid.ts'
import type { ShownScan } from './scan-report.ts'
import { scanFacts, scanHints, scanLegend, scanVerdictTexts } from './scan-text.ts'

const HEAD_CHARACTERS_MIN = 13
const VALUE_CHARACTERS_MAX = 30
/** What is tried in turn, until a grid is in one piece; if none is, the last in several. */
const LAYOUTS: ReadonlyArray<readonly [detail: Detail, gap: number]> = [
  [2, 2],
  [2, 1],
  [1, 2],
  [1, 1],
  [2, 2],
]

interface Column {
  readonly head: readonly string[]
  readonly cells: readonly string[]
  readonly width: number
}

/** Title, facts, grids, legend, hints. */
export function scanTableText(made: ShownScan, { width, colour }: TableOptions): string {
  const shown = visibleIn(made)
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(format, text) : text
  const facts = scanFacts(shown.head).flatMap(([name, text]) =>
    wrap(text, width - 9).map((line, i) => `  ${(i === 0 ? name : '').padEnd(7)}${line}`),
  )
  const grids = gridsOf(shown).flatMap((grid) => {
    return layout(grid, width).flatMap(({ heads, rule, rows }, i) => [
      style('bold', i === 0 ? grid.title : `${grid.title}, other policies`),
      ...heads,
      style('dim', rule),
      ...rows,
      '',
    ])
  })
  return [
    ...wrap(shown.head.title, width).map((line) => style('bold', line)),
    ...facts,
    '',
    ...grids,
    ...scanVerdictTexts(shown.head).flatMap((line) => wrap(line, width)),
    '',
    ...scanLegend(shown).flatMap((line) => wrap(line, width).map((part) => style('dim', part))),
    ...scanHints(shown).flatMap((line) => ['', ...wrap(line, width).map((part) => style('yellow', part))]),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

/** The grids for GitHub, in full. */
export function scanMarkdown(made: ShownScan): string {
  const shown = visibleIn(made)
  const grids = gridsOf(shown).flatMap(({ title, pointHeads, pointCells, policyHeads, policyCells }) => {
    const cells = policyCells(2)
    const heads = [...pointHeads, ...policyHeads].map(plain)
    const rows = pointCells.map((point, i) => [...point, ...cells[i]!].map((cell) => plain(cell.trimEnd())))
    return [`${title}:`, '', ...table(heads, rows), '']
  })
  return [
    `**${plain(shown.head.title)}**`,
    '',
    ...scanFacts(shown.head).map(([name, text]) => `- ${name}: ${plain(text)}`),
    '',
    ...grids,
    ...[...scanVerdictTexts(shown.head), ...scanLegend(shown), ...scanHints(shown)].map(
      (line) => `${plain(line)}\n`,
    ),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [heads, heads.map(() => '--:'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

interface Piece {
  readonly heads: readonly string[]
  readonly rule: string
  readonly rows: readonly string[]
}

function layout(grid: Grid, width: number): Piece[] {
  let pieces: Piece[] = []
  for (const [detail, gap] of LAYOUTS) {
    pieces = piecesOf(grid, width, detail, gap)
    if (pieces.length === 1) break
  }
  return pieces
}

function piecesOf(grid: Grid, width: number, detail: Detail, gap: number): Piece[] {
  const rows = grid.policyCells(grid.hasIntervals ? detail : 0)
  const points = grid.pointHeads.map((head, i) => {
    const cells = grid.pointCells.map((row) => shortened(row[i]!))
    return columnOf(head, cells, /(?<=\.)/)
  })
  const policies = grid.policyHeads.map((head, i) =>
    columnOf(
      head,
      rows.map((row) => row[i]!),
      /(?<=[:,])/,
    ),
  )
  const sumOf = (columns: readonly Column[]) =>
    columns.reduce((sum, column) => sum + column.width + gap, -gap)
  const groups: Column[][] = []
  for (const column of policies) {
    const last = groups.at(-1)
    if (last !== undefined && sumOf([...points, ...last, column]) <= width) last.push(column)
    else groups.push([column])
  }
  return groups.map((group) => pieceOf([...points, ...group], gap))
}

function pieceOf(columns: readonly Column[], gap: number): Piece {
  const height = Math.max(...columns.map(({ head }) => head.length))
  const line = (pick: (column: Column) => string) =>
    columns.map((column) => pick(column).padStart(column.width)).join(' '.repeat(gap))
  const heads = Array.from({ length: height }, (_, i) =>
    line(({ head }) => head[i - height + head.length] ?? ''),
  )
  const rows = columns[0]!.cells.map((_, row) => line(({ cells }) => cells[row]!))
  return {
    heads,
    rule: '─'.repeat(Math.max(...[...heads, ...rows].map((text) => text.trimEnd().length))),
    rows,
  }
}

/**
 * As wide as its cells; its head is broken at spaces and behind `at`, and where a part is too long behind
 * hyphens, before capitals, or anywhere.
 */
function columnOf(head: string, cells: readonly string[], at: RegExp): Column {
  const parts = head.split(' ').flatMap((word) => word.split(at))
  const isShort = head.length <= HEAD_CHARACTERS_MIN
  const longest = isShort ? head.length : Math.max(...parts.map((part) => part.length))
  const widest = Math.max(...cells.map((cell) => cell.length))
  const width = Math.max(widest, Math.min(longest, HEAD_CHARACTERS_MIN))
  return { head: wrapLabel(head, width, at, /(?<=-)|(?=[A-Z])/), cells, width }
}

/** A long value by its end, where paths differ. */
function shortened(text: string): string {
  return text.length <= VALUE_CHARACTERS_MAX ? text : `...${text.slice(3 - VALUE_CHARACTERS_MAX)}`
}
