/**
 * The work of `lanewise diagnose`: inspect, compare of the default policies and, where a flow table is
 * recommended, tune, told as plain sentences; beside them what was measured between two captures. Exit code 0
 * whatever it finds.
 */

import path from 'node:path'
import { UserError } from '../../errors.ts'
import { inspectCapture } from '../../measure/inspect/inspect.ts'
import type { Inspection } from '../../measure/inspect/inspection.ts'
import { readSentArrivals } from '../../measure/sent-run.ts'
import { numberOf } from '../../metrics/metric.ts'
import type { RunResult } from '../../metrics/result.ts'
import { compareRuns } from '../../metrics/statistics/comparison.ts'
import { inputPath } from '../../node/bundled.ts'
import { refuseForeign, refuseInputs } from '../../node/files/marker.ts'
import { resultsFolder } from '../../node/files/results-folder.ts'
import { readInput } from '../../node/input-file.ts'
import { loadScenario } from '../../node/load-scenario.ts'
import { openCapture } from '../../node/open-capture.ts'
import { runScenario } from '../../node/runs.ts'
import { rateKeyOf } from '../../report/comparison/comparison-text.ts'
import { meanLoad } from '../../report/comparison/report.ts'
import { type Diagnosis, diagnosisTexts } from '../../report/diagnose/diagnosis.ts'
import { jsonText } from '../../report/parts/json.ts'
import { plain } from '../../report/parts/small-table.ts'
import { wrap } from '../../report/parts/wrap.ts'
import { type LoadedScenario, scenarioFromText } from '../../scenario/loaded-scenario.ts'
import { arrivalsReader } from '../../traffic/arrivals/arrivals-reader.ts'
import { type CapturePaths, listed } from '../../traffic/capture/capture-files.ts'
import { searchTtl } from '../../tune/search.ts'
import type { Setting } from '../../tune/setting.ts'
import { tunedPolicy } from '../../tune/tuned-policy.ts'
import { inputsOf } from '../shared/earlier-results.ts'
import { interrupted, isInterrupted, type ProcessIo, remark, widthOf } from '../shared/process-io.ts'
import { provenanceAtStart } from '../shared/provenance.ts'
import { filesOf } from '../shared/result-files.ts'
import { inputWords } from '../shared/several-files.ts'
import { checkSize } from '../shared/size-check.ts'
import { reportVerdict } from '../shared/verdict/verdict.ts'
import { besidePrediction } from './contradictions.ts'
import { type Checked, checkOptions, type DiagnoseOptions } from './options.ts'
import { type Found, isSent, measurePair, type Pair, pairOf } from './pair.ts'

const WHO_MAX = 3
/** Of the search for a TTL: a coarse one is enough to say what to set. */
const TTL_POINTS = 9

/** Does the work; resolves to the exit code. Throws UserError. */
export async function diagnose(
  file: string | undefined,
  options: DiagnoseOptions,
  io: ProcessIo,
): Promise<number> {
  const { argv, stdout, stderr, signal } = io
  const { calibration, as, quiet } = options
  const checked = checkOptions(file, options)
  const pair = checked.sides === undefined ? undefined : await pairOf(checked.sides, options, io)
  const capture = checked.file ?? pair!.sent
  refuseScenario(capture)
  const loaded = await loadScenario(capture, { calibration, as })
  if (options.output !== undefined) {
    const wanted = { folder: options.output, ...filesOf('diagnosis'), inputs: inputsOf(loaded, calibration) }
    refuseInputs(wanted)
    refuseForeign(wanted)
  }
  checkSize([loaded], options, io)
  try {
    const found = pair === undefined ? undefined : await measurePair(pair, checked.match)
    signal.throwIfAborted()
    if (!quiet) for (const note of found?.judged?.notes ?? []) stderr.write(`${note}\n`)
    const predicted = await diagnosisOf(capture, loaded, options, signal)
    if (!quiet) for (const line of warningsOf(predicted.results)) remark(line, stderr)
    const diagnosis =
      pair === undefined || found === undefined
        ? predicted.diagnosis
        : withMeasured(predicted, pair, found, loaded)
    if (options.output !== undefined) {
      const files = { 'diagnosis.json': jsonText(diagnosis) }
      resultsFolder(options.output).add(files, provenanceAtStart(argv))
      if (!quiet) stderr.write(`${path.join(options.output, 'diagnosis.json')} is written\n`)
    }
    stdout.write(written(diagnosis, checked.format, widthOf(stdout)))
    return 0
  } catch (error) {
    if (isInterrupted(signal)) return interrupted('nothing is diagnosed', stderr, signal)
    throw error
  }
}

/** Modules that a scenario names aren't loaded for that. Throws UserError (2). */
function refuseScenario(capture: CapturePaths): void {
  for (const given of listed(capture)) {
    const input = readInput(inputPath(given))
    if (input.kind !== 'scenario') continue
    // Other text has other lines.
    scenarioFromText(input.text, given, { policies: ['hash'] })
    throw new UserError(
      `${given}: is a scenario, and diagnose is of a capture - name a capture, or see lanewise compare ${given}`,
      2,
    )
  }
}

function written(diagnosis: Diagnosis, format: Checked['format'], width: number): string {
  if (format === 'json') return jsonText(diagnosis)
  const texts = diagnosisTexts(diagnosis)
  if (format === 'markdown') return `${texts.map((text) => `- ${plain(text)}`).join('\n')}\n`
  return `${texts.flatMap((text) => wrap(text, width)).join('\n')}\n`
}

/** What captures lack, and what policies say of themselves. */
function warningsOf(results: readonly RunResult[]): Set<string> {
  return new Set(results.flatMap(({ warnings }) => warnings))
}

interface Prediction {
  /** Without what was measured. */
  readonly diagnosis: Diagnosis
  readonly results: readonly RunResult[]
}

async function diagnosisOf(
  capture: CapturePaths,
  loaded: LoadedScenario,
  { calibration, as, asOne }: DiagnoseOptions,
  signal: AbortSignal,
): Promise<Prediction> {
  const inspection = await inspected(loaded, signal)
  const results = await runScenario(loaded, { signal })
  const verdict = reportVerdict(results, {
    question: {
      input: inputWords(capture, asOne ? { asOne } : {}),
      options: { ...(calibration === undefined ? {} : { calibration }), ...(as === undefined ? {} : { as }) },
    },
    rateKey: rateKeyOf(loaded.scenario),
    calibratedOn: loaded.calibratedOn,
  })
  const ttl = await ttlOf(loaded, verdict.policies[0], signal)
  const records = compareRuns(results, results[0]!.policies[0]!.label).map(({ label, metrics, error }) => {
    return { policy: label, metrics, error }
  })
  const diagnosis: Diagnosis = {
    kind: 'lanewise diagnosis',
    schemaVersion: 1,
    capture,
    traffic: trafficOf(inspection, results),
    hurt: hurtBy(results),
    verdict,
    restsOn: verdict.restsOn,
    measured: null,
    ttl,
    records,
    next: verdict.next,
  }
  return { diagnosis, results }
}

function withMeasured(
  { diagnosis, results }: Prediction,
  pair: Pair,
  found: Found,
  { capturePath }: LoadedScenario,
): Diagnosis {
  const isSameTraffic = isSent(pair, listed(capturePath!))
  return { ...diagnosis, measured: besidePrediction(pair, found, isSameTraffic, results, diagnosis) }
}

async function inspected(
  { scenario, capturePath }: LoadedScenario,
  signal: AbortSignal,
): Promise<Inspection> {
  const { source } = scenario
  const reader =
    'arrivals' in source
      ? arrivalsReader(await readSentArrivals(listed(capturePath!)[0]!, source.arrivals))
      : await openCapture(capturePath!)
  try {
    return await inspectCapture(reader, false, () => signal.throwIfAborted())
  } finally {
    await reader.close()
  }
}

function trafficOf(inspection: Inspection, results: readonly RunResult[]): Diagnosis['traffic'] {
  const { packets, flows, spanNs, tcp, udp, largestFlows } = inspection
  const load = meanLoad(results.map((result) => result.load))
  const [largest] = largestFlows
  return {
    packets,
    flows,
    spanNs,
    packetsPerSecond: inspection.ratePpsMean,
    tcpRatio: tcp / Math.max(1, packets),
    udpRatio: udp / Math.max(1, packets),
    load: load.load,
    loadPeak10ms: load.loadPeak10ms,
    overlappingRatio: load.overlappingRatio,
    largestFlow: largest?.flow ?? null,
    largestFlowRatio: largest === undefined ? null : largest.packets / packets,
    flowGapNsP50: inspection.flowGapNsP50,
    flowGapNsP99: inspection.flowGapNsP99,
    gapsFrom1sRatio: inspection.flowGapsFrom1sRatio,
  }
}

function hurtBy(results: readonly RunResult[]): Diagnosis['hurt'] {
  const labels = results[0]!.policies.map(({ label }) => label)
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const found = labels.flatMap((policy, index) => {
    const runs = results.map((result) => result.policies[index]!)
    if (runs.some(({ error }) => error !== null)) return []
    const reorderedRatio = mean(runs.map(({ metrics }) => numberOf(metrics.reorderedRatio ?? null) ?? 0))
    if (reorderedRatio === 0) return []
    const hit = runs.map(({ metrics: { flowsReorderedRatio: flows } }) =>
      typeof flows === 'object' && flows !== null ? flows.count : 0,
    )
    const sums = new Map<string, { reordered: number; sent: number }>()
    for (const { flows } of runs) {
      for (const { flow, reordered, sent } of flows) {
        const sum = sums.get(flow) ?? { reordered: 0, sent: 0 }
        sums.set(flow, { reordered: sum.reordered + reordered, sent: sum.sent + sent })
      }
    }
    const who = [...sums]
      .map(([flow, sum]) => ({ flow, reordered: sum.reordered / runs.length, sent: sum.sent / runs.length }))
      .filter(({ reordered }) => reordered > 0)
      .sort((a, b) => b.reordered - a.reordered || (a.flow < b.flow ? -1 : 1))
      .slice(0, WHO_MAX)
    return [{ policy, reorderedRatio, flows: Math.round(mean(hit)), who }]
  })
  return found.sort((a, b) => b.reorderedRatio - a.reorderedRatio)
}

/** What to set for the recommended policy, where it has a TTL. */
async function ttlOf(
  loaded: LoadedScenario,
  label: string | undefined,
  signal: AbortSignal,
): Promise<Diagnosis['ttl']> {
  const spec = loaded.policies.find((policy) => policy.label === label)
  const tuned = spec && tunedPolicy(spec.name, spec.parameters)
  if (tuned === undefined) return null
  const { tuning } = await searchTtl(loaded, {
    tuned,
    targetRatio: 0.001,
    rangeNs: undefined,
    points: TTL_POINTS,
    checks: false,
    jobs: undefined,
    signal,
    stage: async () => ({ onRun() {}, end() {} }),
    found() {},
  })
  const { value, basis }: Setting = tuning.setting
  return { parameter: tuning.parameter, value, basis }
}
