/**
 * Calibrates a running system: from arrivals CSVs, or from two captures, to a part of a scenario, and to how
 * wrong that is.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { calibrateRuns, METHOD } from '../../calibrate/calibrate.ts'
import { UserError } from '../../errors.ts'
import { matchedRun, readSentArrivals } from '../../measure/sent-run.ts'
import { inputPath } from '../../node/bundled.ts'
import { learnedTable } from '../../report/calibrate/learned-table.ts'
import { jsonText } from '../../report/parts/json.ts'
import type { ScenarioCalibration } from '../../scenario/schema/calibration.ts'
import type { SentRun } from '../../traffic/arrivals/sent-run.ts'
import { type ProcessIo, remark, show, widthOf } from '../shared/process-io.ts'
import { type CalibrateOptions, type CheckedSystem, checkSystem } from './options.ts'
import { checkTarget, writeCalibration } from './target.ts'
import { readThreads } from './threads.ts'

const PACKETS_MIN = 500

/** Does the work; resolves to the exit code. Throws UserError. */
export async function calibrateSystem(
  files: readonly string[],
  options: CalibrateOptions,
  io: ProcessIo,
): Promise<number> {
  const checked = checkSystem(files, options)
  const { target, format, sent, received, threads } = checked
  const inputs = [...files, ...sent, ...received]
  const paths = inputs.map((file) => inputPath(file))
  checkTarget(target, threads === undefined ? paths : [...paths, threads])
  const cpuNs = threads === undefined ? undefined : readThreads(threads)
  const runs = await runsOf(files, checked)
  io.signal.throwIfAborted()
  const { preset, policy, lanes, cores, clock, seed } = checked
  const result = calibrateRuns({ runs, preset, policy, lanes, cores, clock, seed, cpuNs })
  const calibration: ScenarioCalibration = {
    kind: 'lanewise calibration',
    schemaVersion: 2,
    scenario: result.scenario,
    calibratedOn: {
      files: inputs,
      sha256: await Promise.all(paths.map(sha256Of)),
      packets: runs.reduce((sum, { count }) => sum + count, 0),
      policy: result.policy,
      lanes: result.lanes,
      lanesAssumed: result.lanesAssumed,
    },
    heldOut: [...result.heldOut],
    notKnown: [...result.notKnown],
    method: METHOD,
    seed,
  }
  const text = jsonText(calibration)
  writeCalibration(target, text)
  if (format === 'json') show(text, format, io)
  else show(learnedTable(calibration, result, widthOf(io.stdout)), format, io)
  if (!options.quiet) {
    remark(`written to ${target} - next: lanewise compare ${inputs[0]} --calibration ${target}`, io.stderr)
  }
  return 0
}

async function runsOf(files: readonly string[], { sent, received }: CheckedSystem): Promise<SentRun[]> {
  const runs: SentRun[] = []
  for (const file of files) runs.push((await readSentArrivals(inputPath(file), file)).run)
  if (sent.length > 0) runs.push(await matchedRun([...sent], [...received]))
  for (const { name, receivedNs } of runs) {
    const arrived = receivedNs.reduce((count, ns) => count + (Number.isNaN(ns) ? 0 : 1), 0)
    if (arrived >= PACKETS_MIN) continue
    throw new UserError(
      `${name}: ${arrived} packets with both times, and a calibration needs ${PACKETS_MIN} - record longer, or a file with sentNs and receivedNs`,
    )
  }
  return runs
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer)
  return hash.digest('hex')
}
