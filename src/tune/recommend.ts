/**
 * The two answers, read off the curve. Recommended is the smallest TTL from which on the upper 95 % bound of
 * the target metric stays within the target: curves need not fall (a TTL in between can be worse than none),
 * so every larger one counts, never expiring too. Safe is the smallest from which on no run had an unsafe
 * move, fresh ones too. An answer that would rest on nothing, neither packets nor moves, is unknown.
 */
import type { MetricSummary } from '../metrics/statistics/comparison.ts'

export const TARGET_METRIC = 'reorderedRatio'

/** One TTL with its metrics over all runs. */
export interface TtlPoint {
  /** null: never expires. */
  readonly ttlNs: number | null
  /** The label of the policy with this TTL. */
  readonly policy: string
  readonly metrics: Readonly<Record<string, MetricSummary>>
}

/**
 * `any`: already the smallest TTL of the grid; `none`: not even the largest; `unknown`: no packet was judged.
 */
export type Recommended =
  | { readonly kind: 'value'; readonly ttlNs: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }

/** `unknown`: no unsafe move, but only because no flow moved at all. */
export interface Safe {
  readonly kind: Recommended['kind']
  /**
   * The smallest TTL of the grid with `any`; null with `none`; with `unknown` the smallest without a move.
   */
  readonly ttlNs: number | null
  /** Moves of flows with that TTL, none of them unsafe, over all runs; null with `none`. */
  readonly moves: number | null
  /**
   * With 95 % confidence fewer than this share of such moves are unsafe: 3 / moves (the rule of three), at
   * most 1.
   */
  readonly bound: number | null
}

/**
 * What the target metric may be with 95 % confidence: the upper end of its interval; 3 / n where none of n
 * chances happened (the rule of three); the value itself where nothing is random. null where it isn't known.
 */
export function upperBound(summary: MetricSummary | undefined, isRandom: boolean): number | null {
  if (summary === undefined || summary.mean === null) return null
  if (!isRandom) return summary.mean
  if (summary.count === 0 && summary.of !== undefined) return summary.of === 0 ? null : 3 / summary.of
  return summary.high95 ?? summary.mean
}

/** @param curve ascending, never expiring last */
export function recommend(curve: readonly TtlPoint[], targetRatio: number, isRandom: boolean): Recommended {
  if (isEmpty(curve)) return { kind: 'unknown' }
  const first = startOfTail(curve, ({ metrics }) => {
    const bound = upperBound(metrics[TARGET_METRIC], isRandom)
    return bound !== null && bound <= targetRatio
  })
  const ttlNs = curve[first]?.ttlNs ?? null
  if (ttlNs === null) return { kind: 'none' }
  return first === 0 ? { kind: 'any' } : { kind: 'value', ttlNs }
}

/**
 * @param curve ascending, never expiring last
 * @param refutedNs the TTL at which fresh runs had an unsafe move
 */
export function smallestSafe(curve: readonly TtlPoint[], refutedNs?: number): Safe {
  if (isEmpty(curve)) return { kind: 'unknown', ttlNs: curve[0]!.ttlNs, moves: 0, bound: null }
  const first = startOfTail(curve, ({ ttlNs, metrics }) => {
    return metrics.unsafeMoves?.count === 0 && ttlNs !== refutedNs
  })
  const point = curve[first]
  if (point === undefined || point.ttlNs === null)
    return { kind: 'none', ttlNs: null, moves: null, bound: null }
  const moves = point.metrics.flowMoves?.count ?? 0
  if (moves === 0) return { kind: 'unknown', ttlNs: point.ttlNs, moves, bound: null }
  return { kind: first === 0 ? 'any' : 'value', ttlNs: point.ttlNs, moves, bound: Math.min(1, 3 / moves) }
}

/** Was no packet judged? */
function isEmpty(curve: readonly TtlPoint[]): boolean {
  return curve.every(({ metrics }) => metrics[TARGET_METRIC]?.mean == null)
}

/** The first position from which on all points are good; the length where the last one isn't. */
function startOfTail<T>(points: readonly T[], isGood: (point: T) => boolean): number {
  let first = points.length
  while (first > 0 && isGood(points[first - 1]!)) first--
  return first
}

/** Where an answer of this kind stands in the curve; undefined for none and where nothing is known. */
export function positionOf(answer: Recommended | Safe, curve: readonly TtlPoint[]): number | undefined {
  if (answer.kind === 'any') return 0
  const at = 'ttlNs' in answer ? answer.ttlNs : null
  return at === null ? undefined : curve.findIndex(({ ttlNs }) => ttlNs === at)
}
