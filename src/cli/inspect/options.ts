/** The options of `lanewise inspect`. */
import type { PrintOptions } from '../shared/options.ts'

/** As commander gives them. */
export interface InspectOptions extends PrintOptions {
  readonly sort?: true
}
