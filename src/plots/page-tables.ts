/**
 * The tables of the HTML page: what the command's own table shows, sortable, with the exact numbers behind
 * the cells.
 */

import { partsOf, type ShownMetric, shownMetric } from '../metrics/catalogue/shown.ts'
import type { MetricSummary } from '../metrics/statistics/comparison.ts'
import { COMPARED, HEADLINE } from '../report/comparison/columns.ts'
import type { JudgedReplays } from '../report/live/judged-replays.ts'
import { cellOf, type Detail } from '../report/parts/format-cell.ts'
import { valueText } from '../report/scan/scan-grid.ts'
import { tellingMetrics } from '../report/tune/tune-columns.ts'
import { stepName, yardstickOf } from './chosen-ttls.ts'
import { escaped } from './markup.ts'
import { plainName } from './policy-names.ts'
import { isScan, type SavedReport, type SavedResult, type TuneAnswer } from './saved.ts'

interface Cell {
  readonly text: string
  /** What rows are sorted by; null: unknown. */
  readonly value: number | string | null
}

interface TableColumn<T> {
  readonly head: string
  cell(row: T): Cell
}

interface Measured {
  readonly metrics: Readonly<Record<string, MetricSummary>>
}

/** What the terminal sums up stands apart here, where there is room. */
const METRICS = partsOf(COMPARED).map(metricColumn)
const LIVE_METRICS = ['reorderedRatio', 'latencyNsP50', 'latencyNsP99']

function metricColumn(name: string): TableColumn<Measured> {
  const shown = shownMetric(name)
  // The interval is of the headline alone, or the table is too wide; charts have the others.
  const detail = name === HEADLINE ? 1 : 0
  return { head: shown.shortTitle, cell: ({ metrics }) => summaryCell(shown, metrics[name], detail) }
}

function summaryCell(shown: ShownMetric, summary: MetricSummary | undefined, detail: Detail): Cell {
  return { text: cellOf(shown, summary, detail), value: summary?.mean ?? null }
}

/** The tables of one result. */
export function tablesOf(result: SavedResult): string {
  const { report, live } = result
  if (live !== null) return liveTable(live)
  const { tune } = report!
  const compared = comparisonTable(report!, result.lineOf)
  if (tune === undefined) return compared
  return `${ttlTable(tune, result)}
<details><summary>The same policies in the columns of a comparison</summary>${compared}</details>`
}

function comparisonTable(report: SavedReport, lineOf: SavedResult['lineOf']): string {
  const settings = isScan(report) ? (report.scan ?? []).map(({ path }) => path) : []
  const points = new Map((report.points ?? []).map((point) => [point.point, point.settings]))
  type Row = SavedReport['records'][number]
  const columns: TableColumn<Row>[] = [
    { head: 'policy', cell: ({ policy }) => ({ text: plainName(policy), value: policy }) },
    ...settings.map((path) => ({
      head: path,
      cell: ({ point }: Row) => {
        const value = points.get(point)?.[path] ?? ''
        return { text: valueText(value), value: typeof value === 'number' ? value : point }
      },
    })),
    ...METRICS,
  ]
  const failed = report.records.filter(({ error }) => error !== null)
  const notes = failed.map(({ policy, error }) => `<p>${escaped(`${policy}: ${error}`)}</p>`)
  const rows = report.records.filter(({ error }) => error === null)
  return table<Row>(columns, rows, ({ point, policy }) => lineOf(point, policy)) + notes.join('')
}

/** A row per TTL, the yardstick last. */
function ttlTable(tune: TuneAnswer, result: SavedResult): string {
  type Row = Measured & { readonly policy: string; readonly ttl: Cell }
  const yardstick = result.report!.records.find(({ policy }) => policy === yardstickOf(result))
  const rows: Row[] = [
    ...tune.curve.map((step) => {
      const value = step.ttlNs ?? Number.MAX_VALUE
      return { ...step, ttl: { text: stepName(tune, step), value } }
    }),
    ...(yardstick === undefined || yardstick.error !== null
      ? []
      : [{ ...yardstick, ttl: { text: plainName('drained'), value: null } }]),
  ]
  const ttl: TableColumn<Row> = { head: 'TTL', cell: (row) => row.ttl }
  const metrics = tellingMetrics(tune.curve.map((row) => row.metrics)).map(metricColumn)
  return table<Row>([ttl, ...metrics], rows, ({ policy }) => policy)
}

function liveTable({ subjects }: JudgedReplays): string {
  type Row = JudgedReplays['subjects'][number]
  const columns: TableColumn<Row>[] = [
    { head: 'policy', cell: ({ label }) => ({ text: label, value: label }) },
    ...LIVE_METRICS.map(shownMetric).flatMap((shown): TableColumn<Row>[] => [
      {
        head: `${shown.shortTitle}, measured`,
        cell: ({ measured }) => summaryCell(shown, measured[shown.name], 1),
      },
      {
        head: `${shown.shortTitle}, predicted`,
        cell: ({ calibrated }) => summaryCell(shown, calibrated?.[shown.name], 1),
      },
    ]),
  ]
  return table<Row>(columns, subjects, ({ label }) => label)
}

function table<T>(
  columns: readonly TableColumn<T>[],
  rows: readonly T[],
  policyOf: (row: T) => string,
): string {
  const heads = columns.map(
    ({ head }) => `<th scope="col"><button type="button">${escaped(head)}</button></th>`,
  )
  const lines = rows.map((row) => {
    const cells = columns.map((column) => {
      const { text, value } = column.cell(row)
      // Long labels may break behind a colon or a comma.
      const shown = escaped(text).replaceAll(/([:,])/g, '$1<wbr>')
      return `<td data-value="${escaped(value === null ? '' : String(value))}">${shown}</td>`
    })
    return `<tr data-policy="${escaped(policyOf(row))}">${cells.join('')}</tr>`
  })
  return `<div class="table" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${heads.join('')}</tr></thead><tbody>${lines.join('\n')}</tbody></table></div>`
}
