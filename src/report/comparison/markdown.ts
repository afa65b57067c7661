/**
 * The table as GitHub markdown, to be pasted into an issue or a pull request: intervals and bounds in every
 * cell.
 */
import { columns, differs } from './columns.ts'
import { headFacts, hints, legend } from './comparison-text.ts'
import type { Report } from './report.ts'
import { verdictTexts } from './verdict-text.ts'

export function markdownText(report: Report): string {
  const heads = ['policy', ...columns.map(({ shortTitle }) => shortTitle)]
  const rows = report.records.map((record) => {
    if (record.error !== null) return [code(record.policy), 'failed', ...columns.slice(1).map(() => '')]
    const [headline, ...others] = columns.map(({ cell }) => cell(record.metrics, 2))
    return [code(record.policy), `${headline}${differs(record) ? ' \\*' : ''}`, ...others]
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
    ...[...verdictTexts(report), ...legend(report, table.join()), ...hints(report)].map(
      (line) => `${plain(line)}\n`,
    ),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function code(label: string): string {
  return `\`${label.replaceAll('|', '\\|')}\``
}

/** Text in which nothing is markdown. */
function plain(text: string): string {
  return text.replace(/[\\`*_<>|[\]~]/g, '\\$&')
}
