/**
 * Which policy is best by a metric where less is better. A winner is named only where the paired 95 %
 * interval of its difference to every other policy excludes zero; each comparison has its own 5 %, there is
 * no correction for their number. Policies that are equal in every run win together.
 */

import { numberOf } from '../metric.ts'
import type { RunResult } from '../result.ts'
import { differenceOf } from './comparison.ts'
import { estimate } from './statistics.ts'

export interface Winner {
  readonly metric: string
  /**
   * `clear`: below all others beyond chance; `equal`: so are these, and they are equal in every run;
   * `unclear`: any of these may be best; `no-interval`: lowest in the only run, which says nothing about
   * chance.
   */
  readonly verdict: 'clear' | 'equal' | 'unclear' | 'no-interval'
  /** Labels, in the order of the comparison. */
  readonly policies: readonly string[]
  /** The lowest mean. */
  readonly mean: number
}

/**
 * null where fewer than two policies have the metric; those that failed have none.
 * @param runs finished runs of one point; all have the same policies
 */
export function winnerOf(runs: readonly RunResult[], metric = 'reorderedRatio'): Winner | null {
  const rivals = (runs[0]?.policies ?? []).flatMap(({ label }, index) => {
    const mine = runs.map((run) => run.policies[index]!)
    const values = mine.map(({ metrics }) => numberOf(metrics[metric] ?? null))
    const { mean } = estimate(values)
    return mean === null || mine.some(({ error }) => error !== null) ? [] : [{ label, index, values, mean }]
  })
  if (rivals.length < 2) return null
  const best = rivals.reduce((least, rival) => (rival.mean < least.mean ? rival : least))
  const others = rivals.filter((rival) => rival !== best)
  const differences = others.map(({ index }) => differenceOf(runs, index, best.index, metric))
  const named = (
    verdict: Winner['verdict'],
    isNamed: (rival: (typeof rivals)[number]) => boolean,
  ): Winner => ({
    metric,
    verdict,
    policies: rivals.filter(isNamed).map(({ label }) => label),
    mean: best.mean,
  })
  if (runs.length === 1 && differences.every(({ low95 }) => low95 === null)) {
    return named('no-interval', ({ mean }) => mean === best.mean)
  }
  const worse = others.filter((_, i) => (differences[i]!.low95 ?? 0) > 0)
  const mayBeBest = rivals.filter((rival) => !worse.includes(rival))
  const isEqual = mayBeBest.every(({ values }) => values.every((value, run) => value === best.values[run]))
  const verdict = mayBeBest.length === 1 ? 'clear' : isEqual ? 'equal' : 'unclear'
  return named(verdict, (rival) => mayBeBest.includes(rival))
}
