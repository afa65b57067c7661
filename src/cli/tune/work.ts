/**
 * The work of `lanewise tune`: looks for the TTL of a flow table. Checks everything that can be checked
 * before simulating, writes what is known after every finished run of the grid and after every further
 * comparison, and prints the answer at the end.
 */

import path from 'node:path'
import { compareRuns } from '../../metrics/statistics/comparison.ts'
import { winnerOf } from '../../metrics/statistics/winner.ts'
import type { ResultsFolder } from '../../node/files/results-folder.ts'
import { loadScenario } from '../../node/load-scenario.ts'
import { COMPARED } from '../../report/comparison/columns.ts'
import { rateKeyOf } from '../../report/comparison/comparison-text.ts'
import { makeReport } from '../../report/comparison/report.ts'
import { runsCsv, summaryCsv } from '../../report/parts/csv.ts'
import { jsonText } from '../../report/parts/json.ts'
import type { View } from '../../report/parts/view.ts'
import { ttlCsv } from '../../report/tune/tune-csv.ts'
import { tuneMarkdown } from '../../report/tune/tune-markdown.ts'
import type { TuneReport } from '../../report/tune/tune-report.ts'
import { tuneText } from '../../report/tune/tune-table.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { STANDARD_INPUT } from '../../scenario/schema/source.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { type Found, type SearchOptions, searchTtl } from '../../tune/search.ts'
import { CURVE_METRICS } from '../../tune/tuning.ts'
import { viewOf } from '../shared/columns.ts'
import { inputsOf, openResults } from '../shared/earlier-results.ts'
import { checkExport, writePolicyGates } from '../shared/export-file.ts'
import { type Format, formatOf } from '../shared/format-names.ts'
import { jobsOf } from '../shared/jobs.ts'
import {
  atAbort,
  interrupted,
  isInterrupted,
  type ProcessIo,
  show,
  usesColour,
  widthOf,
} from '../shared/process-io.ts'
import { type Provenance, provenanceAtEnd, provenanceAtStart } from '../shared/provenance.ts'
import { tell } from '../shared/remarks.ts'
import { startProgress } from '../shared/screen/progress.ts'
import { type Screen, screenOf } from '../shared/screen/runs-screen.ts'
import { asOneCapture, inputWords } from '../shared/several-files.ts'
import { checkSize } from '../shared/size-check.ts'
import { type Spooled, STANDARD_INPUT_NAME, spoolStandardInput } from '../shared/standard-input.ts'
import {
  type AskedGates,
  askedGates,
  checkGateLabels,
  judgedGates,
  sayGates,
} from '../shared/verdict/policy-gates.ts'
import { questionOf } from '../shared/verdict/question.ts'
import { tuneVerdict, type VerdictAbout } from '../shared/verdict/verdict.ts'
import { pointsOf, policyToTune, rangeOf, type TuneOptions, targetOf } from './options.ts'

type Asked = Pick<SearchOptions, 'tuned' | 'targetRatio' | 'rangeNs' | 'points' | 'checks' | 'jobs'> & {
  readonly gates: AskedGates | undefined
}

/** What stands on stdout. */
interface Print {
  readonly format: Format
  readonly view: View
}

/** Does the work; resolves to the exit code. Throws UserError. */
export async function tune(files: readonly string[], options: TuneOptions, io: ProcessIo): Promise<number> {
  const format = formatOf(options.format)
  const jobs = jobsOf(options.jobs)
  const points = pointsOf(options.points)
  const targetRatio = targetOf(options.targetReordered)
  const file = await asOneCapture(files, options, 'lanewise tune', io.signal)
  const loaded = await loadScenario(file, { ...options, policies: options.policy })
  const tuned = policyToTune(options.policy ?? [], loaded)
  const rangeNs = rangeOf(options.ttl, tuned)
  const gates = askedGates(options)
  checkTunedLabels(gates, tuned)
  checkSize([loaded], { ...options, jobs }, io)
  const asked: Asked = { tuned, gates, targetRatio, rangeNs, points, checks: options.check, jobs }
  const usual = [...new Set([...CURVE_METRICS, ...COMPARED])]
  const print = { format, view: viewOf(options, format, { usual, policies: loaded.policies }) }
  if (loaded.capturePath !== STANDARD_INPUT) return search(file, loaded, asked, print, options, io)
  const { signal, stderr } = io
  let spooled: Spooled | undefined
  try {
    spooled = await spoolStandardInput(io)
    return await search(file, { ...loaded, capturePath: spooled.path }, asked, print, options, io)
  } catch (error) {
    if (spooled !== undefined || !isInterrupted(signal)) throw error
    return interrupted(keptText(undefined, ''), stderr, signal)
  } finally {
    spooled?.remove()
  }
}

async function search(
  file: CapturePaths,
  loaded: LoadedScenario,
  asked: Asked,
  print: Print,
  options: TuneOptions,
  io: ProcessIo,
): Promise<number> {
  const { argv, stderr, signal } = io
  const quiet = options.quiet === true
  const verbose = options.verbose === true
  const name = `${loaded.name}-ttl`
  const output = options.output ?? path.join('results', name)
  const inputs = inputsOf(loaded, options.calibration)
  checkExport('--junit', options.junit, { inputs, folder: output })
  const { folder, putBack } = openResults(output, { kind: 'tuning', inputs, quiet }, { argv, stderr })
  const provenance = provenanceAtStart(argv)
  const talk = tell(stderr, { quiet, verbose })
  let latest: TuneReport | undefined
  let pending: (() => Found) | undefined
  let screen: Screen | undefined
  const keep = () => {
    if (pending === undefined) return
    const found = pending()
    pending = undefined
    latest = reportOf(
      found,
      name,
      {
        question: questionOf(inputWords(file, options), options, loaded.policies),
        rateKey: rateKeyOf(loaded.scenario),
        calibratedOn: loaded.calibratedOn,
      },
      asked.gates,
    )
    save(folder, latest, found, provenance)
  }
  const stopKeeping = atAbort(signal, keep)
  try {
    const found = await searchTtl(loaded, {
      ...asked,
      signal,
      async stage(stageName, runs) {
        const progress = startProgress(runs)
        const shown = screenOf(io, !quiet, 'runs', { count: runs, there: 0 }, progress)
        screen = shown
        let finished = 0
        if (verbose) stderr.write(`${stageName}:\n`)
        return {
          onProgress(run, share) {
            progress.update(run, share)
            shown.look()
          },
          onRun(result) {
            progress.update(result.run, 1)
            shown.above(() => talk.run(result, ++finished, runs))
            shown.finished(`run ${result.run}`, result.policies)
          },
          end: shown.end,
        }
      },
      found(make, runs) {
        pending = make
        // With many runs not after every one, so that writing stays a small share.
        if (runs >= (latest?.runs ?? 0) * 1.1 || runs === latest?.runs) keep()
      },
    })
    pending = () => found
    keep()
  } catch (error) {
    screen?.end()
    keep()
    if (latest === undefined) putBack()
    if (isInterrupted(signal)) return interrupted(keptText(latest, folder.path), stderr, signal)
    if (latest !== undefined && !quiet) stderr.write(`${keptText(latest, folder.path)}\n`)
    throw error
  } finally {
    stopKeeping()
  }
  const { source } = loaded.scenario
  const isPiped = 'capture' in source && source.capture === STANDARD_INPUT
  const named = isPiped ? STANDARD_INPUT_NAME : undefined
  folder.describe(await provenanceAtEnd(provenance, loaded.capturePath, named))
  const report = latest!
  show(written(report, print, io), print.format, io)
  talk.report(report, print.format, folder.path, undefined)
  writePolicyGates(options.junit, report.title, report.gates)
  const areKept = sayGates(report.gates, stderr)
  return report.records.some(({ error }) => error !== null) || !areKept ? 1 : 0
}

function reportOf(
  { loaded, results, tuning }: Found,
  name: string,
  about: VerdictAbout,
  asked: AskedGates | undefined,
): TuneReport {
  const { scenario } = loaded
  const reference = tuning.never
  const summaries = compareRuns(results, reference)
  const winner = winnerOf(results)
  const runsPlanned = Math.max(results.length, tuning.decidedBy === 'value' ? 1 : scenario.runs)
  const verdict = tuneVerdict(results, tuning, about)
  // The policy's bare name means what is to be set.
  const labels = asked?.labels.map((label) => (label === tuning.policy ? tuning.setting.policy : label)) ?? []
  const gates = asked && judgedGates({ ...asked, labels, arePoliciesGiven: false }, results, verdict)
  return {
    ...makeReport({ scenario, name, reference, runsPlanned, results, summaries, winner, verdict, gates }),
    verdict,
    tune: tuning,
  }
}

/** Throws UserError (2) where --gate names another policy: its TTLs aren't known yet. */
function checkTunedLabels(asked: AskedGates | undefined, { name }: SearchOptions['tuned']): void {
  const names = asked?.labels.map((label) => label.split(':')[0]!) ?? []
  checkGateLabels(asked && { ...asked, labels: names }, [name])
}

function save(folder: ResultsFolder, report: TuneReport, { results }: Found, provenance: Provenance): void {
  const files = {
    'report.json': jsonText(report),
    'ttl.csv': ttlCsv(report),
    'summary.csv': summaryCsv(report),
    'runs.csv': runsCsv(results),
  }
  folder.write(files, provenance)
}

function written(
  report: TuneReport,
  { format, view }: Print,
  { stdout, env }: Pick<ProcessIo, 'stdout' | 'env'>,
): string {
  if (format === 'json') return jsonText(report)
  if (format === 'csv') return ttlCsv(report, view)
  if (format === 'markdown') return tuneMarkdown(report, view)
  return tuneText(report, { width: widthOf(stdout), colour: usesColour(stdout, env) }, view)
}

function keptText(report: TuneReport | undefined, folder: string): string {
  return report === undefined
    ? 'no run had finished, nothing was written'
    : `the results of ${report.runs} of ${report.runsPlanned} runs are in ${folder}`
}
