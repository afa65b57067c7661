/**
 * A scan on stdout as -f asks for it. JSON and CSV may be long: they are copied from the files, piece by
 * piece.
 */
import { createReadStream } from 'node:fs'
import path from 'node:path'
import { partsOf } from '../../metrics/catalogue/shown.ts'
import { csvRows } from '../../plots/csv-rows.ts'
import { csvText } from '../../report/parts/csv.ts'
import type { ShownScan } from '../../report/scan/scan-report.ts'
import { scanMarkdown, scanTableText } from '../../report/scan/scan-table.ts'
import { type ProcessIo, show, usesColour, widthOf } from '../shared/process-io.ts'
import type { CheckedCompare } from './options.ts'

const PIECE_BYTES = 1 << 20

export async function printScan(
  shown: ShownScan,
  { format, columns }: Pick<CheckedCompare, 'format' | 'columns'>,
  folder: string,
  io: Pick<ProcessIo, 'stdout' | 'env'>,
): Promise<void> {
  const { stdout, env } = io
  if (format === 'table') {
    const options = { width: widthOf(stdout), colour: usesColour(stdout, env) }
    show(scanTableText(shown, options), format, io)
  } else if (format === 'markdown') stdout.write(scanMarkdown(shown))
  else if (format === 'csv' && columns !== undefined) {
    for (const text of chosenColumns(path.join(folder, 'summary.csv'), shown.metrics)) stdout.write(text)
  } else {
    const file = path.join(folder, format === 'json' ? 'report.json' : 'summary.csv')
    const pieces = createReadStream(file, { encoding: 'utf8', highWaterMark: PIECE_BYTES })
    for await (const piece of pieces) stdout.write(piece as string)
  }
}

/** The rows of summary.csv with the columns of these metrics, in their order. */
function* chosenColumns(file: string, metrics: readonly string[]): Generator<string> {
  const wanted = partsOf(metrics).flatMap((name) =>
    ['', '.low95', '.high95', '.count', '.of'].map((end) => name + end),
  )
  let places: readonly number[] | undefined
  for (const cells of csvRows(file)) {
    places ??= ['point', 'policy', ...wanted].map((name) => cells.indexOf(name)).filter((place) => place >= 0)
    yield csvText([places.map((place) => cells[place]!)])
  }
}
