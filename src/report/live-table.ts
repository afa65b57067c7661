/**
 * Replays as tables: measured beside the three things that the simulator says, one small table per metric that people
 * ask for first. (a) is bookkeeping, (b) the evidence, (c) says what the machine adds.
 */
import { styleText } from 'node:util'
import type { LiveReport, SubjectReport } from '../live/live-report.ts'
import type { Estimate } from '../metrics/statistics.ts'
import { durationCell, numberCell, ratioCell } from './cells.ts'
import { valueCells } from './csv.ts'
import { liveFacts, ranksText, verdictText } from './live-words.ts'
import { wrap } from './wrap.ts'

type Cell = typeof ratioCell

const METRICS: ReadonlyArray<readonly [metric: string, title: string, cell: Cell]> = [
  ['reorderedRatio', 'reordered', ratioCell],
  ['extentMean', 'extent, packets', numberCell],
  ['lateTimeNsP50', 'late time, median', durationCell],
  ['latencyNsP50', 'latency, median', durationCell],
  ['latencyNsP99', 'latency, 99 %', durationCell],
]
const HEADS = ['measured', '(a) record', '(b) calibrated', '(c) as written', '']
const LEGEND = [
  'measured: mean over the valid replays; ±: half of its 95 % interval.',
  "(a) the first replay's record through the simulator's lanes: bookkeeping, to be compared with that replay; it is no evidence.",
  '(b) calibrated on the first replay, against the others; ±: where one more run would lie. ok: the measured mean of the others lies there, or within 10 % (ratios 0.3 points).',
  '(c) the scenario as written: what it lacks is what the machine adds.',
]

export function liveTable(report: LiveReport, { width, colour }: { width: number; colour: boolean }): string {
  const bold = (text: string) => (colour ? styleText('bold', text, { validateStream: false }) : text)
  const dim = (text: string) => (colour ? styleText('dim', text, { validateStream: false }) : text)
  const facts = liveFacts(report).flatMap(([name, text]) =>
    wrap(text, width - 10).map((line, i) => `  ${(i === 0 ? name : '').padEnd(8)}${line}`),
  )
  const tables = tablesOf(report).flatMap((rows) => ['', ...aligned(rows, width, bold)])
  const words = [
    ...noneValid(report),
    ...report.subjects.map(verdictText),
    ...[ranksText(report)].filter((text) => text !== undefined),
  ]
  return [
    ...wrap(report.title, width).map(bold),
    ...facts,
    ...tables,
    '',
    ...words.flatMap((text) => wrap(text, width)),
    '',
    ...legendOf(report)
      .flatMap((text) => wrap(text, width))
      .map(dim),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

export function liveMarkdown(report: LiveReport): string {
  const tables = tablesOf(report).flatMap(([head = [], ...rows]) => [
    '',
    `| ${head.join(' | ')} |`,
    `| --- |${' --: |'.repeat(head.length - 1)}`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ])
  const words = [
    ...noneValid(report),
    ...report.subjects.map(verdictText),
    ...[ranksText(report)].filter((text) => text !== undefined),
  ]
  return [
    `**${report.title}**`,
    '',
    ...liveFacts(report).map(([name, text]) => `- ${name}: ${text}`),
    ...tables,
    '',
    ...words.map((text) => `- ${text}`),
    '',
    ...legendOf(report),
  ]
    .join('\n')
    .concat('\n')
}

/** What to do when there is nothing to show. */
function noneValid({ subjects }: LiveReport): string[] {
  const rows = subjects.flatMap(({ replays }) => replays)
  const [first] = rows
  if (first === undefined || rows.some(({ invalid }) => invalid.length === 0)) return []
  return [`No replay was valid: ${first.invalid.join('; ')}.`]
}

function legendOf({ subjects }: LiveReport): string[] {
  return subjects.some(({ calibrated }) => calibrated !== null) ? LEGEND : LEGEND.slice(0, 1)
}

/** Per metric: a head and a row per subject. */
function tablesOf(report: LiveReport): string[][][] {
  return METRICS.map(([metric, title, cell]) => {
    const rows = report.subjects.map((subject) => [subject.label, ...cellsOf(subject, metric, cell)])
    const used = HEADS.map((_, column) =>
      rows.some((row) => row[column + 1] !== '' && row[column + 1] !== '-'),
    )
    const kept = (cells: readonly string[]) => cells.filter((_, i) => i === 0 || used[i - 1])
    return [[title, ...HEADS], ...rows].map(kept)
  }).filter(([head]) => head!.length > 1)
}

function cellsOf(
  { measured, bookkeeping, calibrated, asWritten, verdict }: SubjectReport,
  metric: string,
  cell: Cell,
): string[] {
  const recorded =
    bookkeeping === null
      ? undefined
      : single(valueCells(bookkeeping.metrics[metric] ?? null, true)[0] as number | null)
  const judged = verdict?.metrics.find((one) => one.metric === metric)
  return [
    cell(measured[metric], 2),
    cell(recorded, 0),
    cell(calibrated?.[metric], 2),
    cell(asWritten?.[metric], 0),
    judged === undefined ? '' : judged.isRight ? 'ok' : 'no',
  ]
}

function single(mean: number | null): Estimate {
  return { mean, low95: null, high95: null, runs: 1 }
}

/** Names left, numbers right; long names wrap on lines of their own. */
function aligned(
  rows: readonly (readonly string[])[],
  width: number,
  bold: (text: string) => string,
): string[] {
  const columns = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  const numbers = columns.slice(1).reduce((sum, characters) => sum + characters + 2, 0)
  const nameWidth = Math.max(12, Math.min(columns[0]!, width - numbers))
  return rows.flatMap(([name = '', ...cells], at) => {
    const right = cells.map((text, i) => `  ${text.padStart(columns[i + 1]!)}`).join('')
    const lines = name.match(new RegExp(`.{1,${nameWidth}}`, 'gu')) ?? ['']
    const text = lines.map((line, i) => (i === 0 ? `${line.padEnd(nameWidth)}${right}` : line))
    return at === 0 ? text.map(bold) : text
  })
}
