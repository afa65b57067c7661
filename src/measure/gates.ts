/**
 * Limits that a measurement must keep, for continuous integration. A metric that isn't known, or that no
 * packet was judged by, keeps no limit: a gate that could not be judged fails. Where nothing was reordered,
 * extent and late time are 0.
 */
import type { MetricSummary } from '../metrics/statistics/comparison.ts'

export type GateKind = 'share' | 'packets' | 'duration'

export interface GateRule {
  /** What its line says, and its option: --max-<name>. */
  readonly name: string
  readonly metric: string
  readonly kind: GateKind
  readonly description: string
}

export interface GateResult {
  readonly gate: string
  readonly metric: string
  readonly kind: GateKind
  /** null where it isn't known. */
  readonly value: number | null
  /** A share 0..1, packets, or ns. */
  readonly limit: number
  readonly isKept: boolean
}

export const gateRules: readonly GateRule[] = [
  share('reordered', 'reorderedRatio', 'packets overtaken within their flow, such as 0.001 or 0.1%'),
  share('worst-flow', 'worstFlowReorderedRatio', 'reordered packets of any one flow'),
  share('lost', 'lostRatio', 'packets that did not arrive'),
  share('duplicated', 'duplicationRatio', 'further copies per packet'),
  share('sack-lost', 'sackLostRatio', 'segments that TCP would take for lost'),
  share('quic-lost', 'quicLostRatio', 'datagrams that QUIC would take for lost'),
  { name: 'extent', metric: 'extentMax', kind: 'packets', description: 'packets that any fell behind by' },
  {
    name: 'late-time',
    metric: 'lateTimeNsMax',
    kind: 'duration',
    description: 'late time of any packet, such as 5ms',
  },
]

function share(name: string, metric: string, description: string): GateRule {
  return { name, metric, kind: 'share', description }
}

/** Holds for want of a single reordered packet. */
const ZERO_IN_ORDER = new Set(['extentMax', 'lateTimeNsMax'])

/** @param limits by the names of gates */
export function judgeGates(
  limits: ReadonlyMap<string, number>,
  metrics: Readonly<Record<string, MetricSummary>>,
): GateResult[] {
  const isInOrder = metrics.reorderedRatio?.mean === 0
  return gateRules.flatMap(({ name, metric, kind }) => {
    const limit = limits.get(name)
    if (limit === undefined) return []
    const value = isInOrder && ZERO_IN_ORDER.has(metric) ? 0 : (metrics[metric]?.mean ?? null)
    return [{ gate: name, metric, kind, value, limit, isKept: value !== null && value <= limit }]
  })
}
