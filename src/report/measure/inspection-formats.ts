/**
 * Inspections for programs and for pull requests. JSON: one object per capture and line. CSV: one row per
 * capture, the columns named as in JSON; lists aren't in it, except link types as "name: frames" and the
 * share of the largest flow. An unknown value is null in JSON and an empty field in CSV.
 */
import { stringify } from 'csv-stringify/sync'
import type { Inspection } from '../../measure/inspect/inspection.ts'
import { visibleIn, visibleJson } from '../../visible.ts'
import { pipes, plain } from '../parts/small-table.ts'
import { inspectionFacts, inspectionTables, largestFlows } from './inspection-text.ts'

export function inspectionJson(found: Inspection): string {
  return `${visibleJson(JSON.stringify(found))}\n`
}

/** One row, below its header where that is wanted. */
export function inspectionCsv(found: Inspection, withHeader: boolean): string {
  const { problems, linkTypes, largestFlows, files: _, interfaces: _i, directions: _d, ...plain } = found
  const row = {
    ...plain,
    problems: problems.length,
    linkTypes: linkTypes.map(({ name, frames }) => `${name}: ${frames}`).join('; '),
    largestFlow: largestFlows[0]?.flow,
    largestFlowPacketsRatio: largestFlows[0]?.packetsRatio,
    largestFlowBytesRatio: largestFlows[0]?.bytesRatio,
  }
  const options = { cast: { number: (value: number) => String(value), boolean: String } }
  return stringify([...(withHeader ? [Object.keys(row)] : []), Object.values(row)], options)
}

export function inspectionMarkdown(made: Inspection): string {
  const found = visibleIn(made)
  const tables = [...inspectionTables(found), largestFlows(found)].flatMap((table) => ['', ...pipes(table)])
  return [
    `**${plain(found.capture)}**`,
    '',
    ...inspectionFacts(found).map(([name, text]) => `- ${name}: ${plain(text)}`),
    ...tables,
  ]
    .join('\n')
    .concat('\n')
}
