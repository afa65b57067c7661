/**
 * Times of two clocks made comparable: what one clock gains on the other over the run is taken away, by the
 * lower envelope of the delays, and the quickest packet takes a time that is given. What packets take on the
 * way is then not known; all that differs between them is. Source: the lower-envelope skew of S. B. Moon,
 * P. Skelly and D. Towsley, Estimation and removal of clock skew from network delay measurements, INFOCOM
 * 1999 (the linear programme there; here the median of the slopes between the least delays of parts of the
 * run).
 */

import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { quantile } from './quantile.ts'

const PARTS = 24
/** A drift that moves delays by less than this over the run is none, ns. */
const DRIFT_NS_MIN = 2000
/** Clocks of one machine don't show packets that arrive before they are sent, nor drift. */
const DRIFT_PPM_MIN = 0.5

export type Clock = 'same' | 'different'

/** Are the times of one clock, as far as they show? */
export function clockOf(run: SentRun): Clock {
  const { receivedNs, sentNs } = run
  for (let i = 0; i < run.count; i++) if (receivedNs[i]! < sentNs[i]!) return 'different'
  const spanNs = sentNs[run.count - 1]! - sentNs[0]!
  const slope = driftOf(run)
  const isDrift = Math.abs(slope) * 1e6 > DRIFT_PPM_MIN && Math.abs(slope) * spanNs > DRIFT_NS_MIN
  return isDrift && Math.abs(slope) * spanNs > spreadNs(run) ? 'different' : 'same'
}

/** The run with receiving times of the sender's clock, of which the quickest packet takes `leastNs`. */
export function onOneClock(run: SentRun, leastNs = 0): SentRun {
  const { sentNs, receivedNs } = run
  const slope = driftOf(run)
  const shifted = receivedNs.map((ns, i) => ns - slope * (sentNs[i]! - sentNs[0]!))
  let seenNs = Number.POSITIVE_INFINITY
  for (let i = 0; i < run.count; i++) {
    const ns = shifted[i]! - sentNs[i]!
    if (ns < seenNs) seenNs = ns
  }
  return { ...run, receivedNs: shifted.map((ns) => Math.round(ns - seenNs + leastNs)) }
}

/** Times of arrival moved so that the quickest packet takes `leastNs`. */
export function fromQuickest(
  { sentNs, count }: SentRun,
  receivedNs: Float64Array,
  leastNs = 0,
): Float64Array {
  let seenNs = Number.POSITIVE_INFINITY
  for (let i = 0; i < count; i++) {
    const ns = receivedNs[i]! - sentNs[i]!
    if (ns < seenNs) seenNs = ns
  }
  return receivedNs.map((ns) => Math.round(ns - seenNs + leastNs))
}

/** What the receiver's clock gains, ns per ns. */
function driftOf({ sentNs, receivedNs, count }: SentRun): number {
  const points = leastDelays(sentNs, receivedNs, count)
  const slopes = points.flatMap(({ atNs, ns }, i) =>
    points.slice(i + 1).map((other) => (other.ns - ns) / (other.atNs - atNs)),
  )
  return slopes.length === 0 ? 0 : quantile(Float64Array.from(slopes).sort(), 0.5)
}

/** Of each part of the run its quickest packet. */
function leastDelays(sentNs: Float64Array, receivedNs: Float64Array, count: number) {
  const points: { atNs: number; ns: number }[] = []
  for (let part = 0; part < PARTS; part++) {
    let best: { atNs: number; ns: number } | undefined
    const to = Math.floor(((part + 1) * count) / PARTS)
    for (let i = Math.floor((part * count) / PARTS); i < to; i++) {
      const ns = receivedNs[i]! - sentNs[i]!
      if (!Number.isNaN(ns) && (best === undefined || ns < best.ns)) best = { atNs: sentNs[i]!, ns }
    }
    if (best !== undefined && best.atNs > (points.at(-1)?.atNs ?? -1)) points.push(best)
  }
  return points
}

/** How much the least delays of parts differ anyway, ns: what drift must be told from. */
function spreadNs({ sentNs, receivedNs, count }: SentRun): number {
  const delays = Float64Array.from({ length: count }, (_, i) => receivedNs[i]! - sentNs[i]!)
  const sorted = delays.filter((ns) => !Number.isNaN(ns)).sort()
  return quantile(sorted, 0.05) - (sorted[0] ?? 0)
}
