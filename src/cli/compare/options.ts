/** The options of `lanewise compare`, as they come and as values. */
import { type Format, formatOf } from '../shared/format-names.ts'
import { jobsOf } from '../shared/jobs.ts'
import type { JoinOptions, SimulationOptions } from '../shared/options.ts'

/** As commander gives them. */
export interface CompareOptions extends SimulationOptions, JoinOptions {
  readonly reference?: string
  readonly scan?: string[]
  readonly scanList?: string[]
  readonly resume?: true
  readonly trace?: string
}

/** Options whose words have been checked. */
export type CheckedCompare = Omit<CompareOptions, 'format' | 'jobs'> & {
  readonly format: Format
  readonly jobs: number | undefined
}

/** Throws UserError. */
export function checkCompare(options: CompareOptions): CheckedCompare {
  return { ...options, format: formatOf(options.format), jobs: jobsOf(options.jobs) }
}
