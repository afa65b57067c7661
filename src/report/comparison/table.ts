/**
 * The table for a terminal, laid out to its width: at 80 columns the headline carries its interval, a wider
 * terminal shows intervals and bounds everywhere, and long labels wrap at their commas.
 */
import { stripVTControlCharacters, styleText } from 'node:util'
import CliTable from 'cli-table3'
import { yardstickMark } from '../../metrics/catalogue/recommendable.ts'
import { visibleIn } from '../../visible.ts'
import type { Detail } from '../parts/format-cell.ts'
import { type MetricColumn, metricColumns } from '../parts/metric-columns.ts'
import type { View } from '../parts/view.ts'
import { wrap, wrapLabel } from '../parts/wrap.ts'
import { COMPARED, differs, HEADLINE } from './columns.ts'
import { headFacts, hints, legend, machineFact } from './comparison-text.ts'
import { shownRecords } from './measured-row.ts'
import type { PolicyRecord, Report } from './report.ts'
import { verdictTexts } from './verdict-text.ts'

export interface TableOptions {
  /** Characters per line. */
  readonly width: number
  readonly colour: boolean
  /** There is a calibration of this machine, which an assumed comparison hints at. */
  readonly isMachineMeasured?: boolean
}

type Style = (format: Parameters<typeof styleText>[0], text: string) => string

const POLICY_WIDTH_MIN = 16
const GAPS = ['  ', ' ']
const HEAD_LINES = 2

/** The whole report: title, facts, table, legend, hints. */
export function tableText(
  made: Report,
  { width, colour, isMachineMeasured = false }: TableOptions,
  view: View = {},
): string {
  const report = visibleIn(made)
  const style: Style = colour ? (format, text) => styleText(format, text) : (_, text) => text
  const facts = [...headFacts(report), ...(isMachineMeasured ? machineFact(report) : [])].flatMap(
    ([name, text]) => wrap(text, width - 9).map((line, i) => `  ${(i === 0 ? name : '').padEnd(7)}${line}`),
  )
  const { metrics = COMPARED } = view
  const table = body(shownRecords(report, view), metricColumns(metrics), width, style)
  const verdict = verdictTexts(report).flatMap((line) => wrap(line, width))
  const notes = legend(report, table.join(), metrics).flatMap((line) => wrap(line, width))
  const warnings = hints(report).flatMap((line) => ['', ...wrap(line, width)])
  return [
    ...wrap(report.title, width).map((line) => style('bold', line)),
    ...facts,
    '',
    ...table,
    '',
    ...verdict,
    '',
    ...notes.map((line) => style('dim', line)),
    ...warnings.map((line) => style('yellow', line)),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

function body(
  records: readonly PolicyRecord[],
  columns: readonly MetricColumn[],
  width: number,
  style: Style,
): string[] {
  const { gap, cells, policyWidth } = layout(records, columns, width)
  const table = new CliTable({
    chars: { ...NO_LINES, middle: gap },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: ['left', ...columns.map(() => 'right' as const)],
  })
  const heads = [['', 'policy'], ...columns.map(({ head }) => head)]
  table.push(heads.map((lines) => lines.map((line) => (line === '' ? '' : style('bold', line))).join('\n')))
  for (const [i, record] of records.entries()) {
    const label = wrapLabel(nameOf(record), policyWidth).join('\n')
    const styled = cells[i]!.map((text, column) => {
      if (record.error !== null) return style('red', text)
      return columns[column]!.name === HEADLINE ? headlineStyle(record, text, style) : text
    })
    table.push([label, ...styled])
  }
  const lines = table.toString().split('\n')
  const lineWidth = Math.max(...lines.map((line) => stripVTControlCharacters(line).trimEnd().length))
  lines.splice(HEAD_LINES, 0, style('dim', '─'.repeat(lineWidth)))
  return lines
}

interface Layout {
  readonly gap: string
  readonly cells: readonly (readonly string[])[]
  readonly policyWidth: number
}

/** The most detailed way that fits: intervals everywhere, for the headline only, or nowhere. */
function layout(records: readonly PolicyRecord[], columns: readonly MetricColumn[], width: number): Layout {
  const details: ((column: number) => Detail)[] = [
    () => 2,
    (column) => (column === 0 ? 2 : 0),
    (column) => (column === 0 ? 1 : 0),
    () => 0,
  ]
  const isMarked = records.some(differs)
  const policyWidth = Math.min(POLICY_WIDTH_MIN, Math.max(...records.map((record) => nameOf(record).length)))
  for (const detail of details) {
    const cells = records.map((record) => cellsOf(record, columns, detail, isMarked))
    const used = columns.map(({ head }, i) => {
      return Math.max(...[...head, ...cells.map((row) => row[i]!)].map((text) => text.length))
    })
    const fitting = GAPS.map((gap) => {
      const room = width - used.reduce((sum, characters) => sum + characters + gap.length, 0)
      return { gap, cells, policyWidth: room }
    }).filter(({ policyWidth: room }) => room >= policyWidth)
    const lines = ({ policyWidth: room }: Layout) =>
      records.reduce((sum, record) => sum + wrapLabel(nameOf(record), room).length, 0)
    // The sort is stable: of two layouts with equally many lines the one with wider gaps stays first.
    if (fitting.length > 0) return fitting.sort((one, other) => lines(one) - lines(other))[0]!
  }
  return {
    gap: ' ',
    cells: records.map((record) => cellsOf(record, columns, () => 0, isMarked)),
    policyWidth,
  }
}

function cellsOf(
  record: PolicyRecord,
  columns: readonly MetricColumn[],
  detail: (column: number) => Detail,
  isMarked: boolean,
): string[] {
  if (record.error !== null) return columns.map((_, i) => (i === 0 ? 'failed' : ''))
  const mark = isMarked ? (differs(record) ? '*' : ' ') : ''
  return columns.map(({ name, cell }, i) => cell(record.metrics, detail(i)) + (name === HEADLINE ? mark : ''))
}

function nameOf({ policy }: PolicyRecord): string {
  return policy + yardstickMark(policy)
}

function headlineStyle({ metrics }: PolicyRecord, text: string, style: Style): string {
  return metrics[HEADLINE]?.mean === 0 ? style('green', text) : text
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
}
