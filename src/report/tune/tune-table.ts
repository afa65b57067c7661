/** The answer of `tune` for a terminal: head, the two TTLs, the curve, costs and warnings. */
import { styleText } from 'node:util'
import { visibleIn } from '../../visible.ts'
import { headFacts, hints } from '../comparison/comparison-text.ts'
import type { TableOptions } from '../comparison/table.ts'
import type { Detail } from '../parts/format-cell.ts'
import { columns, headLines } from '../parts/small-table.ts'
import type { View } from '../parts/view.ts'
import { wrap } from '../parts/wrap.ts'
import { curveTable } from './tune-columns.ts'
import type { TuneReport } from './tune-report.ts'
import { answers, remarks, tuneLegend } from './tune-text.ts'

type Style = (format: Parameters<typeof styleText>[0], text: string) => string

export function tuneText(made: TuneReport, { width, colour }: TableOptions, view: View = {}): string {
  const report = visibleIn(made)
  const style: Style = colour ? (format, text) => styleText(format, text) : (_, text) => text
  const facts = headFacts(report).flatMap(([name, text]) =>
    wrap(text, width - 9).map((line, i) => `  ${(i === 0 ? name : '').padEnd(7)}${line}`),
  )
  const answered = answers(report).flatMap(([name, text]) => {
    const [first = '', ...others] = wrap(`${name}: ${text}`, width)
    return [`${style('bold', first.slice(0, name.length + 1))}${first.slice(name.length + 1)}`, ...others]
  })
  const curve = report.load.mean.packets === 0 ? [] : curveLines(report, view, width)
  const paragraphs = (lines: readonly string[], format: Parameters<typeof styleText>[0] | undefined) =>
    lines.flatMap((line) =>
      wrap(line, width).map((text) => (format === undefined ? text : style(format, text))),
    )
  const headHeight = headLines(curveTable(report, view, () => 0)).length
  const said = remarks(report)
  const minded = hints(report)
  return [
    ...wrap(report.title, width).map((line) => style('bold', line)),
    ...facts,
    '',
    ...answered,
    '',
    ...curve.map((line, i) => (i < headHeight ? style('bold', line) : line)),
    ...(curve.length === 0 ? [] : ['']),
    ...paragraphs(said, undefined),
    ...(said.length === 0 ? [] : ['']),
    ...(minded.length === 0 ? [] : [...paragraphs(minded, 'yellow'), '']),
    ...(curve.length === 0 ? [] : paragraphs(tuneLegend(report, curve.join(), view), 'dim')),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

/** The most detailed table that fits: intervals everywhere, for the headline only, or nowhere. */
function curveLines(report: TuneReport, view: View, width: number): string[] {
  const details: ((column: number) => Detail)[] = [
    () => 2,
    (column) => (column === 0 ? 2 : 0),
    (column) => (column === 0 ? 1 : 0),
    () => 0,
  ]
  const tables = details.map((detailOf) => columns(curveTable(report, view, detailOf)))
  const fitting = tables.find((lines) => lines.every((line) => line.length <= width))
  return fitting ?? tables.at(-1)!
}
