/**
 * A report of replays with what they say to do: the verdict over the measured policies, and the limits that
 * were asked for.
 */
import type { LiveReport } from '../../live/verdict/live-report.ts'
import type { PolicyGate } from '../../metrics/statistics/gates.ts'
import type { ReportVerdict } from '../comparison/report.ts'
import { verdictTexts } from '../comparison/verdict-text.ts'

/** As report.json of a replay holds it. */
export interface JudgedReplays extends LiveReport {
  /** What to choose, and what it costs, as measured; not there in results of 0.1.0. */
  readonly verdict?: ReportVerdict
  /** Limits that were asked for, and whether they are kept; not there without any. */
  readonly gates?: readonly PolicyGate[]
}

/** The verdict in sentences; none where nothing was measured. */
export function choiceTexts({ verdict, subjects }: JudgedReplays): string[] {
  if (verdict === undefined || verdict.kind === 'failed') return []
  return verdictTexts({
    verdict,
    records: subjects.map(({ label, measured, error }) => ({ policy: label, metrics: measured, error })),
    labels: subjects.map(({ label }) => label),
  })
}
