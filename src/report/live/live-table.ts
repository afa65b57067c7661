/**
 * Replays as tables: measured beside the three things that the simulator says, one small table per metric
 * that people ask for first. (a) is bookkeeping, (b) the evidence, (c) says what the machine adds.
 */
import { styleText } from 'node:util'
import type { ContenderReport, LiveReport } from '../../live/verdict/live-report.ts'
import { type ShownMetric, shownMetric } from '../../metrics/catalogue/shown.ts'
import type { Estimate } from '../../metrics/statistics/statistics.ts'
import { visibleIn } from '../../visible.ts'
import { cellOf } from '../parts/format-cell.ts'
import { wrap, wrapLabel } from '../parts/wrap.ts'
import { choiceTexts, type JudgedReplays } from './judged-replays.ts'
import { liveFacts, noneValidTexts } from './live-facts.ts'
import { REPLAYED, tableTitle } from './live-metrics.ts'
import { lossTexts, mappingTexts, ranksText, verdictText } from './live-text.ts'

const NAME_WIDTH_MIN = 12

/** A mean of fewer replays has an interval that says nothing. */
const INTERVAL_REPLAYS_MIN = 3
/** Of a mean beside a wide interval, as the columns beside it have more too. */
const MEAN_DIGITS_MIN = 2

const HEADS = ['measured', '(a) record', '(b) calibrated', '(c) as written', '(b) holds']
const VERDICT = 4
const SAID = { yes: 'yes', no: 'no', 'cannot-tell': "can't tell" } as const
/** By the same order. */
const LEGEND = [
  'measured: mean over the valid replays; ±: half of its 95 % interval, from three replays on.',
  "(a) the records of these replays through the simulator's lanes: bookkeeping, it is no evidence.",
  '(b) calibrated on the first replay, against the others; ±: where one more run would lie. It holds when the measured mean of the others lies there, or within 10 % (ratios 0.3 points); not when their difference, with the spread of both, lies beyond these 10 %. Between the two, or where the others vary too much, nobody can tell.',
  '(c) the scenario as written: what it lacks is what the machine adds.',
]

export function liveTable(
  made: JudgedReplays,
  { width, colour }: { width: number; colour: boolean },
): string {
  const report = visibleIn(made)
  const bold = (text: string) => (colour ? styleText('bold', text, { validateStream: false }) : text)
  const dim = (text: string) => (colour ? styleText('dim', text, { validateStream: false }) : text)
  const facts = liveFacts(report).flatMap(([name, text]) =>
    wrap(text, width - 10).map((line, i) => `  ${(i === 0 ? name : '').padEnd(8)}${line}`),
  )
  const tables = tablesOf(report)
  const lines = tables.flatMap((rows) => ['', ...aligned(rows, width, bold)])
  const choice = choiceTexts(report)
  const words = wordsOf(report)
  return [
    ...wrap(report.title, width).map(bold),
    ...facts,
    ...lines,
    ...(choice.length > 0 ? [''] : []),
    ...choice.flatMap((text) => wrap(text, width)),
    ...(words.length > 0 ? [''] : []),
    ...words.flatMap((text) => wrap(text, width)),
    ...(tables.length > 0 ? [''] : []),
    ...legendOf(tables)
      .flatMap((text) => wrap(text, width))
      .map(dim),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

export function liveMarkdown(made: JudgedReplays): string {
  const report = visibleIn(made)
  const tables = tablesOf(report)
  const lines = tables.flatMap(([head = [], ...rows]) => [
    '',
    `| ${head.join(' | ')} |`,
    `| --- |${' --: |'.repeat(head.length - 1)}`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ])
  const words = wordsOf(report)
  return [
    `**${report.title}**`,
    '',
    ...liveFacts(report).map(([name, text]) => `- ${name}: ${text}`),
    ...lines,
    ...choiceTexts(report).flatMap((text) => ['', text]),
    ...(words.length > 0 ? [''] : []),
    ...words.map((text) => `- ${text}`),
    ...(tables.length > 0 ? [''] : []),
    ...legendOf(tables),
  ]
    .join('\n')
    .concat('\n')
}

function wordsOf(report: LiveReport): string[] {
  return [
    ...lossTexts(report),
    ...noneValidTexts(report),
    ...report.subjects.filter(isJudged(report)).map(verdictText),
    ...[ranksText(report)].filter((text) => text !== undefined),
    ...mappingTexts(report),
  ]
}

/** Where nothing was to be predicted, only failures are worth a line. */
function isJudged({ subjects }: LiveReport): (contender: ContenderReport) => boolean {
  const isPredicted = subjects.some(({ calibrated }) => calibrated !== null)
  return ({ error }) => isPredicted || error !== null
}

/** Of the columns that are shown. */
function legendOf(tables: readonly (readonly string[][])[]): string[] {
  const heads = new Set(tables.flatMap(([head]) => head ?? []))
  return LEGEND.filter((_, i) => heads.has(HEADS[i]!))
}

/** Per metric: a head and a row per contender. */
function tablesOf(report: LiveReport): string[][][] {
  const metrics = REPLAYED.map(shownMetric).map((shown) => [
    [tableTitle(shown), ...HEADS],
    ...report.subjects.map((contender) => [contender.label, ...cellsOf(contender, shown)]),
  ])
  return metrics.flatMap((table) => {
    const used = HEADS.map((_, i) => table.slice(1).some((row) => row[i + 1] !== '' && row[i + 1] !== '-'))
    // A verdict alone (nothing measured, nothing predicted) tells nothing.
    return used.slice(0, VERDICT).includes(true)
      ? [table.map((row) => row.filter((_, i) => i === 0 || used[i - 1]))]
      : []
  })
}

function cellsOf(
  { measured, bookkeeping, calibrated, asWritten, verdict }: ContenderReport,
  shown: ShownMetric,
): string[] {
  const { name } = shown
  const judged = verdict?.metrics.find(({ metric }) => metric === name)
  return [
    cellOf(shown, withInterval(measured[name]), 2, MEAN_DIGITS_MIN),
    cellOf(shown, bookkeeping?.metrics[name], 0),
    cellOf(shown, calibrated?.[name], 2, MEAN_DIGITS_MIN),
    cellOf(shown, asWritten?.[name], 0),
    judged === undefined ? '' : SAID[judged.verdict],
  ]
}

/** Without an interval where it is of too few replays. */
function withInterval(measured: Estimate | undefined): Estimate | undefined {
  if (measured === undefined || measured.runs >= INTERVAL_REPLAYS_MIN) return measured
  return { ...measured, low95: null, high95: null }
}

/**
 * Names left, numbers right; long names wrap on lines of their own, heads have their (a), (b), (c) above
 * them.
 */
function aligned(
  [head = [], ...rows]: readonly (readonly string[])[],
  width: number,
  bold: (text: string) => string,
): string[] {
  const [title = '', ...heads] = head
  const marks = heads.map((text) => /^\(.\)/.exec(text)?.[0] ?? '')
  const words = heads.map((text) => text.replace(/^\(.\) /, ''))
  const numbers = [words, ...rows.map((row) => row.slice(1))]
  const columns = words.map((_, i) => Math.max(...numbers.map((cells) => cells[i]!.length)))
  const allNumbers = columns.reduce((sum, characters) => sum + characters + 2, 0)
  const longest = Math.max(...[title, ...rows.map(([name = '']) => name)].map((name) => name.length))
  const nameWidth = Math.max(NAME_WIDTH_MIN, Math.min(longest, width - allNumbers))
  const line = (name: string, cells: readonly string[]) =>
    `${name.padEnd(nameWidth)}${cells.map((text, i) => `  ${text.padStart(columns[i]!)}`).join('')}`
  const named = ([first = '', ...more]: readonly string[], cells: readonly string[]) => [
    line(first, cells),
    ...more,
  ]
  return [
    ...(marks.some((mark) => mark !== '') ? [line('', marks)] : []).map(bold),
    ...named(wrap(title, nameWidth), words).map(bold),
    ...rows.flatMap(([name = '', ...cells]) => named(wrapLabel(name, nameWidth), cells)),
  ]
}
