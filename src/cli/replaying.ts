/**
 * The work of `lanewise replay`: checks what can be checked, goes into a network namespace of its own, replays, predicts,
 * and writes what there is after every replay.
 */
import path from 'node:path'
import { UserError } from '../errors.ts'
import type { LiveReport } from '../live/live-report.ts'
import { dieWithParent, isInNamespace, requireTun, runInNamespace } from '../live/namespace.ts'
import { preparePackets } from '../live/packets.ts'
import { replayAll, type Subject } from '../live/replays.ts'
import { scheduleOf } from '../live/schedule.ts'
import type { Topology } from '../live/setup.ts'
import { jsonText } from '../report/json.ts'
import { liveCsv } from '../report/live-csv.ts'
import { liveMarkdown, liveTable } from '../report/live-table.ts'
import { replayLine } from '../report/live-words.ts'
import { resultsFolder } from '../report/results-folder.ts'
import { type LoadedScenario, loadScenario } from '../scenario/load.ts'
import type { Format } from './format-names.ts'
import { provenanceAtEnd, provenanceAtStart } from './provenance.ts'
import type { ReplayOptions } from './replay.ts'
import { type CheckedReplay, checkReplay } from './replay-options.ts'
import { recordWriter } from './replay-records.ts'
import { replayWarnings } from './replay-warnings.ts'
import { interrupted, type Surroundings, usesColour, widthOf } from './surroundings.ts'

/** Does the work; resolves to the exit code. Throws UserError. */
export async function replay(
  file: string,
  options: ReplayOptions,
  surroundings: Surroundings,
): Promise<number> {
  const checked = checkReplay(options)
  const isLive = options.loopback !== true
  if (isLive && options.host !== true) {
    if (!isInNamespace(process.env)) return await runInNamespace(process.argv.slice(1))
    dieWithParent()
  } else if (isLive) requireTun()
  return await replayHere(file, options, checked, surroundings)
}

async function replayHere(
  file: string,
  options: ReplayOptions,
  checked: CheckedReplay,
  surroundings: Surroundings,
): Promise<number> {
  const { stdout, stderr, env, signal, argv } = surroundings
  const { format, work, repeat, predictRuns, limit, pace, durationNs } = checked
  const say = (line: string) => stderr.write(`${line}\n`)
  const sets = [
    ...(options.set ?? []),
    ...(checked.loop === undefined ? [] : [`source.loop=${checked.loop}`]),
  ]
  const base = { set: sets, seed: options.seed }
  const loaded = await loadScenario(file, { ...base, policies: options.policy })
  const list = await preparePackets(loaded, { limit })
  const schedule = scheduleOf(list.columns, pace, durationNs)
  if (schedule.packets === 0)
    throw new UserError(`${file}: no packet to replay - see lanewise inspect ${file}`)
  const subjects = await subjectsOf(file, loaded, options, checked, base)
  const warnings = replayWarnings(loaded, work, list, schedule)
  const folder = resultsFolder(options.output ?? path.join('results', `${loaded.name}-replay`))
  const provenance = provenanceAtStart(argv)
  const write = (report: LiveReport) => {
    folder.write({
      'report.json': jsonText(report),
      'live.csv': liveCsv(report),
      'provenance.json': jsonText(provenance),
    })
  }
  if (!options.quiet) for (const warning of warnings) say(warning)
  const records = options.packets === undefined ? undefined : recordWriter(options.packets)
  let written = false
  const { report, calibrations } = await replayAll({
    loaded,
    subjects,
    device: options.loopback === true ? 'loopback' : 'tun',
    list,
    schedule,
    work,
    repeat,
    predictRuns,
    warnings,
    signal,
    onReplay(label, row, finished, planned) {
      if (options.verbose) say(`${label}, ${replayLine(row)} (${finished} of ${planned})`)
      else if (!options.quiet && stderr.isTTY) stderr.write(`\r${finished} of ${planned} replays`)
    },
    onReport(soFar) {
      write(soFar)
      written = true
    },
    ...(records && { onRecord: records.add }),
  })
  records?.end()
  if (!options.quiet && !options.verbose && stderr.isTTY) stderr.write('\r\u001b[K')
  if (signal.aborted) {
    return interrupted(
      written
        ? `the replays that had finished are in ${folder.path}`
        : 'no replay had finished, nothing was written',
      stderr,
      signal,
    )
  }
  write(report)
  for (const [i, [label, calibration]] of [...calibrations].entries()) {
    const name = i === 0 ? 'calibration.json' : `calibration-${label.replaceAll(/[^\w.-]+/g, '_')}.json`
    folder.write({ [name]: jsonText(calibration) })
  }
  folder.write({
    'provenance.json': jsonText(await provenanceAtEnd(provenance, loaded.capturePath, undefined)),
  })
  stdout.write(formatted(report, format, surroundings, env))
  for (const { error } of report.subjects) if (error !== null) say(error)
  if (!options.quiet) say(`results are in ${folder.path}`)
  return report.subjects.some(({ error }) => error !== null) ? 1 : 0
}

function formatted(
  report: LiveReport,
  format: Format,
  { stdout }: Surroundings,
  env: Surroundings['env'],
): string {
  if (format === 'json') return jsonText(report)
  if (format === 'csv') return liveCsv(report)
  if (format === 'markdown') return liveMarkdown(report)
  return liveTable(report, { width: widthOf(stdout), colour: usesColour(stdout, env) })
}

/** Policies under the dispatcher, and each topology without one; what they are compared with is the scenario with that topology. */
async function subjectsOf(
  file: string,
  loaded: LoadedScenario,
  options: ReplayOptions,
  { topologies }: CheckedReplay,
  base: { readonly set: readonly string[]; readonly seed: string | undefined },
): Promise<Subject[]> {
  const wanted: readonly Topology[] =
    topologies.length > 0
      ? [
          ...(options.policy === undefined || topologies.includes('dispatcher')
            ? []
            : ['dispatcher' as const]),
          ...topologies,
        ]
      : [loaded.scenario.topology]
  const subjects: Subject[] = []
  for (const topology of wanted) {
    const set = [...base.set, `topology=${topology}`]
    const policies =
      topology === 'dispatcher' ? options.policy : topology === 'multi-queue' ? ['linux-tun'] : undefined
    const inHand = await loadScenario(file, { ...base, set, ...(policies && { policies }) })
    for (const policy of inHand.policies.keys()) subjects.push({ topology, policy, inHand })
  }
  return subjects
}
