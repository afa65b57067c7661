/**
 * The work of `lanewise compare`: simulates several policies on the same packets. Checks everything that can
 * be checked before simulating, writes the results so far after every finished run, and prints the report at
 * the end.
 */

import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import type { RunResult } from '../../metrics/result.ts'
import { compareRuns } from '../../metrics/statistics/comparison.ts'
import { winnerOf } from '../../metrics/statistics/winner.ts'
import type { ResultsFolder } from '../../node/files/results-folder.ts'
import { loadScenario } from '../../node/load-scenario.ts'
import { runScenario } from '../../node/runs.ts'
import { COMPARED } from '../../report/comparison/columns.ts'
import { rateKeyOf } from '../../report/comparison/comparison-text.ts'
import { shownRecords } from '../../report/comparison/measured-row.ts'
import { makeReport, type Report, type ReportInput } from '../../report/comparison/report.ts'
import { distributionsCsv, flowsCsv, runsCsv, summaryCsv } from '../../report/parts/csv.ts'
import { jsonText } from '../../report/parts/json.ts'
import { planOf } from '../../run/plan.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { STANDARD_INPUT } from '../../scenario/schema/source.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { arrivalsFacts } from '../shared/arrivals-facts.ts'
import { viewOf } from '../shared/columns.ts'
import { checkResults, inputsOf, openResults } from '../shared/earlier-results.ts'
import { atAbort, interrupted, isInterrupted, type ProcessIo, show } from '../shared/process-io.ts'
import { type Provenance, provenanceAtEnd, provenanceAtStart } from '../shared/provenance.ts'
import { referenceOf } from '../shared/reference.ts'
import { tell } from '../shared/remarks.ts'
import { RESULT_NAMES } from '../shared/result-files.ts'
import { checkRowsFile } from '../shared/rows-file.ts'
import { startProgress } from '../shared/screen/progress.ts'
import { screenOf } from '../shared/screen/runs-screen.ts'
import { inputOf, inputWords, together } from '../shared/several-files.ts'
import { checkSize } from '../shared/size-check.ts'
import { NOTHING_WRITTEN, STANDARD_INPUT_NAME, withStandardInput } from '../shared/standard-input.ts'
import {
  type AskedGates,
  askedGates,
  checkGateLabels,
  judgedGates,
  sayGates,
} from '../shared/verdict/policy-gates.ts'
import { questionOf } from '../shared/verdict/question.ts'
import { reportVerdict, type VerdictAbout } from '../shared/verdict/verdict.ts'
import { formatted } from './format.ts'
import { type CheckedCompare, type CompareOptions, checkCompare } from './options.ts'
import type { Compared } from './separate.ts'

/** Does the work; resolves to the exit code. Throws UserError. */
export async function compare(
  files: readonly string[],
  options: CompareOptions,
  io: ProcessIo,
): Promise<number> {
  const checked = checkCompare(options)
  const { stderr, signal } = io
  const isScan = options.scan !== undefined || options.scanList !== undefined
  const found = await together(files, options, signal)
  const say = (line: string) => {
    if (!options.quiet) stderr.write(`${line}\n`)
  }
  if (!found.isOne && !isScan) {
    const cure = found.what === 'captures' ? ' - joined: --as-one' : ''
    if (!options.separate) say(`the ${found.what} are compared one by one: ${found.why}${cure}`)
    refuseResume(options)
    const captures = []
    for (const file of files) captures.push(await loadedOf(file, checked))
    const { compareSeparately } = await import('./separate.ts')
    return compareSeparately(captures, checked, io, (capture, each, print) =>
      simulate(capture, each, io, print),
    )
  }
  const file = inputOf(found, '-P, -L')
  if (found.isOne && found.said !== undefined) say(`${found.said} - one by one: --separate`)
  if (isScan) {
    const { compareScan } = await import('./scan.ts')
    return compareScan(file, checked, io)
  }
  refuseResume(options)
  const capture = await loadedOf(file, checked)
  const { loaded } = capture
  if (loaded.capturePath !== STANDARD_INPUT) return simulate(capture, checked, io)
  return withStandardInput(io, (capturePath) =>
    simulate({ ...capture, loaded: { ...loaded, capturePath } }, checked, io),
  )
}

function refuseResume({ resume }: CompareOptions): void {
  if (!resume) return
  throw new UserError('--resume: only a scan can be gone on with - add -P or -L, or leave it out', 2)
}

async function loadedOf(file: CapturePaths, options: CheckedCompare): Promise<Compared> {
  const loaded = await loadScenario(file, { ...options, policies: options.policy })
  return {
    loaded,
    about: {
      question: questionOf(inputWords(file, options), options, loaded.policies),
      rateKey: rateKeyOf(loaded.scenario),
      calibratedOn: loaded.calibratedOn,
    },
    view: viewOf(options, options.format, { usual: COMPARED, policies: loaded.policies }),
  }
}

/** @param print takes the report, instead of stdout */
async function simulate(
  { loaded, about, view }: Compared,
  options: CheckedCompare,
  io: ProcessIo,
  print?: (report: Report) => void,
): Promise<number> {
  const { argv, stderr, env, signal } = io
  const { format, jobs } = options
  const labels = loaded.policies.map(({ label }) => label)
  const reference = referenceOf(options.reference, labels)
  const plan = planOf(loaded)
  const runsPlanned = plan.runs
  const asked = askedGates(options)
  checkGateLabels(asked, labels)
  const output = options.output ?? path.join('results', loaded.name)
  const inputs = inputsOf(loaded, options.calibration)
  const files = { kind: 'comparison', inputs, quiet: options.quiet } as const
  checkResults(output, files, io)
  if (options.trace !== undefined) {
    checkRowsFile('--trace', options.trace, { inputs, folder: output, results: RESULT_NAMES })
    const { checkTraceSize } = await import('./trace-size.ts')
    await checkTraceSize(loaded, plan, options, io)
  }
  const exports = options.junit === undefined ? undefined : await import('../shared/export-file.ts')
  exports?.checkExport('--junit', options.junit, { inputs, folder: output })
  checkSize([{ ...loaded, runs: runsPlanned }], options, io)
  const arrivals = await arrivalsFacts(loaded)
  const { folder, putBack } = openResults(output, files, io)
  const provenance = provenanceAtStart(argv)
  const saving = saver(folder, { ...loaded, arrivals }, about, asked, reference, runsPlanned, provenance)
  const stopKeeping = atAbort(signal, () => saving.flush())
  const talk = tell(stderr, { quiet: options.quiet === true, verbose: options.verbose === true })
  const progress = startProgress(runsPlanned)
  const screen = screenOf({ stderr, env }, !options.quiet, 'runs', { count: runsPlanned, there: 0 }, progress)
  try {
    await runScenario(loaded, {
      jobs,
      trace: options.trace,
      traceRuns: options.traceRuns,
      signal,
      onProgress(run, share) {
        progress.update(run, share)
        screen.look()
      },
      onRun(result, soFar) {
        progress.update(result.run, 1)
        saving.add(soFar)
        screen.above(() => talk.run(result, soFar.length, runsPlanned))
        screen.finished(`run ${result.run}`, result.policies)
      },
    })
  } catch (error) {
    screen.end()
    const kept = saving.flush()
    if (kept === 0) putBack()
    if (!isInterrupted(signal)) {
      if (kept > 0) talk.kept(kept, runsPlanned, folder.path)
      throw error
    }
    return interrupted(keptText(kept, runsPlanned, folder.path), stderr, signal)
  } finally {
    stopKeeping()
  }
  screen.end()
  saving.flush()
  if (options.fits) {
    const { findFits } = await import('../../scan/fits.ts')
    const fits = await findFits(loaded, async () => {
      await setImmediate()
      signal.throwIfAborted()
    }).catch((error) => {
      if (isInterrupted(signal)) return undefined
      throw error
    })
    if (fits === undefined)
      return interrupted(keptText(runsPlanned, runsPlanned, folder.path), stderr, signal)
    saving.add(saving.results(), { ...about, fits })
  }
  const { source } = loaded.scenario
  const isPiped = 'capture' in source && source.capture === STANDARD_INPUT
  const named = isPiped ? STANDARD_INPUT_NAME : undefined
  folder.describe(await provenanceAtEnd(provenance, loaded.capturePath, named))
  const report = saving.report()!
  if (print === undefined) show(formatted(report, format, view, io), format, io)
  else print(report)
  talk.report(report, format, folder.path, options.trace)
  exports?.writePolicyGates(options.junit, report.title, report.gates)
  const areKept = sayGates(report.gates, stderr, print === undefined ? '' : ` of ${report.title}`)
  return report.records.some(({ error }) => error !== null) || !areKept ? 1 : 0
}

/**
 * Writes what there is after each run; with many runs not after every one, so that writing stays a small
 * share.
 */
function saver(
  folder: ResultsFolder,
  { scenario, name, arrivals }: LoadedScenario & Pick<ReportInput, 'arrivals'>,
  about: VerdictAbout,
  asked: AskedGates | undefined,
  reference: string,
  runsPlanned: number,
  provenance: Provenance,
) {
  let results: readonly RunResult[] = []
  let written = 0
  let known = about
  let latest: Report | undefined
  function flush(): number {
    if (results.length === written) return written
    const summaries = compareRuns(results, reference)
    const winner = winnerOf(results)
    const verdict = reportVerdict(results, known)
    const gates = asked && judgedGates(asked, results, verdict)
    latest = makeReport({
      scenario,
      name,
      reference,
      runsPlanned,
      results,
      summaries,
      winner,
      verdict,
      gates,
      arrivals,
    })
    const files = {
      'report.json': jsonText(latest),
      'summary.csv': summaryCsv({ records: shownRecords(latest) }),
      'runs.csv': runsCsv(results),
      'flows.csv': flowsCsv(results),
      'distributions.csv': distributionsCsv(results),
    }
    folder.write(files, provenance)
    written = results.length
    return written
  }
  return {
    /** @param knowing what the verdict knows, where that is more than at first */
    add(soFar: readonly RunResult[], knowing = about) {
      if (knowing !== known) written = 0
      known = knowing
      results = soFar
      if (soFar.length >= written * 1.1) flush()
    },
    results: () => results,
    flush,
    report: () => latest,
  }
}

function keptText(kept: number, planned: number, folder: string): string {
  return kept === 0 ? NOTHING_WRITTEN : `the results of ${kept} of ${planned} runs are in ${folder}`
}
