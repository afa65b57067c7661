/**
 * The verdict of replays, by the rules of comparisons: the replays of a policy that count stand for its runs.
 * They are matched in their order; each has a machine of its own, so that is as good as any other order. A
 * single replay says nothing about the next one: then nobody can tell.
 */
import path from 'node:path'
import { isCounted } from '../../live/replays.ts'
import type { LiveReport } from '../../live/verdict/live-report.ts'
import type { ComparedRun } from '../../metrics/result.ts'
import { verdictOf } from '../../metrics/statistics/verdict.ts'
import { rateKeyOf } from '../../report/comparison/comparison-text.ts'
import type { ReportVerdict } from '../../report/comparison/report.ts'
import type { JudgedReplays } from '../../report/live/judged-replays.ts'
import type { CalibratedOn } from '../../scenario/loaded-scenario.ts'
import type { Scenario } from '../../scenario/schema/schema.ts'
import { type AskedGates, judgedGates } from '../shared/verdict/policy-gates.ts'
import { nextCommand, type Question, type ReplayQuestion, tunableOf } from '../shared/verdict/question.ts'
import { anotherThan, restsOnCalibration } from '../shared/verdict/verdict.ts'
import { calibrationName } from './results.ts'

const REPLAYS_MIN = 2

export interface ReplaysAbout {
  readonly question: Question
  /** What makes a simulation's traffic this one's, `path=value` each. */
  readonly sets: readonly string[]
  /** Of the results. */
  readonly folder: string
  readonly calibratedOn?: CalibratedOn | undefined
}

export function judged(
  report: LiveReport,
  asked: AskedGates | undefined,
  about: ReplaysAbout,
): JudgedReplays {
  const runs = comparedRuns(report)
  const found = verdictOf(runs)
  const verdict: ReportVerdict = {
    ...found,
    ...(runs.length < REPLAYS_MIN && found.kind !== 'failed' && CANNOT_TELL),
    fits: null,
    restsOn: { ...slept(about), workNs: null, runs: runs.length },
    next: [],
  }
  const gates = asked && judgedGates(asked, runs, verdict)
  return {
    ...report,
    verdict: { ...verdict, next: nextOf(verdict, report, about) },
    ...(gates && { gates }),
  }
}

/** Lanes were measured, whatever their work was calibrated on. */
function slept({
  calibratedOn,
}: ReplaysAbout): Pick<ReportVerdict['restsOn'], 'lanes' | 'file' | 'calibration'> {
  if (calibratedOn === undefined) return { lanes: 'measured', file: null }
  return { lanes: 'measured', ...restsOnCalibration(calibratedOn) }
}

const CANNOT_TELL = { kind: 'cannot-tell', policies: [], price: null } as const

/** As many as each policy has replays that count; one without any has failed. */
function comparedRuns({ subjects }: LiveReport): ComparedRun[] {
  const all = subjects.map(({ label, replays, error }) => {
    const counted = replays.filter(isCounted)
    const why = error ?? (counted.length === 0 ? 'none of its replays is valid' : null)
    return { label, counted, error: why }
  })
  const lengths = all.flatMap(({ counted, error }) => (error === null ? [counted.length] : []))
  return Array.from({ length: lengths.length === 0 ? 1 : Math.min(...lengths) }, (_, i) => ({
    policies: all.map(({ label, counted, error }) => ({
      label,
      metrics: error === null ? counted[i]!.metrics : {},
      error,
    })),
  }))
}

function nextOf(
  { kind, policies, restsOn: { runs } }: ReportVerdict,
  { subjects }: LiveReport,
  { question, sets, folder }: ReplaysAbout,
): string[][] {
  const calibrated = subjects.filter((subject) => subject.calibrated !== null).map(({ label }) => label)
  const position = Math.max(0, calibrated.indexOf(policies[0] ?? ''))
  const file = calibrated.length > 0 && path.join(folder, calibrationName(position, calibrated[position]!))
  const { as: _, ...options } = question.options
  const onItsLanes: Question = file ? { ...question, options: { ...options, calibration: file } } : question
  if (kind === 'failed') return []
  if (kind === 'cannot-tell') {
    const labels = subjects.flatMap(({ label, topology }) => (topology === 'dispatcher' ? [label] : []))
    const others = subjects.flatMap(({ label, topology }) =>
      topology === 'dispatcher' ? [] : ['--topology', label],
    )
    const { calibration } = question.options
    const lanes = calibration === undefined ? [] : ['--calibration', calibration]
    const more = [...others, ...lanes, '--repeat', String(Math.max(8, 4 * runs))]
    const also = subjects.length < 2 ? [anotherThan(subjects[0]!.label)] : []
    return [nextCommand('replay', question, { policies: [...labels, ...also], more })]
  }
  if (kind === 'drops-first') return [nextCommand('compare', onItsLanes, { sets, more: ['--fits'] })]
  const tunable = tunableOf(policies[0]!, question)
  if (tunable === undefined) return [nextCommand('compare', onItsLanes, { sets })]
  return [nextCommand('tune', onItsLanes, { sets, policies: [tunable] })]
}

/**
 * What a scenario calls the pace and the repetitions that a replay was given. It has no word for --mbps,
 * --topspeed and --limit.
 */
export function setsOf({ multiplier, pps, loop }: ReplayQuestion, scenario: Scenario): string[] {
  const { source } = scenario
  const isRecorded = !('synthetic' in source)
  const rate = isRecorded ? source.packetsPerSecond : source.synthetic.packetsPerSecond
  const rateKey = rateKeyOf(scenario)
  const times = Number(multiplier ?? 1)
  return [
    ...(pps === undefined ? [] : [`${rateKey}=${pps}`]),
    // A capture has a rate or a factor.
    ...(pps !== undefined && isRecorded && source.speed !== 1 ? ['source.speed=1'] : []),
    ...(isRecorded && times !== 1
      ? [rate === undefined ? `source.speed=${source.speed * times}` : `${rateKey}=${rate * times}`]
      : []),
    ...(isRecorded && loop !== undefined ? [`source.loop=${loop}`] : []),
  ]
}
