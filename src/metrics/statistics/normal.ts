/**
 * The standard normal distribution: its probabilities by the series of G. Marsaglia (Evaluating the normal
 * distribution, Journal of Statistical Software 11(4), 2004), its quantiles by bisection.
 */
import { exp } from '../../sim/elementary.ts'

/** Beyond it a double can't tell the probability from 0 or 1. */
const Z_MAX = 8

/** P(Z <= z), to about 1e-15. */
export function normalBelow(z: number): number {
  if (z <= -Z_MAX) return 0
  if (z >= Z_MAX) return 1
  let sum = z
  let term = z
  for (let k = 3, before = 0; sum !== before; k += 2) {
    before = sum
    term *= (z * z) / k
    sum += term
  }
  return 0.5 + (sum * exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)
}

/** The z that Z stays below with probability `below`; -8 and 8 stand for what lies beyond. */
export function normalQuantile(below: number): number {
  let low = -Z_MAX
  let high = Z_MAX
  while (high - low > 1e-14 * Math.max(1, Math.abs(low))) {
    const middle = (low + high) / 2
    if (normalBelow(middle) < below) low = middle
    else high = middle
  }
  return (low + high) / 2
}
