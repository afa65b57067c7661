/** The options of `lanewise diagnose` as values. */
import { didYouMean, UserError } from '../../errors.ts'
import type { MatchOptions } from '../../measure/matching/match.ts'
import { STANDARD_INPUT } from '../../scenario/schema/source.ts'
import { matchOptionsOf, matchWordsOf } from '../shared/capture-pair.ts'
import type { PairOptions, ResultOptions } from '../shared/options.ts'

/** As commander gives them. */
export interface DiagnoseOptions extends ResultOptions, PairOptions {
  readonly calibration?: string
  readonly as?: string
  readonly yes?: true
}

const FORMATS = ['text', 'markdown', 'json'] as const

export interface Checked {
  /** The traffic; undefined where it is what `sides` say was sent. */
  readonly file: string | undefined
  /** What is to be measured: the files of both sides. */
  readonly sides: { readonly sent: readonly string[]; readonly received: readonly string[] } | undefined
  readonly match: MatchOptions
  readonly format: (typeof FORMATS)[number]
}

/** Throws UserError (2). */
export function checkOptions(file: string | undefined, options: DiagnoseOptions): Checked {
  const format = FORMATS.find((one) => one === options.format)
  if (format === undefined) {
    const cure = didYouMean(options.format, FORMATS) || ` - use ${FORMATS.join(', ')}`
    throw new UserError(`-f ${options.format}: unknown format${cure}`, 2)
  }
  const { sent, received } = options
  if ([file, ...(sent ?? []), ...(received ?? [])].includes(STANDARD_INPUT)) {
    throw new UserError('-: a capture is read several times here - save it to a file first', 2)
  }
  const match = matchOptionsOf(options)
  if (sent !== undefined && received !== undefined) return { file, sides: { sent, received }, match, format }
  const [given, missing] = sent === undefined ? ['--received', '--sent'] : ['--sent', '--received']
  const side = sent ?? received
  if (side !== undefined) {
    throw new UserError(
      `${given} ${side[0]}: one side alone can't be measured - add ${missing}, or leave it out`,
      2,
    )
  }
  if (file === undefined) {
    const cure = 'give a capture, or --sent before.pcap --received after.pcap'
    throw new UserError(`lanewise diagnose: nothing to diagnose - ${cure}`, 2)
  }
  const useless = [...(options.asOne ? ['--as-one'] : []), ...matchWordsOf(options)]
  if (useless.length > 0) {
    throw new UserError(`${useless.join(', ')}: for two captures only (--sent, --received) - leave it out`, 2)
  }
  return { file, sides: undefined, match, format }
}
