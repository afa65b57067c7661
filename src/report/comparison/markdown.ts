/**
 * The table as GitHub markdown, to be pasted into an issue or a pull request: intervals and bounds in every
 * cell.
 */
import { yardstickMark } from '../../metrics/catalogue/recommendable.ts'
import { visibleIn } from '../../visible.ts'
import { metricColumns } from '../parts/metric-columns.ts'
import type { View } from '../parts/view.ts'
import { COMPARED, differs, HEADLINE } from './columns.ts'
import { headFacts, hints, legend } from './comparison-text.ts'
import { shownRecords } from './measured-row.ts'
import type { PolicyRecord, Report } from './report.ts'
import { verdictTexts } from './verdict-text.ts'

export function markdownText(made: Report, view: View = {}): string {
  const report = visibleIn(made)
  const { metrics = COMPARED } = view
  const columns = metricColumns(metrics)
  const heads = ['policy', ...columns.map(({ shortTitle }) => shortTitle)]
  const rows = shownRecords(report, view).map((record) => {
    if (record.error !== null) return [nameOf(record), 'failed', ...columns.slice(1).map(() => '')]
    const cells = columns.map(
      ({ name, cell }) => cell(record.metrics, 2) + (name === HEADLINE && differs(record) ? ' \\*' : ''),
    )
    return [nameOf(record), ...cells]
  })
  const rule = ['---', ...columns.map(() => '--:')]
  const table = [heads, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return [
    `**${plain(report.title)}**`,
    '',
    ...headFacts(report).map(([name, text]) => `- ${name}: ${plain(text)}`),
    '',
    ...table,
    '',
    ...[...verdictTexts(report), ...legend(report, table.join(), metrics), ...hints(report)].map(
      (line) => `${plain(line)}\n`,
    ),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function nameOf({ policy }: PolicyRecord): string {
  return `\`${policy.replaceAll('|', '\\|')}\`${yardstickMark(policy)}`
}

/** Text in which nothing is markdown. */
function plain(text: string): string {
  return text.replace(/[\\`*_<>|[\]~]/g, '\\$&')
}
