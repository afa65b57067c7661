/**
 * What a comparison says to do: which policies to choose, best first, and what they cost. A policy that drops
 * packets isn't recommended for keeping the rest in order: of those that reorder least only they are named
 * who drop at most a thousandth, and where there is none, drops come first. Each comparison has its own 5 %;
 * there is no correction for their number. `drained` is a yardstick: it knows what is in flight, and is never
 * recommended.
 */
import { DROPS_WORTH_A_WORD, isYardstick } from '../catalogue/recommendable.ts'
import { runValueOf } from '../catalogue/shown.ts'
import type { Metrics } from '../metric.ts'
import type { ComparedRun } from '../result.ts'
import { differenceOf } from './comparison.ts'
import { type Estimate, estimate, pairedDifference } from './statistics.ts'

const REORDERED = 'reorderedRatio'
const PRICE = 'latencyNsP99'
const DROPS = 'dropRatio'

export interface Verdict {
  /**
   * `order-kept`: the recommended reorder nothing, others do; `least-reordered`: they reorder less than the
   * others, beyond chance where there are intervals; `nothing-reordered`: nobody reorders anything;
   * `drops-first`: the best drop too much to be recommended; `cannot-tell`: differences may be chance, or
   * there is nothing to compare; `failed`: no policy finished.
   */
  readonly kind:
    | 'order-kept'
    | 'least-reordered'
    | 'drops-first'
    | 'nothing-reordered'
    | 'cannot-tell'
    | 'failed'
  /** Labels of the recommended, the quickest first; empty for drops-first, cannot-tell and failed. */
  readonly policies: readonly string[]
  /**
   * What the first of them costs in p99 latency, beside the quickest of those that aren't; null without one.
   */
  readonly price: Price | null
  /** TUN plus lane drops of all packets at the source, by label; of policies that finished. */
  readonly drops: Readonly<Record<string, number>>
}

export interface Price {
  readonly metric: 'latencyNsP99'
  /** Label of the policy that it is compared with. */
  readonly than: string
  /** Paired; negative where the recommended policy is the quicker one. */
  readonly differenceNs: number
  readonly low95: number | null
  readonly high95: number | null
}

/** A policy that can be recommended. */
export interface Contender {
  readonly label: string
  /** Its position among the policies of each run. */
  readonly index: number
  readonly reordered: Estimate & { readonly mean: number }
  readonly drops: number
  readonly latencyNs: number
}

/** @param runs finished runs of one point, in order; all have the same policies */
export function verdictOf(runs: readonly ComparedRun[]): Verdict {
  const contenders = contendersOf(runs)
  const drops: Record<string, number> = {}
  let finished = 0
  for (const [index, { label }] of (runs[0]?.policies ?? []).entries()) {
    if (!hasFinished(runs, index)) continue
    finished++
    const dropped = meanOf(valuesOf(runs, index, DROPS))
    if (dropped !== null) drops[label] = dropped
  }
  const verdict = (kind: Verdict['kind'], chosen: readonly Contender[] = []): Verdict => ({
    kind,
    policies: chosen.map(({ label }) => label),
    price: chosen.length === 0 ? null : priceOf(runs, chosen[0]!, contenders, chosen),
    drops,
  })
  if (finished === 0) return verdict('failed')
  if (contenders.length === 0) return verdict('cannot-tell')
  const keepers = contenders.filter(({ reordered }) => reordered.mean === 0)
  const best = keepers.length > 0 ? keepers : leastReordered(runs, contenders)
  // So nobody is named who drops significantly more than another: that takes more than a thousandth.
  const delivering = best.filter((one) => one.drops <= DROPS_WORTH_A_WORD)
  if (delivering.length === 0) return verdict('drops-first')
  const ranked = delivering.toSorted((a, b) => a.latencyNs - b.latencyNs)
  if (keepers.length === contenders.length) return verdict('nothing-reordered', ranked)
  if (keepers.length > 0) return verdict('order-kept', ranked)
  // All of them may be best, or there is but one.
  if (best.length === contenders.length) return verdict('cannot-tell')
  return verdict('least-reordered', ranked)
}

/** Those that can be recommended: finished, no yardstick, with packets to judge. */
export function contendersOf(runs: readonly ComparedRun[]): Contender[] {
  return (runs[0]?.policies ?? []).flatMap(({ label }, index) => {
    if (!hasFinished(runs, index) || isYardstick(label)) return []
    const { mean, ...reordered } = estimate(valuesOf(runs, index, REORDERED))
    const drops = meanOf(valuesOf(runs, index, DROPS))
    if (mean === null || drops === null) return []
    const latencyNs = meanOf(valuesOf(runs, index, PRICE)) ?? Number.POSITIVE_INFINITY
    return [{ label, index, reordered: { ...reordered, mean }, drops, latencyNs }]
  })
}

function hasFinished(runs: readonly ComparedRun[], policy: number): boolean {
  return runs.every((run) => run.policies[policy]!.error === null)
}

/** The paired 95 % interval excludes 0, and the difference is above a thousandth; of one run, that alone. */
export function dropsMore(runs: readonly ComparedRun[], one: number, other: number): boolean {
  const { mean, low95 } = pairedDifference(valuesOf(runs, one, DROPS), valuesOf(runs, other, DROPS))
  return mean !== null && mean > DROPS_WORTH_A_WORD && (low95 === null || low95 > 0)
}

/** Those that nobody is below of beyond chance; of a run without intervals, the lowest. */
function leastReordered(runs: readonly ComparedRun[], contenders: readonly Contender[]): Contender[] {
  const lowest = contenders.reduce((least, one) => (one.reordered.mean < least.reordered.mean ? one : least))
  return contenders.filter((one) => {
    if (one === lowest) return true
    const { mean, low95 } = differenceOf(runs, one.index, lowest.index, REORDERED)
    return (low95 ?? mean ?? 0) <= 0
  })
}

/** Beside the quickest of the others that aren't recommended. */
function priceOf(
  runs: readonly ComparedRun[],
  best: Contender,
  contenders: readonly Contender[],
  chosen: readonly Contender[],
): Price | null {
  const others = contenders.filter((one) => !chosen.includes(one))
  if (others.length === 0) return null
  const quickest = others.reduce((least, one) => (one.latencyNs < least.latencyNs ? one : least))
  const { mean, low95, high95 } = differenceOf(runs, best.index, quickest.index, PRICE)
  if (mean === null) return null
  return { metric: PRICE, than: quickest.label, differenceNs: mean, low95, high95 }
}

/** A metric, or a derived column, run by run. */
export function valuesOf(runs: readonly ComparedRun[], policy: number, metric: string): (number | null)[] {
  return runs.map((run) => runValueOf(metric, run.policies[policy]!.metrics as Metrics))
}

function meanOf(values: readonly (number | null)[]): number | null {
  return estimate(values).mean
}
