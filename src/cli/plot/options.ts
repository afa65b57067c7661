/** The options of `lanewise plot`. */
import type { ResultOptions } from '../shared/options.ts'

/** As commander gives them. */
export interface PlotOptions extends ResultOptions {
  readonly chart?: string[]
  readonly policy?: string[]
  readonly point?: string
  readonly from?: string
  readonly for?: string
  readonly list?: true
}
