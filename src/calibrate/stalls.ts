/**
 * Stalls in the delays of lonely packets: those that are held up for five works and more. How many packets a
 * stall catches, and for how much of its length, hangs on the policy and on how fast packets come: a policy
 * that takes idle lanes sends one packet into a stall, one that pins flows all that come; few packets meet
 * the rest of a stall, many its beginning. So rate and lengths are moved until the simulation's packets are
 * held up as often and as long as the measured ones.
 */
import type { Stalling } from './machine.ts'
import { quantile } from './quantile.ts'

/** As often a work as a hold-up must be long to count as a stall. */
export const STALL_WORKS = 5
/** Hold-ups that must have been seen. */
const STALLS_MIN = 30
const LENGTHS = 64
/** Rates are moved by no more than this at once. */
const FASTER_MAX = 3

/** Hold-ups of one run, or of its simulation. */
export interface HeldUp {
  /** Of lonely packets. */
  readonly share: number
  /** Ascending. */
  readonly heldNs: Float64Array
}

/** @param delaysNs of lonely packets, ascending; @param usualNs what most take; @param leastNs that counts */
export function heldUp(delaysNs: Float64Array, usualNs: number, leastNs: number): HeldUp {
  const heldNs = delaysNs.map((ns) => ns - usualNs).filter((ns) => ns > leastNs)
  return { share: heldNs.length / Math.max(1, delaysNs.length), heldNs }
}

/** A first guess; undefined where too few were held up so long. */
export function firstStalls({ share, heldNs }: HeldUp): Stalling | undefined {
  if (heldNs.length < STALLS_MIN) return undefined
  const meanNs = heldNs.reduce((sum, ns) => sum + ns, 0) / heldNs.length
  const lengthNs = Array.from({ length: LENGTHS }, (_, k) => quantile(heldNs, (k + 0.5) / LENGTHS))
  return { perSecond: (share / meanNs) * 1e9, lengthNs }
}

/** Stalls moved by what the simulation with them lacks. */
export function movedStalls(stalls: Stalling, measured: HeldUp, simulated: HeldUp): Stalling {
  const faster = simulated.share === 0 ? FASTER_MAX : measured.share / simulated.share
  const perSecond = stalls.perSecond * Math.min(FASTER_MAX, Math.max(1 / FASTER_MAX, faster))
  if (simulated.heldNs.length < STALLS_MIN / 2) return { ...stalls, perSecond }
  let longestNs = 0
  const lengthNs = stalls.lengthNs.map((ns, k) => {
    const q = (k + 0.5) / LENGTHS
    longestNs = Math.max(longestNs, ns + quantile(measured.heldNs, q) - quantile(simulated.heldNs, q), 1000)
    return longestNs
  })
  return { perSecond, lengthNs }
}
