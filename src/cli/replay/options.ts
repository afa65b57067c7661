/** The options of `lanewise replay`, as they come and as numbers and names. */
import path from 'node:path'
import { UserError } from '../../errors.ts'
import type { Pace } from '../../live/schedule.ts'
import type { Topology } from '../../live/threads/setup.ts'
import { WORK_KINDS, type WorkKind } from '../../live/threads/work.ts'
import { boundText, parseDurationNs } from '../../units.ts'
import { type Format, formatOf } from '../shared/format-names.ts'
import type { JoinOptions, PolicyGateOptions, ScenarioOptions } from '../shared/options.ts'
import { type AskedGates, askedGates } from '../shared/verdict/policy-gates.ts'

/** As commander gives them. */
export interface ReplayOptions extends ScenarioOptions, JoinOptions, PolicyGateOptions {
  readonly topology?: string[]
  readonly multiplier?: string
  readonly pps?: string
  readonly mbps?: string
  readonly topspeed?: true
  readonly loop?: string
  readonly limit?: string
  readonly repeat: string
  readonly work: string
  readonly loopback?: true
  readonly host?: true
  readonly predict: boolean
  readonly predictRuns?: string
  readonly packets?: string
}

const PREDICT_RUNS = '20'
/** Times as fast, packets or megabits per second. */
const PACE_MIN = 1e-6
const PACE_MAX = 1e9
const TOPOLOGIES = ['dispatcher', 'shared', 'multi-queue'] as const

/** What the flags say, checked. */
export interface CheckedReplay {
  readonly format: Format
  readonly gates: AskedGates | undefined
  readonly topologies: readonly Topology[]
  readonly work: WorkKind
  readonly repeat: number
  /** The scenario's `runs` is set, which says nothing here. */
  readonly isRunsSet: boolean
  readonly predictRuns: number
  readonly limit: number
  readonly loop: number | undefined
  readonly pace: Pace
  /** Infinity without a limit. */
  readonly durationNs: number
}

/** Throws a UserError (usage) for the first flag that makes no sense. */
export function checkReplay(options: ReplayOptions): CheckedReplay {
  const paces = [options.multiplier, options.pps, options.mbps, options.topspeed].filter(
    (given) => given !== undefined,
  )
  if (paces.length > 1) {
    throw new UserError('replay: -x, --pps, --mbps and --topspeed exclude each other - keep one', 2)
  }
  exclude('--loopback', options.loopback, '--host', options.host)
  exclude('--no-predict', !options.predict, `--predict-runs ${options.predictRuns}`, options.predictRuns)
  const { packets, predict, predictRuns = PREDICT_RUNS } = options
  if (packets !== undefined && path.extname(packets) !== '.csv') {
    throw new UserError(`--packets ${packets}: only CSV is written - name a file.csv`, 2)
  }
  return {
    format: formatOf(options.format),
    gates: askedGates({ ...options, policy: options.policy ?? options.topology }),
    topologies: topologiesOf(options.topology ?? []),
    work: oneOf(options.work, WORK_KINDS, '--work'),
    isRunsSet: (options.set ?? []).some((text) => /^\s*runs\s*=/.test(text)),
    repeat: whole(options.repeat, '--repeat', 1, 1000),
    predictRuns: predict ? whole(predictRuns, '--predict-runs', 2, 10_000) : 0,
    limit: options.limit === undefined ? Number.POSITIVE_INFINITY : whole(options.limit, '--limit', 1, 1e7),
    loop: options.loop === undefined ? undefined : whole(options.loop, '--loop', 1, 1e6),
    pace: paceOf(options),
    durationNs: options.duration === undefined ? Number.POSITIVE_INFINITY : durationOf(options.duration),
  }
}

function exclude(one: string, isOne: unknown, other: string, isOther: unknown): void {
  if (isOne && isOther) throw new UserError(`replay: ${one} and ${other} exclude each other - keep one`, 2)
}

function topologiesOf(given: readonly string[]): Topology[] {
  const twice = given.find((name, i) => given.indexOf(name) < i)
  if (twice !== undefined)
    throw new UserError(`--topology ${twice}: is given twice - remove one of the two`, 2)
  return given.map((name) => oneOf(name, TOPOLOGIES, '--topology'))
}

function paceOf({ multiplier, pps, mbps, topspeed }: ReplayOptions): Pace {
  if (topspeed) return 'topspeed'
  if (pps !== undefined) return { packetsPerSecond: positive(pps, '--pps') }
  if (mbps !== undefined) return { megabitsPerSecond: positive(mbps, '--mbps') }
  return { multiplier: multiplier === undefined ? 1 : positive(multiplier, '-x') }
}

function oneOf<T extends string>(given: string, known: readonly T[], flag: string): T {
  if ((known as readonly string[]).includes(given)) return given as T
  throw new UserError(`${flag} ${given}: unknown - use one of ${known.join(', ')}`, 2)
}

function whole(given: string, flag: string, least: number, most: number): number {
  const value = Number(given)
  if (/^\d+$/.test(given) && value >= least && value <= most) return value
  throw new UserError(`${flag} ${given}: expected a whole number from ${least} to ${most}`, 2)
}

function positive(given: string, flag: string): number {
  const value = Number(given)
  if (given.trim() !== '' && value >= PACE_MIN && value <= PACE_MAX) return value
  throw new UserError(
    `${flag} ${given}: expected a number from ${boundText(PACE_MIN)} to ${boundText(PACE_MAX)}`,
    2,
  )
}

function durationOf(text: string): number {
  try {
    return parseDurationNs(text)
  } catch (error) {
    throw new UserError(`-d ${(error as Error).message}`, 2)
  }
}
