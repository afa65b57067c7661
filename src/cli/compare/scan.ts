/**
 * The work of `lanewise compare` with -P or -L: every point of the scan is simulated and saved as it
 * finishes, then all files are made of what is saved. Everything that can be checked is, before the first
 * packet.
 */

import { availableParallelism } from 'node:os'
import path from 'node:path'
import { UserError } from '../../errors.ts'
import type { Metrics } from '../../metrics/metric.ts'
import { COMPARED } from '../../report/comparison/columns.ts'
import { rateKeyOf } from '../../report/comparison/comparison-text.ts'
import { settingsText } from '../../report/scan/scan-grid.ts'
import { SCANNED } from '../../report/scan/scan-report.ts'
import { scanHints } from '../../report/scan/scan-text.ts'
import { axesOf, refuseSetAndScanned } from '../../scan/axes.ts'
import { keysOf } from '../../scan/keys.ts'
import { openCaptures, type ScanPoint, scanOf } from '../../scan/points.ts'
import { runPoints } from '../../scan/run-points.ts'
import { FLOWS_PER_POINT_MAX, POINTS_FOLDER, type SavedPoints, savedPoints } from '../../scan/saved-points.ts'
import { STANDARD_INPUT } from '../../scenario/schema/source.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { arrivalsFacts } from '../shared/arrivals-facts.ts'
import { viewOf } from '../shared/columns.ts'
import { checkResults, inputsOf, openResults } from '../shared/earlier-results.ts'
import { interrupted, isInterrupted, type ProcessIo } from '../shared/process-io.ts'
import {
  type Provenance,
  provenanceAtEnd,
  provenanceAtStart,
  provenanceOfInputs,
} from '../shared/provenance.ts'
import { referenceAt, referenceOf } from '../shared/reference.ts'
import { startProgress } from '../shared/screen/progress.ts'
import { type Outcome, screenOf } from '../shared/screen/runs-screen.ts'
import { inputWords } from '../shared/several-files.ts'
import { checkSize } from '../shared/size-check.ts'
import { STANDARD_INPUT_NAME, withStandardInput } from '../shared/standard-input.ts'
import { askedGates, checkGateLabels, gateTexts } from '../shared/verdict/policy-gates.ts'
import { questionOf } from '../shared/verdict/question.ts'
import type { CheckedCompare } from './options.ts'
import { type FinishedScan, writeScan } from './scan-files.ts'
import { printScan } from './scan-format.ts'

/** Does the work; resolves to the exit code. Throws UserError. */
export async function compareScan(
  file: CapturePaths,
  options: CheckedCompare,
  io: ProcessIo,
): Promise<number> {
  const axes = axesOf(options)
  refuseSetAndScanned(axes, options)
  if (options.trace !== undefined) {
    throw new UserError(
      `--trace ${options.trace}: not with a scan - trace one point, with --set in place of -P and -L`,
      2,
    )
  }
  if (options.junit !== undefined) {
    throw new UserError(
      `--junit ${options.junit}: not with a scan - judge one point, with --set in place of -P and -L`,
      2,
    )
  }
  if (options.fits) {
    throw new UserError(
      '--fits: not with a scan - look for it at one point, with --set in place of -P and -L',
      2,
    )
  }
  if (options.sortRows !== undefined) {
    throw new UserError(
      `--sort-rows ${options.sortRows}: not with a scan, whose rows are points in the order of their values - leave it out`,
      2,
    )
  }
  const scan = await scanOf(file, axes, { ...options, policies: options.policy })
  const baseLabels = scan.base.policies.map(({ label }) => label)
  const baseReference = referenceOf(options.reference, baseLabels)
  const references = scan.points.map(({ resolved }) =>
    referenceAt(
      options.reference,
      baseLabels,
      resolved.policies.map(({ label }) => label),
    ),
  )
  const asked = askedGates(options)
  checkGateLabels(
    asked,
    scan.points.flatMap(({ resolved }) => resolved.policies.map(({ label }) => label)),
  )
  const about = {
    question: questionOf(inputWords(file, options), options, scan.base.policies),
    rateKey: rateKeyOf(scan.base.scenario),
    calibratedOn: scan.base.calibratedOn,
  }
  const { metrics = SCANNED } = viewOf(options, options.format, {
    usual: COMPARED,
    policies: scan.base.policies,
  })
  const prepared = { ...scan, axes, baseReference, references, about, asked, metrics }
  const isPiped = ({ resolved }: ScanPoint) => resolved.capturePath === STANDARD_INPUT
  if (!scan.points.some(isPiped)) return simulate(prepared, options, io)
  return withStandardInput(io, (capturePath) => {
    const points = scan.points.map((point) =>
      isPiped(point) ? { ...point, resolved: { ...point.resolved, capturePath } } : point,
    )
    return simulate({ ...prepared, points }, options, io)
  })
}

type Prepared = Omit<FinishedScan, 'keys' | 'saved' | 'failures'>

async function simulate(scan: Prepared, options: CheckedCompare, io: ProcessIo): Promise<number> {
  const { argv, stderr, signal } = io
  const { points, base } = scan
  checkSize(
    points.map(({ resolved, runs }) => ({ ...resolved, runs })),
    options,
    io,
  )
  const say = (line: string) => {
    if (!options.quiet) stderr.write(`${line}\n`)
  }
  const output = options.output ?? path.join('results', `${base.name}-scan`)
  const isOfOne = points.every(({ resolved }) => isSameFile(resolved, base))
  const arrivals = isOfOne ? await arrivalsFacts(base) : undefined
  const inputs = [
    ...inputsOf(base, options.calibration),
    ...points.flatMap(({ resolved }) => resolved.capturePath),
    ...points.flatMap(({ resolved }) => resolved.policies.map(({ module }) => module)),
  ]
  const newResults = { kind: 'scan', inputs, quiet: options.quiet, resume: options.resume } as const
  checkResults(output, newResults, io)
  await openCaptures(points)
  const provenance = provenanceAtStart(argv)
  const keyOf = keysOf(`${provenance.lanewise} ${provenance.commit}`)
  const keys: string[] = []
  for (const { resolved } of points) keys.push(await keyOf(resolved))
  const { folder, putBack } = openResults(output, newResults, io)
  folder.claim(provenance)
  const saved = savedPoints(path.join(folder.path, POINTS_FOLDER), options.resume !== true)
  if (options.resume) saved.dropDamaged(keys).forEach(say)
  const left = points.filter(({ point }) => !saved.has(keys[point]!))
  if (options.resume) {
    say(`--resume: ${points.length - left.length} of ${points.length} points are there already`)
  }
  let failures: ReadonlyMap<number, string>
  try {
    failures = await simulatePoints(left, points.length, keys, saved, options, io)
  } catch (error) {
    const finished = points.filter(({ point }) => saved.has(keys[point]!)).length
    if (finished === 0) {
      saved.discard()
      putBack()
    }
    const kept = `${finished} of ${points.length} points are saved in ${folder.path} - go on with --resume`
    if (isInterrupted(signal)) return interrupted(kept, stderr, signal)
    say(kept)
    throw error
  }
  const jobs = options.jobs ?? availableParallelism()
  const ended = () => provenanceOfScan(provenance, scan)
  const shown = await writeScan({ ...scan, arrivals, keys, saved, failures }, folder, ended, jobs)
  await printScan(shown, options, folder.path, io)
  const lines = shown.policies.flatMap((policies, point) => {
    const { settings, error } = shown.head.points[point]!
    const errors = new Set(policies.flatMap((policy) => policy.error ?? []))
    return [...errors].map(
      (line) => `point ${point} (${settingsText(settings)})${error === null ? '' : ' failed'}: ${line}`,
    )
  })
  for (const line of lines) stderr.write(`${line}\n`)
  if (options.format === 'json' || options.format === 'csv') scanHints(shown).forEach(say)
  for (const line of shown.head.warnings.slice(0, options.verbose ? undefined : WARNINGS_SHOWN)) say(line)
  const gated = shown.head.points.flatMap(({ settings, gates }) =>
    gates === undefined ? [] : [gateTexts(gates, ` at ${settingsText(settings)}`)],
  )
  for (const line of gated.flatMap((one) => one.lines)) stderr.write(`${line}\n`)
  say(`results are in ${folder.path}`)
  return lines.length > 0 || gated.some(({ areKept }) => !areKept) ? 1 : 0
}

/** Are the packets those of the same file? */
function isSameFile(one: ScanPoint['resolved'], other: ScanPoint['resolved']): boolean {
  return [one.capturePath].flat().join('\n') === [other.capturePath].flat().join('\n')
}

const WARNINGS_SHOWN = 5

/** Simulates and saves what is left; the lines of points that failed come back. */
async function simulatePoints(
  left: readonly ScanPoint[],
  all: number,
  keys: readonly string[],
  saved: SavedPoints,
  { jobs, quiet, verbose }: CheckedCompare,
  { stderr, env, signal }: ProcessIo,
): Promise<ReadonlyMap<number, string>> {
  const failures = new Map<number, string>()
  const runsBefore = new Map<number, number>()
  let runs = 0
  for (const point of left) {
    runsBefore.set(point.point, runs)
    runs += point.runs
  }
  const progress = startProgress(runs)
  const counts = { count: all, there: all - left.length }
  const screen = screenOf({ stderr, env }, !quiet, 'points', counts, progress)
  let done = all - left.length
  const byPoint = new Map(left.map((point) => [point.point, point]))
  const ended = (point: number, how: string, outcomes: readonly Outcome[] = []) => {
    const { settings } = byPoint.get(point)!
    done++
    if (verbose) {
      const line = `point ${point} ${how} (${done} of ${all} done, ${progress.remaining()}): ${settingsText(settings)}`
      screen.above(() => stderr.write(`${line}\n`))
    }
    screen.finished(`point ${point}, ${settingsText(settings)}`, outcomes)
  }
  try {
    await runPoints(left, {
      jobs,
      flowsMax: FLOWS_PER_POINT_MAX,
      signal,
      onProgress(point, run, share) {
        progress.update(runsBefore.get(point)! + run, share)
        screen.look()
      },
      onRun: (point, run) => progress.update(runsBefore.get(point)! + run, 1),
      onPoint(point, results) {
        saved.save(keys[point]!, results)
        ended(
          point,
          'finished',
          results.flatMap(({ policies }) => policies),
        )
      },
      saving: {
        folder: saved.path,
        keyOf: (point) => keys[point]!,
        onSaved(point, metrics) {
          saved.note(keys[point]!, metrics)
          ended(point, 'finished', outcomesOf(byPoint.get(point)!, metrics))
        },
      },
      onFailure(point, line) {
        failures.set(point, line)
        ended(point, 'failed')
      },
    })
  } finally {
    screen.end()
  }
  return failures
}

/** Metrics as threads hand them back: policy by policy, run by run; nothing where a policy failed. */
function outcomesOf({ resolved, runs }: ScanPoint, metrics: readonly Metrics[]): Outcome[] {
  const { policies } = resolved
  if (metrics.length !== policies.length * runs) return []
  return metrics.map((one, i) => ({ label: policies[i % policies.length]!.label, metrics: one }))
}

async function provenanceOfScan(start: Provenance, { base, points }: Prepared): Promise<Provenance> {
  const { source } = base.scenario
  const isPiped = 'capture' in source && source.capture === STANDARD_INPUT
  const captures = [...new Set(points.flatMap(({ resolved }) => [resolved.capturePath ?? []].flat()))]
  if (captures.length < 2)
    return provenanceAtEnd(start, captures[0], isPiped ? STANDARD_INPUT_NAME : captures[0])
  return provenanceOfInputs(
    start,
    captures.map((capture) => ({ path: capture, name: capture })),
  )
}
