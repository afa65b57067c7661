/**
 * The work of `lanewise replay`: checks what can be checked, goes into a network namespace of its own,
 * replays, predicts, and writes what there is after every replay that has finished.
 */
import path from 'node:path'
import { UserError } from '../../errors.ts'
import { askForDevices } from '../../live/device/device-server.ts'
import { dieWithOther, dieWithParent, requireTun } from '../../live/device/namespace.ts'
import { preparePackets } from '../../live/packets.ts'
import { isCounted, labelOf, type ReplaysResult, replayAll } from '../../live/replays.ts'
import { scheduleOf } from '../../live/schedule.ts'
import { loadScenario } from '../../node/load-scenario.ts'
import type { JudgedReplays } from '../../report/live/judged-replays.ts'
import { liveCsv } from '../../report/live/live-csv.ts'
import { noneValidTexts } from '../../report/live/live-facts.ts'
import { liveMarkdown, liveTable } from '../../report/live/live-table.ts'
import { jsonText } from '../../report/parts/json.ts'
import { planOf } from '../../run/plan.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { inNamespace } from '../process/own-namespace.ts'
import { checkResults, inputsOf, openResults } from '../shared/earlier-results.ts'
import { checkExport, writePolicyGates } from '../shared/export-file.ts'
import type { Format } from '../shared/format-names.ts'
import {
  atAbort,
  interrupted,
  type ProcessIo,
  remark,
  show,
  usesColour,
  widthOf,
} from '../shared/process-io.ts'
import { provenanceAtStart } from '../shared/provenance.ts'
import { RESULT_NAMES } from '../shared/result-files.ts'
import { checkRowsFile } from '../shared/rows-file.ts'
import { asOneCapture, inputWords } from '../shared/several-files.ts'
import { checkReplaySize } from '../shared/size-check.ts'
import { checkGateLabels, sayGates } from '../shared/verdict/policy-gates.ts'
import { questionOf } from '../shared/verdict/question.ts'
import { contendersOf, requireFile } from './contenders.ts'
import { type CheckedReplay, checkReplay, type ReplayOptions } from './options.ts'
import { recordWriter } from './records.ts'
import { ReplayResults } from './results.ts'
import { replayScreen } from './screen.ts'
import { judged, setsOf } from './verdict.ts'
import { lengthText, replayNs, replayWarnings } from './warnings.ts'

const NOTHING_WRITTEN = 'nothing was written'

/** Does the work; resolves to the exit code. Throws UserError. */
export async function replay(
  files: readonly string[],
  options: ReplayOptions,
  io: ProcessIo,
): Promise<number> {
  const checked = checkReplay(options)
  files.forEach(requireFile)
  const isLive = options.loopback !== true
  const { isolated } = io
  if (isLive && isolated?.devices !== undefined) dieWithParent(isolated.by)
  else if (isLive && options.host !== true) {
    if (isolated === undefined) {
      return await inNamespace(io, {
        nothing: NOTHING_WRITTEN,
        cure: 'by SIGKILL it may have been for want of memory (--limit)',
      })
    }
    dieWithOther(isolated.by)
  } else if (isLive) requireTun()
  return await replayHere(files, options, checked, io)
}

async function replayHere(
  files: readonly string[],
  options: ReplayOptions,
  checked: CheckedReplay,
  io: ProcessIo,
): Promise<number> {
  const { stderr, argv } = io
  const file = await asOneCapture(files, options, 'lanewise replay', io.signal)
  const sets = [
    ...(options.set ?? []),
    ...(checked.loop === undefined ? [] : [`source.loop=${checked.loop}`]),
  ]
  const { seed, policy: policies, allowModules, calibration, as } = options
  const overrides = { set: sets, seed, policies, allowModules, calibration, as }
  const loaded = await loadScenario(file, overrides)
  requireFile(loaded.capturePath)
  // Does the calibration fit?
  planOf(loaded)
  const output = options.output ?? path.join('results', `${loaded.name}-replay`)
  const inputs = inputsOf(loaded, calibration)
  const newResults = { kind: 'replay', inputs, quiet: options.quiet } as const
  checkResults(output, newResults, io)
  if (options.packets !== undefined) {
    checkRowsFile('--packets', options.packets, { inputs, folder: output, results: RESULT_NAMES })
  }
  checkExport('--junit', options.junit, { inputs, folder: output })
  const device = options.loopback === true ? ('loopback' as const) : ('tun' as const)
  const devices = io.isolated?.devices
  const opener = devices === undefined ? undefined : askForDevices(devices)
  const { topologies, limit, pace, durationNs, gates } = checked
  const contenders = await contendersOf(loaded, { file, overrides, topologies, isLive: device === 'tun' })
  checkGateLabels(gates, contenders.map(labelOf))
  checkReplaySize(loaded, limit, options.yes)
  const list = await preparePackets(loaded, { limit })
  const schedule = scheduleOf(list.columns, pace, durationNs)
  const given = files.join(' ')
  if (schedule.packets === 0)
    throw new UserError(`${given}: no packet to replay - see lanewise inspect ${given}`)
  if (!list.columns.flowNumber.subarray(0, schedule.packets).some((number) => number >= 0)) {
    throw new UserError(
      `${loaded.where(['warmup'])}: all ${schedule.packets} packets are within the warm-up of ${loaded.scenario.warmup} - shorten it (--set warmup=0s), or send more`,
      2,
    )
  }
  const warnings = replayWarnings(loaded, checked, options.policy, list, schedule)
  const { folder, putBack } = openResults(output, newResults, io)
  const about = {
    question: questionOf(inputWords(file, options), options, loaded.policies),
    sets: setsOf(options, loaded.scenario),
    folder: folder.path,
    calibratedOn: loaded.calibratedOn,
  }
  const wanted = contenders.length * checked.repeat
  const plannedNs = replayNs(schedule)
  const results = new ReplayResults(folder, provenanceAtStart(argv))
  try {
    if (!options.quiet) {
      for (const warning of warnings) remark(warning, stderr)
      remark(lengthText(wanted, plannedNs), stderr)
    }
    const screen = replayScreen(io, options, wanted, plannedNs)
    const records = options.packets === undefined ? undefined : recordWriter(options.packets)
    let areKept = false
    const keepRecords = () => {
      if (areKept || results.finished === 0) return
      areKept = true
      records?.keep()
    }
    const stopKeeping = atAbort(io.signal, keepRecords)
    let result: ReplaysResult
    let report: JudgedReplays
    try {
      result = await replayAll({
        ...checked,
        loaded,
        contenders,
        device,
        opener,
        list,
        schedule,
        warnings,
        signal: io.signal,
        onReplay: (label, row, progress) => screen.finished(label, row, progress),
        onLook: (label, replay, look) => screen.look(label, replay, look),
        onReport: (report) => results.write(judged(report, gates, about)),
        onReplayed: keepRecords,
        ...(records && {
          onRecord: (label, row, record, flows) =>
            records.add(label, row.replay, isCounted(row), record, flows),
        }),
      })
      report = judged(result.report, gates, about)
      results.write(report)
    } finally {
      stopKeeping()
      try {
        keepRecords()
      } finally {
        records?.close()
      }
      screen.end()
    }
    return await finish(report, result.calibrations, results, loaded.capturePath, options, checked.format, io)
  } finally {
    folder.discard()
    putBack()
  }
}

/** Prints what was found, and says what went wrong. */
async function finish(
  report: JudgedReplays,
  calibrations: ReplaysResult['calibrations'],
  results: ReplayResults,
  capturePath: CapturePaths | undefined,
  options: ReplayOptions,
  format: Format,
  io: ProcessIo,
): Promise<number> {
  const { stdout, stderr, signal } = io
  const { finished, folder } = results
  if (signal.aborted && finished === 0)
    return interrupted(`no replay had finished, ${NOTHING_WRITTEN}`, stderr, signal)
  await results.end(calibrations, capturePath)
  if (signal.aborted) {
    const what =
      finished === 1 ? 'the replay that had finished is' : `the ${finished} replays that had finished are`
    return interrupted(`${what} in ${folder.path}`, stderr, signal)
  }
  show(formatted(report, format, io), format, io)
  const failures = [
    ...report.subjects.flatMap(({ error }) => (error === null ? [] : [error])),
    ...noneValidTexts(report),
  ]
  // A terminal that shows both streams has read them below the table.
  const isSaid = stdout.isTTY && stderr.isTTY && (format === 'table' || format === 'markdown')
  if (!isSaid) for (const failure of failures) remark(failure, stderr)
  if (!options.quiet) {
    const rows = options.packets === undefined ? '' : `, the packets in ${options.packets}`
    remark(`results are in ${folder.path}${rows}`, stderr)
  }
  writePolicyGates(options.junit, report.title, report.gates)
  const areKept = sayGates(report.gates, stderr)
  return failures.length > 0 || !areKept ? 1 : 0
}

function formatted(report: JudgedReplays, format: Format, { stdout, env }: ProcessIo): string {
  if (format === 'json') return jsonText(report)
  if (format === 'csv') return liveCsv(report)
  if (format === 'markdown') return liveMarkdown(report)
  return liveTable(report, { width: widthOf(stdout), colour: usesColour(stdout, env) })
}
