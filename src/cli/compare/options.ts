/** The options of `lanewise compare`, as they come and as values. */
import { UserError } from '../../errors.ts'
import { type Format, formatOf } from '../shared/format-names.ts'
import { jobsOf } from '../shared/jobs.ts'
import type { JoinOptions, PolicyGateOptions, SimulationOptions, ViewOptions } from '../shared/options.ts'

/** As commander gives them. */
export interface CompareOptions extends SimulationOptions, PolicyGateOptions, JoinOptions, ViewOptions {
  readonly reference?: string
  readonly scan?: string[]
  readonly scanList?: string[]
  readonly resume?: true
  readonly trace?: string
  readonly fits?: true
  readonly traceRuns?: string
}

/** Options whose words have been checked. */
export type CheckedCompare = Omit<CompareOptions, 'format' | 'jobs' | 'traceRuns'> & {
  readonly format: Format
  readonly jobs: number | undefined
  /** Infinity: all. */
  readonly traceRuns: number
}

/** Throws UserError. */
export function checkCompare(options: CompareOptions): CheckedCompare {
  const { format, jobs } = options
  return { ...options, format: formatOf(format), jobs: jobsOf(jobs), traceRuns: traceRunsOf(options) }
}

function traceRunsOf({ trace, traceRuns }: CompareOptions): number {
  if (traceRuns === undefined) return 1
  const fail = (what: string) => new UserError(`--trace-runs ${traceRuns}: ${what}`, 2)
  if (trace === undefined) throw fail('there is no trace - add --trace packets.csv, or leave it out')
  if (traceRuns === 'all') return Number.POSITIVE_INFINITY
  if (/^\d+$/.test(traceRuns) && Number(traceRuns) >= 1) return Number(traceRuns)
  throw fail('expected a number of runs, or all - leave it out for the first run')
}
