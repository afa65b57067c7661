/** The report of a search for a TTL: that of a comparison of all candidates, with the answer under `tune`. */
import type { Tuning } from '../../tune/tuning.ts'
import type { Report } from '../comparison/report.ts'

export interface TuneReport extends Report {
  readonly tune: Tuning
}
