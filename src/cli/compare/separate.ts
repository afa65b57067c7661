/**
 * The work of `lanewise compare` on several captures that are separate: each is compared for itself, with a
 * table and a folder of its own, and at the end the verdicts stand side by side.
 */
import path from 'node:path'
import { UserError } from '../../errors.ts'
import { partsOf } from '../../metrics/catalogue/shown.ts'
import { shownRecords } from '../../report/comparison/measured-row.ts'
import type { Report } from '../../report/comparison/report.ts'
import { verdictLines } from '../../report/comparison/verdicts.ts'
import { summariesCsv } from '../../report/parts/csv.ts'
import { jsonText } from '../../report/parts/json.ts'
import type { View } from '../../report/parts/view.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { checkResults, inputsOf } from '../shared/earlier-results.ts'
import { type ProcessIo, sayLines, show, widthOf } from '../shared/process-io.ts'
import type { VerdictAbout } from '../shared/verdict/verdict.ts'
import { formatted } from './format.ts'
import type { CheckedCompare } from './options.ts'

/** What is compared, and what its verdict says of it. */
export interface Compared {
  readonly loaded: LoadedScenario
  readonly about: VerdictAbout
  readonly view: View
}

/** Compares one capture; `print` takes its report. Resolves to the exit code. */
export type CompareOne = (
  capture: Compared,
  options: CheckedCompare,
  print: (report: Report) => void,
) => Promise<number>

/**
 * Resolves to the exit code: that of the worst. One that fails gives its lines, the others go on. Throws
 * UserError.
 */
export async function compareSeparately(
  captures: readonly Compared[],
  options: CheckedCompare,
  io: ProcessIo,
  compareOne: CompareOne,
): Promise<number> {
  if (options.trace !== undefined) {
    throw new UserError(
      `--trace ${options.trace}: not of several captures - trace one, or join them: --as-one`,
      2,
    )
  }
  if (options.junit !== undefined) {
    throw new UserError(
      `--junit ${options.junit}: not of several captures - judge one, or join them: --as-one`,
      2,
    )
  }
  const { stdout, stderr, signal } = io
  const { format } = options
  // The options say it, so it is that of every capture.
  const { view } = captures[0]!
  const named = withOwnNames(captures)
  const outputOf = ({ loaded }: Compared) => path.join(options.output ?? 'results', loaded.name)
  // No capture's results may replace another one, which is read later.
  const inputs = captures.flatMap(({ loaded }) => inputsOf(loaded, options.calibration))
  for (const capture of named) checkResults(outputOf(capture), { kind: 'comparison', inputs }, io)
  const isText = format === 'table' || format === 'markdown'
  const reports: Report[] = []
  let exitCode = 0
  for (const capture of named) {
    const output = outputOf(capture)
    try {
      const code = await compareOne(capture, { ...options, output }, (report) => {
        if (isText) show(`${formatted(report, format, view, io)}\n`, format, io)
        reports.push(report)
      })
      exitCode = Math.max(exitCode, code)
    } catch (error) {
      // What ends the whole command is said by who ends it.
      if (!(error instanceof UserError) || error === signal.reason) throw error
      sayLines(error.lines, stderr)
      exitCode = Math.max(exitCode, error.exitCode)
    }
    if (signal.aborted) return exitCode
  }
  if (format === 'json') stdout.write(jsonText({ schemaVersion: 1, reports }))
  else if (format === 'csv') {
    const shown = reports.map((report) => ({ name: report.name, records: shownRecords(report, view) }))
    stdout.write(summariesCsv(shown, view.metrics && partsOf(view.metrics)))
  } else
    stdout.write(
      verdictLines(reports, format, widthOf(stdout))
        .map((line) => `${line}\n`)
        .join(''),
    )
  return exitCode
}

/** Files of one name in different folders get a number behind it. */
function withOwnNames(captures: readonly Compared[]): Compared[] {
  const taken = new Set<string>()
  return captures.map((capture) => {
    const { loaded } = capture
    let { name } = loaded
    for (let number = 2; taken.has(name); number++) name = `${loaded.name}-${number}`
    taken.add(name)
    return { ...capture, loaded: { ...loaded, name } }
  })
}
