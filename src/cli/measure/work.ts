/**
 * The work of `lanewise measure`: reads what arrived, judges it (measure/judge.ts), writes the results and
 * says which gates were kept. A single capture is judged by numbers that its packets carry, or explained: it
 * doesn't hold the order of sending.
 */
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import { ArrivalTrace } from '../../measure/arrivals/arrival-trace.ts'
import type { Measured } from '../../measure/arrivals/arrivals.ts'
import { readArrivals } from '../../measure/arrivals/arrivals-file.ts'
import { isCapture } from '../../measure/arrivals/input-kind.ts'
import { matchQlogs } from '../../measure/arrivals/qlog-pair.ts'
import { judgeGates } from '../../measure/gates.ts'
import { matchCaptures } from '../../measure/matching/match.ts'
import { sidesWithin, type TwoSides } from '../../measure/matching/two-interfaces.ts'
import { type Judged, MEASURED, type Measurement } from '../../measure/measurement.ts'
import { readNumbered } from '../../measure/numberings/read-numbered.ts'
import { inputPath } from '../../node/bundled.ts'
import {
  measuredFlowsCsv,
  measurementMarkdown,
  measurementTable,
} from '../../report/measure/measurement-formats.ts'
import { distributionsCsv, summaryCsv } from '../../report/parts/csv.ts'
import { jsonText } from '../../report/parts/json.ts'
import { FLOWS_PER_POLICY_MAX } from '../../run/worst-flows.ts'
import { STANDARD_INPUT } from '../../scenario/schema/source.ts'
import {
  type CaptureFile,
  type CapturePaths,
  wholeName,
  withPartInStem,
} from '../../traffic/capture/capture-files.ts'
import { filesOf, sideOf, sidesOf } from '../shared/capture-pair.ts'
import { checkResults, openResults } from '../shared/earlier-results.ts'
import { judgeMeasured } from '../shared/judge-measured.ts'
import { interrupted, type ProcessIo, show, usesColour, widthOf } from '../shared/process-io.ts'
import { provenanceAtStart, provenanceOfInputs } from '../shared/provenance.ts'
import { RESULT_NAMES } from '../shared/result-files.ts'
import { checkRowsFile } from '../shared/rows-file.ts'
import { type Spooled, STANDARD_INPUT_NAME, spoolStandardInput } from '../shared/standard-input.ts'
import { openTrace } from '../shared/trace-file.ts'
import { gateLine } from '../shared/verdict/gate-line.ts'
import { checkExports, refuseExports, writeExports } from './exports.ts'
import { explainOneSide } from './one-side.ts'
import { type Checked, checkOptions, type Inputs, type MeasureOptions } from './options.ts'
import { type QlogSides, qlogsOf } from './qlog-sides.ts'

const FOR_TWO = 'for two captures only (--sent, --received)'

/** Does the work; resolves to the exit code. Throws UserError. */
export async function measure(
  files: readonly string[],
  options: MeasureOptions,
  io: ProcessIo,
): Promise<number> {
  const checked = checkOptions(files, options)
  const { inputs } = checked
  let spooled: Spooled | undefined
  try {
    if (inputs.kind === 'captures') return await measureCaptures(inputs, checked, options, io)
    if (inputs.kind === 'side') return await measureSide(inputs, checked, options, io)
    if (inputs.file === STANDARD_INPUT) spooled = await spoolStandardInput(io)
    const file =
      spooled === undefined
        ? { path: inputPath(inputs.file, 'capture'), name: inputs.file }
        : { path: spooled.path, name: STANDARD_INPUT_NAME }
    return await measureFile(file, checked, options, io)
  } catch (error) {
    const { signal, stderr } = io
    if (!signal.aborted) throw error
    return interrupted('nothing was written', stderr, signal)
  } finally {
    spooled?.remove()
  }
}

async function measureCaptures(
  inputs: Extract<Inputs, { kind: 'captures' }>,
  checked: Checked,
  options: MeasureOptions,
  io: ProcessIo,
): Promise<number> {
  refuse(checked.onlyForArrivals, 'for arrival files only')
  refuse(checked.onlyForOne, 'for one capture only')
  const qlogs = await qlogsOf(inputs)
  if (qlogs !== undefined) return measureQlogs(qlogs, checked, options, io)
  const { sent, received } = await sidesOf(inputs, options, io)
  const from = filesOf('--sent', sent)
  const to = filesOf('--received', received)
  const name = `${nameOf(from)}-${nameOf(to)}`
  checkResults(outputOf(name, options), resultsOf([...from, ...to], options), io)
  const measured = await matchCaptures(sent, received, checked.match)
  const title = `${titleOf(from)} to ${titleOf(to)}`
  const about = { title, name, inputs: { sent, received } }
  return finish(measured, about, [...from, ...to], checked, options, io)
}

async function measureQlogs(
  { sent, received }: QlogSides,
  checked: Checked,
  options: MeasureOptions,
  io: ProcessIo,
): Promise<number> {
  refuse(checked.onlyForCaptures, 'for captures only')
  const name = `${nameOf([sent])}-${nameOf([received])}`
  checkResults(outputOf(name, options), resultsOf([sent, received], options), io)
  const measured = await matchQlogs(sent, received)
  const title = `${titleOf([sent])} to ${titleOf([received])}`
  const about = { title, name, inputs: { sent: sent.name, received: received.name } }
  return finish(measured, about, [sent, received], checked, options, io)
}

async function measureSide(
  { option, files }: Extract<Inputs, { kind: 'side' }>,
  checked: Checked,
  options: MeasureOptions,
  io: ProcessIo,
): Promise<number> {
  refuse(checked.onlyForArrivals, 'for arrival files only')
  const paths = await sideOf(option, files, options, io)
  return measureOne(paths, filesOf(option, paths), checked, options, io)
}

/** By its packets' own numbers, where they have any. */
async function measureOne(
  paths: CapturePaths,
  files: readonly CaptureFile[],
  checked: Checked,
  options: MeasureOptions,
  io: ProcessIo,
): Promise<number> {
  refuse(checked.onlyForCaptures, FOR_TWO)
  const whole = files.length === 1 ? files[0]!.name : wholeName(paths)
  const measured = await readNumbered(paths, checked.numbering, whole)
  io.signal.throwIfAborted()
  if (measured === undefined) {
    refuseExports(options)
    if (checked.onlyForOne.length > 0) throw new UserError(`${whole}: ${noneOf(checked)}`)
    return explainOneSide({ path: paths, name: whole }, checked, io)
  }
  const isPiped = files[0]!.name === STANDARD_INPUT_NAME
  const name = isPiped ? 'stdin' : nameOf(files)
  checkResults(outputOf(name, options), resultsOf(files, options), io)
  const title = isPiped ? STANDARD_INPUT_NAME : titleOf(files)
  const capture = files.length === 1 ? files[0]!.name : files.map((file) => file.name)
  return finish(measured, { title, name, inputs: { capture } }, files, checked, options, io)
}

function noneOf({ onlyForOne }: Checked): string {
  return `${onlyForOne.join()}: no packet has such a number - leave it out, and numbers that count are found by themselves`
}

function titleOf([first, ...others]: readonly CaptureFile[]): string {
  const name = path.basename(first!.path)
  return others.length === 0 ? name : `${name} (${others.length + 1} files)`
}

function nameOf([first, ...others]: readonly CaptureFile[]): string {
  return others.length === 0 ? stemOf(first!.path) : `${stemOf(first!.path)}+${others.length}`
}

async function measureFile(
  file: CaptureFile,
  checked: Checked,
  options: MeasureOptions,
  io: ProcessIo,
): Promise<number> {
  if (await isCapture(file.path, file.name)) {
    refuse(checked.onlyForArrivals, 'for arrival files only')
    const sides =
      options.numbering === undefined ? await sidesWithin(file.path, checked.match.nat === true) : undefined
    if (sides?.areSame && file.name !== STANDARD_INPUT_NAME) {
      const parts = partsOf(file.name, sides)
      if (!options.quiet) io.stderr.write(`${sidesText(file.name, sides)}\n`)
      const inputs = { kind: 'captures', sent: [parts.sent], received: [parts.received] } as const
      return measureCaptures(inputs, checked, options, io)
    }
    const code = await measureOne(file.path, [file], checked, options, io)
    if (sides !== undefined && !options.quiet) io.stderr.write(`${sidesText(file.name, sides)}\n`)
    return code
  }
  refuse(checked.onlyForOne, 'for one capture only')
  refuse(checked.onlyForCaptures, FOR_TWO)
  if (options.sent !== undefined || options.received !== undefined) {
    throw new UserError(
      `${file.name}: not a capture - arrival files stand alone: lanewise measure ${file.name}`,
      2,
    )
  }
  const isPiped = file.name !== file.path
  const name = isPiped ? 'stdin' : stemOf(file.name)
  checkResults(outputOf(name, options), resultsOf([file], options), io)
  const measured = await readArrivals(file.path, file.name, checked.map)
  const about = {
    title: isPiped ? file.name : path.basename(file.name),
    name,
    inputs: { arrivals: file.name },
  }
  return finish(measured, about, [file], checked, options, io)
}

function partsOf(name: string, { sent, received }: TwoSides) {
  return { sent: `${name}#${sent.part}`, received: `${name}#${received.part}` }
}

/** What was made of the two sides in one capture, or what to type. */
function sidesText(name: string, sides: TwoSides): string {
  const isPiped = name === STANDARD_INPUT_NAME
  const parts = partsOf(isPiped ? 'FILE' : name, sides)
  const command = `${isPiped ? 'save it: ' : ''}lanewise measure --sent ${parts.sent} --received ${parts.received}`
  const { sent, received, areSame } = sides
  if (areSame && !isPiped)
    return `${name}: judged from ${sent.words}, where packets are first, to ${received.words}: ${command}`
  return `${name}: holds two sides, ${sent.words} and ${received.words} - to judge one against the other: ${command}`
}

function refuse(given: readonly string[], why: string): void {
  if (given.length > 0) throw new UserError(`${given.join(', ')}: ${why} - leave it out`, 2)
}

function outputOf(name: string, { output }: MeasureOptions): string {
  return output ?? path.join('results', `${name}-measured`)
}

function resultsOf(files: readonly CaptureFile[], { quiet }: MeasureOptions) {
  // A piped file is read from a copy; what is behind standard input is read all the same.
  const isPiped = files.some(({ name }) => name === STANDARD_INPUT_NAME)
  const inputs = [...files.map((file) => file.path), ...(isPiped ? [STANDARD_INPUT] : [])]
  return { kind: 'measurement', inputs, quiet } as const
}

type About = Pick<Measurement, 'title' | 'name' | 'inputs'>

/** Judges, writes and prints. */
async function finish(
  measured: Measured,
  about: About,
  files: readonly CaptureFile[],
  checked: Checked,
  options: MeasureOptions,
  io: ProcessIo,
): Promise<number> {
  const { argv, stdout, stderr, env, signal } = io
  signal.throwIfAborted()
  const output = outputOf(about.name, options)
  const inputs = files.map((file) => file.path)
  if (options.trace !== undefined) {
    checkRowsFile('--trace', options.trace, { inputs, folder: output, results: RESULT_NAMES })
  }
  checkExports(options, inputs, output)
  const { folder, putBack } = openResults(output, resultsOf(files, options), io)
  const provenance = provenanceAtStart(argv)
  let judged: Judged
  try {
    judged = await judgeAndTrace(measured, checked, options.trace, signal)
  } catch (error) {
    putBack()
    throw error
  }
  const gates = judgeGates(checked.limits, judged.metrics)
  const { flowsShown, format } = checked
  const measurement = measurementOf(judged, about, checked, gates)
  const written = {
    'report.json': jsonText(measurement),
    'summary.csv': summaryCsv(measurement),
    'flows.csv': measuredFlowsCsv(judged.worstFlows.slice(0, Math.max(flowsShown, FLOWS_PER_POLICY_MAX))),
    'distributions.csv': distributionsCsv([
      { policies: [{ label: MEASURED, distributions: judged.distributions }] },
    ]),
  }
  folder.write(written, await provenanceOfInputs(provenance, files))
  writeExports(measurement, options)
  if (format === 'json') stdout.write(jsonText(measurement))
  else if (format === 'csv') stdout.write(summaryCsv(measurement))
  else if (format === 'markdown') stdout.write(measurementMarkdown(measurement))
  else
    show(
      measurementTable(measurement, { width: widthOf(stdout), colour: usesColour(stdout, env) }),
      format,
      io,
    )
  if (!options.quiet) {
    for (const note of measurement.notes) stderr.write(`${note}\n`)
    const trace = options.trace === undefined ? '' : `, the trace in ${options.trace}`
    stderr.write(`results are in ${folder.path}${trace}\n`)
  }
  for (const gate of gates) stderr.write(`${gateLine(gate.gate, gate)}\n`)
  return gates.every(({ isKept }) => isKept) ? 0 : 1
}

async function judgeAndTrace(
  measured: Measured,
  checked: Checked,
  traceFile: string | undefined,
  signal: AbortSignal,
): Promise<Judged> {
  const { assumptions, sequenceBits, flowsShown } = checked
  const file = traceFile === undefined ? undefined : openTrace(traceFile)
  const trace = file && new ArrivalTrace(measured, file.write)
  try {
    const judged = judgeMeasured(measured, assumptions, {
      sequenceBits,
      worstFlows: Math.max(flowsShown, FLOWS_PER_POLICY_MAX),
      ...(trace && { onRow: (row, verdict) => trace.add(row, verdict) }),
    })
    trace?.end()
    // Lets a signal in that came meanwhile.
    await setImmediate()
    signal.throwIfAborted()
    file?.keep()
    return judged
  } finally {
    file?.close()
  }
}

function measurementOf(
  { metrics, counts, numbering, sequenceBits, flows, judgesAll, clock, notes, worstFlows }: Judged,
  about: About,
  { assumptions, flowsShown }: Checked,
  gates: Measurement['gates'],
): Measurement {
  return {
    schemaVersion: 1,
    ...about,
    assumptions: { ...assumptions, sequenceBits },
    judgesAll,
    packets: {
      sent: counts.sent,
      arrived: counts.matched,
      lost: counts.lost,
      corrupted: counts.corrupted,
      rewritten: counts.rewritten,
    },
    counts,
    numbering,
    flows,
    clock,
    notes,
    records: [{ point: 0, policy: MEASURED, metrics }],
    gates,
    worstFlows: worstFlows.slice(0, flowsShown),
  }
}

function stemOf(file: string): string {
  const base = withPartInStem(path.basename(file)).replace(/\.(gz|zst)$/i, '')
  return path.parse(base).name.replace(/^\.+/, '') || 'arrivals'
}
