/** A report as -f asks for it: a table, JSON, CSV or markdown. */

import { partsOf } from '../../metrics/catalogue/shown.ts'
import { isMachineMeasured } from '../../node/machine-file.ts'
import { markdownText } from '../../report/comparison/markdown.ts'
import { shownRecords } from '../../report/comparison/measured-row.ts'
import type { Report } from '../../report/comparison/report.ts'
import { tableText } from '../../report/comparison/table.ts'
import { summaryCsv } from '../../report/parts/csv.ts'
import { jsonText } from '../../report/parts/json.ts'
import type { View } from '../../report/parts/view.ts'
import type { Format } from '../shared/format-names.ts'
import { type ProcessIo, usesColour, widthOf } from '../shared/process-io.ts'

/** @param view of a table, CSV or markdown */
export function formatted(
  report: Report,
  format: Format,
  view: View,
  { stdout, env }: Pick<ProcessIo, 'stdout' | 'env'>,
): string {
  if (format === 'json') return jsonText(report)
  if (format === 'csv') {
    return summaryCsv({ records: shownRecords(report, view) }, view.metrics && partsOf(view.metrics))
  }
  if (format === 'markdown') return markdownText(report, view)
  const layout = { width: widthOf(stdout), colour: usesColour(stdout, env) }
  return tableText(report, { ...layout, isMachineMeasured: isMachineMeasured(env) }, view)
}
