/** How the verdict varies over captures that were compared separately: a line each, and how often who won. */
import { wrap } from '../parts/wrap.ts'
import { shortName, winnerText } from './comparison-text.ts'
import type { Report } from './report.ts'

const OPENING = 'Fewest reordered: '

export function verdictLines(
  reports: readonly Report[],
  format: 'table' | 'markdown',
  width: number,
): string[] {
  const rows = reports.map((report) => {
    const [line = 'nothing to compare.'] = winnerText(report)
    return [report.title, line.startsWith(OPENING) ? line.slice(OPENING.length) : line] as const
  })
  const head = 'Fewest reordered, capture by capture:'
  if (format === 'markdown') {
    return [head, '', ...rows.map(([title, text]) => `- ${title}: ${text}`), '', togetherText(reports)]
  }
  const nameWidth = Math.max(0, ...rows.map(([title]) => title.length)) + 2
  const lines = rows.flatMap(([title, text]) =>
    wrap(text, Math.max(20, width - nameWidth - 2)).map(
      (line, i) => `  ${(i === 0 ? title : '').padEnd(nameWidth)}${line}`,
    ),
  )
  return [head, ...lines, ...wrap(togetherText(reports), width)]
}

/** How often each policy is named, the most frequent first. */
function togetherText(reports: readonly Report[]): string {
  const judged = reports.filter(({ winner }) => winner !== null)
  const times = new Map<string, number>()
  for (const { winner, labels } of judged) {
    for (const label of winner!.policies.map((one) => shortName(one, labels)))
      times.set(label, (times.get(label) ?? 0) + 1)
  }
  const named = [...times].sort(([, a], [, b]) => b - a)
  const all = named.filter(([, count]) => count === judged.length).map(([label]) => label)
  const others = named.filter(([, count]) => count < judged.length)
  const parts = [
    ...(all.length > 0 ? [`in all ${judged.length}: ${all.join(', ')}`] : []),
    ...others.map(([label, count]) => `in ${count} of ${judged.length}: ${label}`),
  ]
  if (judged.length === 0) return 'No capture has a verdict.'
  return `${others.length === 0 ? 'The verdict is the same' : 'The verdict varies'}: ${parts.join('; ')}.`
}
