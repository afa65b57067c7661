/**
 * What is seen on a terminal while many runs or points are simulated: how many are done, how fast, what is
 * left, and what the last one came to per policy. Elsewhere nothing, as progress isn't data.
 */
import { runValueOf } from '../../../metrics/catalogue/shown.ts'
import type { Metrics } from '../../../metrics/metric.ts'
import { shareText } from '../../../report/parts/amounts.ts'
import { significant } from '../../../units.ts'
import type { ProcessIo } from '../process-io.ts'
import { barText, liveView } from './live-view.ts'
import { clockMs, type Progress } from './progress.ts'

const BAR_WIDTH = 30
const PATIENCE_MS = 1000
const POLICIES_SHOWN = 6
/** Before so much is done, most of the time that passed is that of the start. */
const SHARE_MIN = 0.02

/** What one policy came to in one run. */
export interface Outcome {
  readonly label: string
  readonly metrics: Metrics
}

export interface Screen {
  /** Shows where the work is. */
  look(): void
  /** One of them is done: its name, and its outcomes over all its runs. */
  finished(name: string, outcomes: readonly Outcome[]): void
  /** Something else is written, above the lines. */
  above(write: () => void): void
  end(): void
}

/**
 * @param what they are: "points"
 * @param all how many there are, some of which may be there already
 * @param progress what is done of all runs together, kept up to date by the caller
 * @param now for tests: ms
 */
export function screenOf(
  { stderr, env }: Pick<ProcessIo, 'stderr' | 'env'>,
  isWanted: boolean,
  what: string,
  all: { readonly count: number; readonly there: number },
  progress: Pick<Progress, 'remaining' | 'share'>,
  now: () => number = clockMs,
): Screen {
  const view = liveView(stderr, { env, isWanted, patienceMs: PATIENCE_MS, now })
  const beganMs = now()
  let done = 0
  let last: string[] = []

  function lines(): string[] {
    const seconds = (now() - beganMs) / 1000
    const rate = done > 0 ? [`${significant(done / seconds, 2)} ${what}/s`] : []
    const share = progress.share()
    const left = share < SHARE_MIN ? '' : progress.remaining()
    return [
      `${barText(share, BAR_WIDTH)} ${Math.floor(share * 100)} %`,
      [`${all.there + done} of ${all.count} ${what}`, ...rate, ...(left === '' ? [] : [left])].join(', '),
      ...last,
    ]
  }

  return {
    look: () => view.show(lines),
    finished(name, outcomes) {
      done++
      if (view.isLive) last = headlinesOf(name, outcomes)
      view.show(lines)
    },
    above: view.above,
    end: view.end,
  }
}

/** Per policy what people ask for first. */
function headlinesOf(name: string, outcomes: readonly Outcome[]): string[] {
  const labels = [...new Set(outcomes.map(({ label }) => label))]
  const width = Math.max(...labels.slice(0, POLICIES_SHOWN).map(({ length }) => length))
  const share = (label: string, metric: string) => {
    const runs = outcomes.filter((outcome) => outcome.label === label)
    const values = runs.flatMap(({ metrics }) => runValueOf(metric, metrics) ?? [])
    return shareText(
      values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length,
    )
  }
  const lines = labels.slice(0, POLICIES_SHOWN).map((label) => {
    return `  ${label.padEnd(width)}  ${share(label, 'reorderedRatio')} reordered, ${share(label, 'dropRatio')} dropped`
  })
  const more = labels.length - POLICIES_SHOWN
  return [`last: ${name}`, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])]
}
