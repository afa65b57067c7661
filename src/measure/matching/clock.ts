/**
 * Puts the times of sending and of arrival on one axis. Two captures may be of two clocks, and then a one-way
 * delay can't be known: the received times are moved so that the smallest delay reads as 0, and a steady
 * drift is taken out. Drift is the slope of the edge of the lower convex hull of the delays that lies over
 * their mean time: of all lines below every delay the one nearest to them. Source: Moon, Skelly, Towsley,
 * Estimation and Removal of Clock Skew from Network Delay Measurements, INFOCOM 1999.
 */
import { formatDurationNs, significant } from '../../units.ts'

/** How the two times relate, in numbers and in words. */
export interface ClockStatement {
  /** `same`: used as they are; `offset`: received times were moved; `unknown`: some aren't there. */
  readonly kind: 'same' | 'offset' | 'unknown'
  /** What was taken from every received time at time zero; rounded to a double beyond 104 days. */
  readonly offsetNs: number
  /** What was taken out beside, in millionths. */
  readonly driftPpm: number
  readonly text: string
}

/** Clocks further apart are years off; their difference wouldn't be exact in nanoseconds. */
export const APART_SECONDS_MAX = 1e6
/** Delays up to this can be of one clock; a larger one says that there are two. */
export const DELAY_NS_MAX = 10e9

/** A capture shorter than this is too short to tell drift from a queue that builds up. */
const DRIFT_SPAN_NS_MIN = 10e9
/** Quartz is within 100 ppm; a larger slope is no drift. */
const DRIFT_PPM_MAX = 500
const DRIFT_PPM_MIN = 0.5
const PIECES = 1000

/** What is known of the times beforehand. */
export interface ClockHints {
  /** Rows with 1 aren't judged by (their partner may be another one), unless all are so. */
  readonly isDoubtful?: Uint8Array | undefined
  /** What the received times were already moved by, where their clock is years off. */
  readonly apartSeconds?: number
  /** The clocks are known to differ, though the delays look like those of one. */
  readonly areTwo?: boolean
}

/**
 * Judges `count` pairs of times and changes `receivedNs` where the clocks differ. Pairs with a NaN are passed
 * over.
 */
export function alignClocks(
  sentNs: Float64Array,
  receivedNs: Float64Array,
  count: number,
  { isDoubtful, apartSeconds = 0, areTwo = false }: ClockHints = {},
): ClockStatement {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < count; i++) {
    if (isDoubtful !== undefined && isDoubtful[i] === 1) continue
    const delay = receivedNs[i]! - sentNs[i]!
    if (delay < least) least = delay
    if (delay > most) most = delay
    if (sentNs[i]! < first) first = sentNs[i]!
    if (sentNs[i]! > last) last = sentNs[i]!
  }
  if (least === Number.POSITIVE_INFINITY) {
    if (isDoubtful !== undefined) return alignClocks(sentNs, receivedNs, count, { apartSeconds, areTwo })
    const text = 'times of sending and of arrival are not both known: no delays'
    return { kind: 'unknown', offsetNs: Number.NaN, driftPpm: 0, text }
  }
  if (!areTwo && apartSeconds === 0 && least >= 0 && most <= DELAY_NS_MAX) {
    const text = `taken as one clock: all delays lie between ${formatDurationNs(least)} and ${formatDurationNs(most)}`
    return { kind: 'same', offsetNs: 0, driftPpm: 0, text }
  }
  const drift =
    last - first < DRIFT_SPAN_NS_MIN ? undefined : driftOf(sentNs, receivedNs, count, first, last, isDoubtful)
  const slope = drift?.slope ?? 0
  const offset = drift === undefined ? least : drift.atZero
  for (let i = 0; i < count; i++)
    receivedNs[i]! -= offset + (slope === 0 ? 0 : Math.round(slope * sentNs[i]!))
  const offsetNs = offset + apartSeconds * 1e9
  const why =
    least < 0 && apartSeconds === 0 ? 'packets arrive before they are sent' : 'delays are above 10 s'
  const moved = `received times are moved by ${formatDurationNs(-offsetNs)}`
  const driftText = slope === 0 ? '' : ` and a drift of ${significant(slope * 1e6)} ppm is taken out`
  const effect = 'so that the smallest one-way delay reads as 0; the true one cannot be known'
  const text = `two clocks (${why}): ${moved}${driftText}, ${effect}`
  return { kind: 'offset', offsetNs, driftPpm: slope * 1e6, text }
}

/** The line below all delays, where it fits their minima clearly better than a level one. */
function driftOf(
  sentNs: Float64Array,
  receivedNs: Float64Array,
  count: number,
  first: number,
  last: number,
  isDoubtful: Uint8Array | undefined,
): { slope: number; atZero: number } | undefined {
  const x = new Float64Array(PIECES)
  const y = new Float64Array(PIECES).fill(Number.POSITIVE_INFINITY)
  const scale = (PIECES - 1) / (last - first)
  for (let i = 0; i < count; i++) {
    if (isDoubtful !== undefined && isDoubtful[i] === 1) continue
    const delay = receivedNs[i]! - sentNs[i]!
    const piece = Math.floor((sentNs[i]! - first) * scale)
    if (!(delay < y[piece]!)) continue
    x[piece] = sentNs[i]!
    y[piece] = delay
  }
  const used = Array.from(y.keys()).filter((piece) => y[piece]! < Number.POSITIVE_INFINITY)
  const mean = used.reduce((sum, piece) => sum + x[piece]!, 0) / used.length
  const hull: number[] = []
  for (const piece of used) {
    while (hull.length > 1 && !turnsUp(x, y, hull.at(-2)!, hull.at(-1)!, piece)) hull.pop()
    hull.push(piece)
  }
  const right = hull.findIndex((piece) => x[piece]! >= mean)
  if (right < 1) return undefined
  const [a, b] = [hull[right - 1]!, hull[right]!]
  const slope = (y[b]! - y[a]!) / (x[b]! - x[a]!)
  if (Math.abs(slope) > DRIFT_PPM_MAX / 1e6 || Math.abs(slope) < DRIFT_PPM_MIN / 1e6) return undefined
  const lineAt = (at: number) => y[a]! + slope * (at - x[a]!)
  const level = used.reduce((low, piece) => Math.min(low, y[piece]!), Number.POSITIVE_INFINITY)
  const aboveLine = used.reduce((sum, piece) => sum + y[piece]! - lineAt(x[piece]!), 0)
  const aboveLevel = used.reduce((sum, piece) => sum + y[piece]! - level, 0)
  return aboveLine * 2 < aboveLevel ? { slope, atZero: Math.floor(lineAt(0)) } : undefined
}

function turnsUp(x: Float64Array, y: Float64Array, a: number, b: number, c: number): boolean {
  return (y[b]! - y[a]!) * (x[c]! - x[b]!) < (y[c]! - y[b]!) * (x[b]! - x[a]!)
}
