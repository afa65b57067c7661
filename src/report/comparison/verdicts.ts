/** The verdicts on captures that were compared separately: a line each, and how often who is named. */

import { visibleIn } from '../../visible.ts'
import { wrap } from '../parts/wrap.ts'
import { shortName } from './comparison-text.ts'
import type { Report } from './report.ts'
import { verdictTexts } from './verdict-text.ts'

const HEAD = 'The verdict, capture by capture:'

export function verdictLines(made: readonly Report[], format: 'table' | 'markdown', width: number): string[] {
  const reports = visibleIn(made)
  const rows = reports.map((report) => [report.title, verdictTexts(report)[0]!] as const)
  if (format === 'markdown') {
    return [HEAD, '', ...rows.map(([title, text]) => `- ${title}: ${text}`), '', togetherText(reports)]
  }
  const nameWidth = Math.max(0, ...rows.map(([title]) => title.length)) + 2
  const lines = rows.flatMap(([title, text]) =>
    wrap(text, Math.max(20, width - nameWidth - 2)).map(
      (line, i) => `  ${(i === 0 ? title : '').padEnd(nameWidth)}${line}`,
    ),
  )
  return [HEAD, ...lines, ...wrap(togetherText(reports), width)]
}

/** How often each policy is named, the most frequent first. */
function togetherText(reports: readonly Report[]): string {
  const times = new Map<string, number>()
  for (const { verdict, labels } of reports) {
    for (const label of verdict.policies.map((one) => shortName(one, labels)))
      times.set(label, (times.get(label) ?? 0) + 1)
  }
  if (times.size === 0) return 'No capture has a policy to choose.'
  const named = [...times].sort(([, a], [, b]) => b - a)
  const all = named.filter(([, count]) => count === reports.length).map(([label]) => label)
  const others = named.filter(([, count]) => count < reports.length)
  const parts = [
    ...(all.length > 0 ? [`in all ${reports.length}: ${all.join(', ')}`] : []),
    ...others.map(([label, count]) => `in ${count} of ${reports.length}: ${label}`),
  ]
  return `To choose ${parts.join('; ')}.`
}
