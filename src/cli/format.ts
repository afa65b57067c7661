/** What -f means: the report as a table, JSON, CSV or markdown on stdout. */
import { didYouMean, UserError } from '../errors.ts'
import { summaryCsv } from '../report/csv.ts'
import { jsonText } from '../report/json.ts'
import { markdownText } from '../report/markdown.ts'
import type { Report } from '../report/report.ts'
import { tableText } from '../report/table.ts'
import { type Output, type Surroundings, usesColour, widthOf } from './surroundings.ts'

const FORMATS = ['table', 'json', 'csv', 'markdown'] as const

export type Format = (typeof FORMATS)[number]

/** Throws UserError for a word that is no format. */
export function formatOf(given: string, known: readonly string[] = FORMATS): Format {
  if (known.includes(given)) return given as Format
  const cure = didYouMean(given, known) || ` - use one of ${known.join(', ')}`
  throw new UserError(`-f ${given}: unknown format${cure}`, 2)
}

export function formatted(report: Report, format: Format, stdout: Output, env: Surroundings['env']): string {
  if (format === 'json') return jsonText(report)
  if (format === 'csv') return summaryCsv(report)
  if (format === 'markdown') return markdownText(report)
  return tableText(report, { width: widthOf(stdout), colour: usesColour(stdout, env) })
}
