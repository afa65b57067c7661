/**
 * The work of `lanewise inspect`: describes captures one after the other. One that can't be read gives its
 * line and the others go on; one that is damaged is described up to there, with a warning.
 */

import { UserError } from '../../errors.ts'
import { inspectCapture } from '../../measure/inspect/inspect.ts'
import type { Inspection } from '../../measure/inspect/inspection.ts'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { inputPath } from '../../node/bundled.ts'
import { bytesOfStream } from '../../node/open-bytes.ts'
import { captureOf, openCapture } from '../../node/open-capture.ts'
import { inspectionTable } from '../../report/measure/inspection-table.ts'
import { STANDARD_INPUT } from '../../scenario/schema/source.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import type { PacketReader } from '../../traffic/capture/packet-reader.ts'
import { SortedReader } from '../../traffic/capture/sorted-reader.ts'
import { type Format, formatOf } from '../shared/format-names.ts'
import { interrupted, type ProcessIo, sayLines, show, usesColour, widthOf } from '../shared/process-io.ts'
import { refuseStandardInput, together } from '../shared/several-files.ts'
import { STANDARD_INPUT_NAME, standardInput } from '../shared/standard-input.ts'
import type { InspectOptions } from './options.ts'

/** Does the work; resolves to the exit code. Throws UserError where the command is wrong. */
export async function inspectCaptures(
  files: readonly string[],
  options: InspectOptions,
  io: ProcessIo,
): Promise<number> {
  const { stderr, signal } = io
  const format = formatOf(options.format)
  for (const file of files) inputPath(file, 'capture')
  refuseStandardInput(files)
  const captures = await capturesOf(files, options, io)
  let described = 0
  let failed = 0
  for (const capture of captures) {
    try {
      const found = await inspectOne(capture, options.sort === true, io)
      show(await formatted(found, format, described === 0, io), format, io)
      if (!options.quiet) sayLines(found.problems, stderr)
      described++
    } catch (error) {
      if (signal.aborted) {
        return interrupted(`${described} of ${captures.length} captures are described`, stderr, signal)
      }
      if (!(error instanceof UserError) || error.exitCode === 2) throw error
      sayLines(error.lines, stderr)
      failed++
    }
  }
  return failed > 0 ? 1 : 0
}

/** The files, or all of them as one. A file that can't be read is said in its turn. */
async function capturesOf(
  files: readonly string[],
  options: InspectOptions,
  { stderr, signal }: ProcessIo,
): Promise<readonly CapturePaths[]> {
  try {
    const found = await together(files, options, signal, () => {})
    if (!found.isOne) return files
    if (found.said !== undefined && !options.quiet) {
      stderr.write(`${found.said} - one by one: --separate\n`)
    }
    return [found.input]
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode === 2 || options.asOne) throw error
    return files
  }
}

async function inspectOne(file: CapturePaths, sort: boolean, io: ProcessIo): Promise<Inspection> {
  const { signal } = io
  signal.throwIfAborted()
  const reader = await open(file, io)
  try {
    const source = sort ? new SortedReader(reader) : reader
    const found = await inspectCapture(source, sort, () => signal.throwIfAborted())
    return typeof file === 'string' ? found : { ...found, files: file }
  } finally {
    await reader.close()
  }
}

function open(file: CapturePaths, io: ProcessIo): Promise<PacketReader> {
  if (file !== STANDARD_INPUT) return openCapture(file)
  return captureOf(bytesOfStream(standardInput(io)), STANDARD_INPUT_NAME, new FlowTable())
}

async function formatted(
  found: Inspection,
  format: Format,
  isFirst: boolean,
  { stdout, env }: ProcessIo,
): Promise<string> {
  const between = isFirst ? '' : '\n'
  if (format === 'table') {
    return between + inspectionTable(found, { width: widthOf(stdout), colour: usesColour(stdout, env) })
  }
  const { inspectionCsv, inspectionJson, inspectionMarkdown } = await import(
    '../../report/measure/inspection-formats.ts'
  )
  if (format === 'json') return inspectionJson(found)
  if (format === 'csv') return inspectionCsv(found, isFirst)
  return between + inspectionMarkdown(found)
}
