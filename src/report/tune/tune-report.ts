/** The report of a search for a TTL: that of a comparison of all candidates, with the answer under `tune`. */
import type { Tuning } from '../../tune/tuning.ts'
import type { Report, ReportVerdict } from '../comparison/report.ts'

export interface TuneVerdict extends ReportVerdict {
  /** What to set, ns; null for never expiring, and where nothing is known. */
  readonly ttlNs: number | null
}

export interface TuneReport extends Report {
  readonly verdict: TuneVerdict
  readonly tune: Tuning
}
