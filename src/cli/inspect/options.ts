/** The options of `lanewise inspect`. */
import type { JoinOptions, PrintOptions } from '../shared/options.ts'

/** As commander gives them. */
export interface InspectOptions extends PrintOptions, JoinOptions {
  readonly sort?: true
}
