/** The options of `lanewise diagnose`. */
import type { ResultOptions } from '../shared/options.ts'

/** As commander gives them. */
export interface DiagnoseOptions extends ResultOptions {
  readonly calibration?: string
}
