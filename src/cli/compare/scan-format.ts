/**
 * A scan on stdout as -f asks for it. JSON and CSV may be long: they are copied from the files, piece by
 * piece.
 */
import { createReadStream } from 'node:fs'
import path from 'node:path'
import type { ShownScan } from '../../report/scan/scan-report.ts'
import { scanMarkdown, scanTableText } from '../../report/scan/scan-table.ts'
import type { Format } from '../shared/format-names.ts'
import { type ProcessIo, usesColour, widthOf } from '../shared/process-io.ts'

const PIECE_BYTES = 1 << 20

export async function printScan(
  shown: ShownScan,
  format: Format,
  folder: string,
  { stdout, env }: Pick<ProcessIo, 'stdout' | 'env'>,
): Promise<void> {
  if (format === 'table') {
    stdout.write(scanTableText(shown, { width: widthOf(stdout), colour: usesColour(stdout, env) }))
  } else if (format === 'markdown') stdout.write(scanMarkdown(shown))
  else {
    const file = path.join(folder, format === 'json' ? 'report.json' : 'summary.csv')
    const pieces = createReadStream(file, { encoding: 'utf8', highWaterMark: PIECE_BYTES })
    for await (const piece of pieces) stdout.write(piece as string)
  }
}
