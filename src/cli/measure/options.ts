/**
 * The options of `lanewise measure` as values. Every mistake is said as *option - what - cure*, all at once.
 */
import { reasonOf, UserError } from '../../errors.ts'
import type { SequenceBits } from '../../measure/arrivals/numbering.ts'
import { gateRules } from '../../measure/gates.ts'
import type { MatchOptions } from '../../measure/matching/match.ts'
import type { Assumptions } from '../../measure/measurement.ts'
import { type Wanted, wantedKinds } from '../../measure/numberings/kinds.ts'
import { type ColumnMap, parseColumnMap } from '../../traffic/arrivals/arrival-columns.ts'
import { parseDurationNs } from '../../units.ts'
import { matchOptionsOf, matchWordsOf } from '../shared/capture-pair.ts'
import { type Format, formatOf } from '../shared/format-names.ts'
import { USUAL } from '../shared/judge-measured.ts'
import { durationText, limitOf, oneOf, wholeNumber } from '../shared/limits.ts'
import type { PairOptions, ResultOptions } from '../shared/options.ts'

/** As commander gives them. */
export interface MeasureOptions extends ResultOptions, PairOptions {
  readonly numbering?: readonly string[]
  readonly map?: readonly string[]
  readonly sequenceBits?: string
  readonly rtt?: string
  readonly playout?: string
  readonly replayWindows?: string
  readonly rfc5236?: string
  readonly flows?: string
  readonly trace?: string
  readonly prometheus?: string
  readonly junit?: string
  /** Limits of gates, such as maxReordered. */
  readonly [limit: `max${string}`]: string | undefined
}

const FLOWS_SHOWN = 10
const LIST_MAX = 16

/** What is to be judged. */
export type Inputs =
  | { readonly kind: 'file'; readonly file: string }
  /** One side alone: the files of its capture. */
  | { readonly kind: 'side'; readonly option: '--sent' | '--received'; readonly files: readonly string[] }
  | { readonly kind: 'captures'; readonly sent: readonly string[]; readonly received: readonly string[] }

export interface Checked {
  readonly inputs: Inputs
  readonly match: MatchOptions
  /** Which numbers of its packets order a single capture. */
  readonly numbering: Wanted
  readonly assumptions: Assumptions
  readonly sequenceBits: SequenceBits
  readonly map: ColumnMap
  /** By the names of gates. */
  readonly limits: ReadonlyMap<string, number>
  readonly flowsShown: number
  readonly format: Format
  /**
   * Was anything given that only two captures, only one, or only an arrival file have a use for? As written.
   */
  readonly onlyForCaptures: readonly string[]
  readonly onlyForOne: readonly string[]
  readonly onlyForArrivals: readonly string[]
}

/** Throws UserError (2). */
export function checkOptions(files: readonly string[], options: MeasureOptions): Checked {
  const mistakes: string[] = []
  const attempt = <T>(fallback: T, work: () => T): T => {
    try {
      return work()
    } catch (error) {
      mistakes.push(...(error instanceof UserError ? error.lines : [reasonOf(error)]))
      return fallback
    }
  }
  const { numbering: numberings = [], sequenceBits, rtt, playout, replayWindows, rfc5236 } = options
  const inputs = attempt<Inputs>({ kind: 'file', file: '-' }, () => inputsOf(files, options))
  const match = attempt<MatchOptions>({}, () => matchOptionsOf(options))
  const numbering = attempt<Wanted>('auto', () => wantedKinds(numberings))
  const durations = (option: string, texts: readonly string[]) =>
    texts.map((text) => attempt(text, () => durationText(option, text)))
  const assumptions: Assumptions = {
    rtt: attempt(USUAL.rtt, () => (rtt === undefined ? USUAL.rtt : roundTripText(rtt))),
    playout: playout === undefined ? USUAL.playout : durations('--playout', listOf(playout)),
    replayWindows: attempt(USUAL.replayWindows, () =>
      replayWindows === undefined
        ? USUAL.replayWindows
        : listOf(replayWindows).map((text) => wholeNumber('--replay-windows', text, 1)),
    ),
    rfc5236: attempt(USUAL.rfc5236, () =>
      rfc5236 === undefined ? USUAL.rfc5236 : oneOf('--rfc5236', rfc5236, ['corrected', 'literal'] as const),
    ),
    sequenceBits: USUAL.sequenceBits,
  }
  const bits = attempt<SequenceBits>('find', () => sequenceBitsOf(sequenceBits))
  const map = attempt<ColumnMap>(new Map(), () => parseColumnMap(options.map ?? []))
  if (Math.max(assumptions.playout.length, assumptions.replayWindows.length) > LIST_MAX)
    mistakes.push(`--playout, --replay-windows: more than ${LIST_MAX} values - leave some out`)
  const limits = new Map<string, number>()
  for (const { name, kind } of gateRules) {
    const given = options[keyOf(name)]
    if (given !== undefined)
      limits.set(
        name,
        attempt(0, () => limitOf(`--max-${name}`, given, kind)),
      )
  }
  const flowsShown = attempt(0, () => flowsOf(options.flows))
  const format = attempt<Format>('table', () => formatOf(options.format))
  if (options.trace !== undefined && !options.trace.endsWith('.csv'))
    mistakes.push(`--trace ${options.trace}: only CSV is written - name a file.csv`)
  if (options.prometheus !== undefined && !options.prometheus.endsWith('.prom'))
    mistakes.push(
      `--prometheus ${options.prometheus}: the textfile collector reads no other name - name a file.prom`,
    )
  if (options.junit !== undefined && limits.size === 0)
    mistakes.push(
      `--junit ${options.junit}: there is no gate to write - add a limit, such as --max-reordered 0.1%`,
    )
  if (mistakes.length > 0) throw new UserError(mistakes, 2)
  const onlyForCaptures = matchWordsOf(options)
  const onlyForArrivals = [
    ...(sequenceBits === undefined ? [] : [`--sequence-bits ${sequenceBits}`]),
    ...(options.map ?? []).map((text) => `--map ${text}`),
  ]
  const onlyForOne = numbering === 'auto' ? [] : [`--numbering ${numberings.join(', ')}`]
  return {
    ...{ inputs, match, numbering, assumptions, sequenceBits: bits, map },
    ...{ limits, flowsShown, format, onlyForCaptures, onlyForOne, onlyForArrivals },
  }
}

function sequenceBitsOf(given: string | undefined): SequenceBits {
  if (given === undefined) return 'find'
  return given === 'none' ? given : wholeNumber('--sequence-bits', given, 8, 53)
}

function inputsOf(files: readonly string[], { sent, received }: MeasureOptions): Inputs {
  const wrong = (what: string): never => {
    throw new UserError(`lanewise measure: ${what}`, 2)
  }
  if (files.length === 2)
    return wrong(`which file is of which side? - name them: --sent ${files[0]} --received ${files[1]}`)
  if (files.length > 2)
    return wrong(`${files.length} files - give one arrival file, or --sent and --received`)
  const [file] = files
  if (file !== undefined && (sent ?? received) !== undefined)
    return wrong(`${file} and captures - give either an arrival file or --sent and --received`)
  if (sent !== undefined && received !== undefined) {
    if (sent.includes('-') || received.includes('-'))
      return wrong('standard input is for arrivals or one capture - give both captures as files')
    return { kind: 'captures', sent, received }
  }
  const side = sent ?? received
  if (side !== undefined && side.length > 1)
    return { kind: 'side', option: sent === undefined ? '--received' : '--sent', files: side }
  const single = file ?? side?.[0]
  if (single === undefined)
    return wrong('nothing to measure - give arrivals.csv, or --sent before.pcap --received after.pcap')
  return { kind: 'file', file: single }
}

function roundTripText(text: string): string {
  if (parseDurationNs(durationText('--rtt', text)) > 0) return text
  throw new UserError(`--rtt ${text}: expected a time above 0, such as 20ms`, 2)
}

function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

function flowsOf(given: string | undefined): number {
  if (given === undefined) return FLOWS_SHOWN
  if (given === 'all') return Number.POSITIVE_INFINITY
  if (/^\d+$/.test(given)) return Number(given)
  throw new UserError(`--flows ${given}: expected a number of flows - or all`, 2)
}

/** commander's key of --max-<name>. */
function keyOf(name: string): `max${string}` {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return `max${words.join('')}`
}
