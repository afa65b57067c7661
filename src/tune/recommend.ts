/**
 * The two answers, read off the curve. Recommended is the smallest TTL from which on the upper 95 % bound of the
 * target metric stays within the target: curves need not fall (a TTL in between can be worse than none), so every
 * larger one counts, never expiring too. Safe is the smallest from which on no run had an unsafe move.
 */
import type { MetricSummary } from '../metrics/comparison.ts'

export const TARGET_METRIC = 'reorderedRatio'

/** One TTL with its metrics over all runs. */
export interface TtlPoint {
  /** null: never expires. */
  readonly ttlNs: number | null
  /** The label of the policy with this TTL. */
  readonly policy: string
  readonly metrics: Readonly<Record<string, MetricSummary>>
}

/** `any`: already the smallest TTL of the grid; `none`: not even the largest. */
export type Recommended =
  | { readonly kind: 'value'; readonly ttlNs: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'none' }

export interface Safe {
  readonly kind: Recommended['kind']
  /** The smallest TTL of the grid with `any`; null with `none`. */
  readonly ttlNs: number | null
  /** Moves of flows with that TTL, none of them unsafe, over all runs; null with `none`. */
  readonly moves: number | null
  /** With 95 % confidence fewer than this share of such moves are unsafe: 3 / moves (the rule of three), at most 1. */
  readonly bound: number | null
}

/**
 * What the target metric may be with 95 % confidence: the upper end of its interval; 3 / n where none of n chances
 * happened (the rule of three); the value itself where nothing is random. null where it isn't known.
 */
export function upperBound(summary: MetricSummary | undefined, isRandom: boolean): number | null {
  if (summary === undefined || summary.mean === null) return null
  if (!isRandom) return summary.mean
  if (summary.count === 0 && summary.of !== undefined) return summary.of === 0 ? null : 3 / summary.of
  return summary.high95 ?? summary.mean
}

/** @param curve ascending, never expiring last */
export function recommend(curve: readonly TtlPoint[], targetRatio: number, isRandom: boolean): Recommended {
  const first = startOfTail(curve, ({ metrics }) => {
    const bound = upperBound(metrics[TARGET_METRIC], isRandom)
    return bound !== null && bound <= targetRatio
  })
  const ttlNs = curve[first]?.ttlNs ?? null
  if (ttlNs === null) return { kind: 'none' }
  return first === 0 ? { kind: 'any' } : { kind: 'value', ttlNs }
}

/** @param curve ascending, never expiring last */
export function smallestSafe(curve: readonly TtlPoint[]): Safe {
  const first = startOfTail(curve, ({ metrics }) => metrics.unsafeMoves?.count === 0)
  const point = curve[first]
  if (point === undefined || point.ttlNs === null)
    return { kind: 'none', ttlNs: null, moves: null, bound: null }
  const moves = point.metrics.flowMoves?.count ?? 0
  const kind = first === 0 ? 'any' : 'value'
  return { kind, ttlNs: point.ttlNs, moves, bound: moves === 0 ? null : Math.min(1, 3 / moves) }
}

/** The first position from which on all points are good; the length where the last one isn't. */
function startOfTail<T>(points: readonly T[], isGood: (point: T) => boolean): number {
  let first = points.length
  while (first > 0 && isGood(points[first - 1]!)) first--
  return first
}

/** Where an answer of this kind stands in the curve; undefined for none. */
export function positionOf(answer: Recommended | Safe, curve: readonly TtlPoint[]): number | undefined {
  if (answer.kind === 'none') return undefined
  if (answer.kind === 'any') return 0
  return curve.findIndex(({ ttlNs }) => ttlNs === answer.ttlNs)
}
