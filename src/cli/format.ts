/** A report as -f asks for it: a table, JSON, CSV or markdown. */
import { summaryCsv } from '../report/csv.ts'
import { jsonText } from '../report/json.ts'
import { markdownText } from '../report/markdown.ts'
import type { Report } from '../report/report.ts'
import { tableText } from '../report/table.ts'
import type { Format } from './format-names.ts'
import { type Output, type Surroundings, usesColour, widthOf } from './surroundings.ts'

export function formatted(report: Report, format: Format, stdout: Output, env: Surroundings['env']): string {
  if (format === 'json') return jsonText(report)
  if (format === 'csv') return summaryCsv(report)
  if (format === 'markdown') return markdownText(report)
  return tableText(report, { width: widthOf(stdout), colour: usesColour(stdout, env) })
}
