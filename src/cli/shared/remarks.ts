/**
 * What is said on stderr beside the data: runs that finished, what the source left out, failures, where
 * results are.
 */
import { isCountedByPolicy } from '../../metrics/catalogue/catalogue.ts'
import { numberOf } from '../../metrics/metric.ts'
import type { RunResult } from '../../metrics/result.ts'
import { hints } from '../../report/comparison/comparison-text.ts'
import type { Report } from '../../report/comparison/report.ts'
import { significant } from '../../units.ts'
import type { Format } from './format-names.ts'
import type { Output } from './process-io.ts'

const WARNINGS_SHOWN = 5

export interface Remarks {
  /** A run has finished; said only when verbose. */
  run(result: RunResult, finished: number, planned: number): void
  /** The work failed, but some runs are saved. */
  kept(runs: number, planned: number, folder: string): void
  /** The work is done. Failures of policies are said even when quiet. */
  report(report: Report, format: Format, folder: string, trace: string | undefined): void
}

export function tell(stderr: Output, { quiet, verbose }: { quiet: boolean; verbose: boolean }): Remarks {
  const say = (line: string) => stderr.write(`${line}\n`)
  return {
    run(result, finished, planned) {
      if (!verbose) return
      const shares = result.policies.map(({ label, metrics, error }) => {
        const share = numberOf(metrics.reorderedRatio ?? null)
        return `${label} ${error !== null ? 'failed' : share === null ? '-' : `${significant(share * 100)}%`}`
      })
      say(`run ${result.run} (${finished} of ${planned} done): reordered ${shares.join(', ')}`)
    },
    kept(runs, planned, folder) {
      if (!quiet) say(`the results of ${runs} of ${planned} runs are in ${folder}`)
    },
    report(report, format, folder, trace) {
      for (const { error } of report.records) if (error !== null) say(error)
      if (quiet) return
      sayWarnings(report.warnings)
      if (verbose) for (const line of counterLines(report)) say(line)
      if (format === 'json' || format === 'csv') for (const hint of hints(report)) say(hint)
      say(`results are in ${folder}${trace === undefined ? '' : `, the trace in ${trace}`}`)
    },
  }

  function sayWarnings(warnings: readonly string[]): void {
    const shown = verbose ? warnings : warnings.slice(0, WARNINGS_SHOWN)
    for (const warning of shown) say(warning)
    if (shown.length < warnings.length) say(`${warnings.length - shown.length} more warnings: add -v`)
  }
}

/**
 * What the policies count themselves: the flow table's metrics, and names that the catalogue doesn't know.
 */
function counterLines({ records }: Report): string[] {
  return records.map(({ policy, metrics }) => {
    const counters = Object.entries(metrics)
      .filter(([name]) => isCountedByPolicy(name))
      .map(([name, { mean }]) => `${name} ${mean === null ? '-' : significant(mean, 6)}`)
    return `${policy} counts: ${counters.length === 0 ? 'nothing' : counters.join(', ')}`
  })
}
