/**
 * Replays as tables: measured beside the three things that the simulator says, one small table per metric that people
 * ask for first. (a) is bookkeeping, (b) the evidence, (c) says what the machine adds.
 */
import { styleText } from 'node:util'
import type { LiveReport, SubjectReport } from '../live/live-report.ts'
import { durationCell, numberCell, ratioCell } from './cells.ts'
import { liveFacts, noneValidTexts } from './live-facts.ts'
import { lossTexts, mappingTexts, ranksText, verdictText } from './live-words.ts'
import { wrap, wrapLabel } from './wrap.ts'

type Cell = typeof ratioCell

const NAME_WIDTH_MIN = 12

const METRICS: ReadonlyArray<readonly [metric: string, title: string, cell: Cell]> = [
  ['reorderedRatio', 'reordered', ratioCell],
  ['extentMean', 'extent, packets', numberCell],
  ['lateTimeNsP50', 'late time, median', durationCell],
  ['latencyNsP50', 'latency, median', durationCell],
  ['latencyNsP99', 'latency, 99 %', durationCell],
]
const HEADS = ['measured', '(a) record', '(b) calibrated', '(c) as written', '']
const VERDICT = 4
/** By the same order. */
const LEGEND = [
  'measured: mean over the valid replays; ±: half of its 95 % interval.',
  "(a) the records of these replays through the simulator's lanes: bookkeeping, it is no evidence.",
  '(b) calibrated on the first replay, against the others; ±: where one more run would lie. ok: the measured mean of the others lies there, or within 10 % (ratios 0.3 points).',
  '(c) the scenario as written: what it lacks is what the machine adds.',
]

export function liveTable(report: LiveReport, { width, colour }: { width: number; colour: boolean }): string {
  const bold = (text: string) => (colour ? styleText('bold', text, { validateStream: false }) : text)
  const dim = (text: string) => (colour ? styleText('dim', text, { validateStream: false }) : text)
  const facts = liveFacts(report).flatMap(([name, text]) =>
    wrap(text, width - 10).map((line, i) => `  ${(i === 0 ? name : '').padEnd(8)}${line}`),
  )
  const tables = tablesOf(report)
  const lines = tables.flatMap((rows) => ['', ...aligned(rows, width, bold)])
  const words = wordsOf(report)
  return [
    ...wrap(report.title, width).map(bold),
    ...facts,
    ...lines,
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

export function liveMarkdown(report: LiveReport): string {
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
function isJudged({ subjects }: LiveReport): (subject: SubjectReport) => boolean {
  const isPredicted = subjects.some(({ calibrated }) => calibrated !== null)
  return ({ error }) => isPredicted || error !== null
}

/** Of the columns that are shown. */
function legendOf(tables: readonly (readonly string[][])[]): string[] {
  const heads = new Set(tables.flatMap(([head]) => head ?? []))
  return LEGEND.filter((_, i) => heads.has(HEADS[i]!))
}

/** Per metric: a head and a row per subject; then the busiest lane's share. */
function tablesOf(report: LiveReport): string[][][] {
  const metrics = METRICS.map(([metric, title, cell]) => [
    [title, ...HEADS],
    ...report.subjects.map((subject) => [subject.label, ...cellsOf(subject, metric, cell)]),
  ])
  return [...metrics, busiestLanes(report)].flatMap((table) => {
    const used = HEADS.map((_, i) => table.slice(1).some((row) => row[i + 1] !== '' && row[i + 1] !== '-'))
    // A verdict alone (nothing measured, nothing predicted) tells nothing.
    return used.slice(0, VERDICT).includes(true)
      ? [table.map((row) => row.filter((_, i) => i === 0 || used[i - 1]))]
      : []
  })
}

/** Of the lane that served most; report.json and live.csv have all lanes. */
function busiestLanes({ subjects }: LiveReport): string[][] {
  const rows = subjects.map((subject) => {
    const shares = Object.keys(subject.measured).filter((metric) => metric.startsWith('laneShare['))
    const share = (metric: string) => subject.measured[metric]?.mean ?? 0
    const busiest = shares.reduce((a, b) => (share(b) > share(a) ? b : a), 'laneShare[0]')
    return [subject.label, ...cellsOf(subject, busiest, ratioCell)]
  })
  return [['busiest lane serves', ...HEADS], ...rows]
}

function cellsOf(
  { measured, bookkeeping, calibrated, asWritten, verdict }: SubjectReport,
  metric: string,
  cell: Cell,
): string[] {
  const judged = verdict?.metrics.find((one) => one.metric === metric)
  return [
    cell(measured[metric], 2),
    cell(bookkeeping?.metrics[metric], 0),
    cell(calibrated?.[metric], 2),
    cell(asWritten?.[metric], 0),
    judged === undefined ? '' : judged.isRight ? 'ok' : 'no',
  ]
}

/** Names left, numbers right; long names wrap on lines of their own. */
function aligned(
  rows: readonly (readonly string[])[],
  width: number,
  bold: (text: string) => string,
): string[] {
  const columns = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  const numbers = columns.slice(1).reduce((sum, characters) => sum + characters + 2, 0)
  const nameWidth = Math.max(NAME_WIDTH_MIN, Math.min(columns[0]!, width - numbers))
  return rows.flatMap(([name = '', ...cells], at) => {
    const right = cells.map((text, i) => `  ${text.padStart(columns[i + 1]!)}`).join('')
    const lines = at === 0 ? wrap(name, nameWidth) : wrapLabel(name, nameWidth)
    const text = lines.map((line, i) => (i === 0 ? `${line.padEnd(nameWidth)}${right}` : line))
    return at === 0 ? text.map(bold) : text
  })
}
