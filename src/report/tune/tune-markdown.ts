/** The answer of `tune` as GitHub markdown, intervals and bounds in every cell. */

import { visibleIn } from '../../visible.ts'
import { headFacts, hints } from '../comparison/comparison-text.ts'
import { pipes, plain } from '../parts/small-table.ts'
import type { View } from '../parts/view.ts'
import { curveTable } from './tune-columns.ts'
import type { TuneReport } from './tune-report.ts'
import { answers, remarks, tuneLegend } from './tune-text.ts'

export function tuneMarkdown(made: TuneReport, view: View = {}): string {
  const report = visibleIn(made)
  const table = pipes(curveTable(report, view, () => 2))
  const below = [...remarks(report), ...hints(report), ...tuneLegend(report, table.join(), view)]
  return [
    `**${plain(report.title)}**`,
    '',
    ...headFacts(report).map(([name, text]) => `- ${name}: ${plain(text)}`),
    '',
    ...answers(report).map(([name, text]) => `**${name}**: ${plain(text)}\n`),
    ...table,
    '',
    ...below.map((line) => `${plain(line)}\n`),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}
