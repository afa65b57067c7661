/** A report as -f asks for it: a table, JSON, CSV or markdown. */

import { markdownText } from '../../report/comparison/markdown.ts'
import type { Report } from '../../report/comparison/report.ts'
import { tableText } from '../../report/comparison/table.ts'
import { summaryCsv } from '../../report/parts/csv.ts'
import { jsonText } from '../../report/parts/json.ts'
import type { Format } from '../shared/format-names.ts'
import { type Output, type ProcessIo, usesColour, widthOf } from '../shared/process-io.ts'

export function formatted(report: Report, format: Format, stdout: Output, env: ProcessIo['env']): string {
  if (format === 'json') return jsonText(report)
  if (format === 'csv') return summaryCsv(report)
  if (format === 'markdown') return markdownText(report)
  return tableText(report, { width: widthOf(stdout), colour: usesColour(stdout, env) })
}
