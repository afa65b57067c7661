/**
 * The two-sample Kolmogorov-Smirnov test: the largest distance D between two empirical distribution
 * functions, and how likely so large a D is when both samples come from one distribution. Exact for small
 * samples, by counting the lattice paths that stay below D; ties are exact too: the functions are only
 * compared where the pooled sample steps to another value, given the ties there are (G. Schröer and D.
 * Trenkler, Computational Statistics & Data Analysis 20, 1995, pages 185-202). For large samples Kolmogorov's
 * limit, which with ties says too much.
 */
import { exp } from '../../sim/elementary.ts'

/** Up to so many pairs of values the probability is exact. */
const EXACT_PAIRS_MAX = 1_000_000
/** Below it the limit's probability is 1 within 1e-12, and its series is slow. */
const LAMBDA_MIN = 0.2

export interface KolmogorovSmirnov {
  /** 0 for equal distribution functions, 1 for samples that don't overlap. */
  readonly distance: number
  /** Probability of a distance at least as large by chance (two-sided). */
  readonly pValue: number
  readonly isExact: boolean
}

/** null when a sample is empty. */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): KolmogorovSmirnov | null {
  const n = a.length
  const m = b.length
  if (n === 0 || m === 0) return null
  const pooled = Float64Array.from([...a, ...b]).sort()
  const isStep = pooled.map((value, i) => (value === pooled[i + 1] ? 0 : 1))
  const distance = largestDistance(Float64Array.from(a).sort(), Float64Array.from(b).sort())
  const isExact = n * m <= EXACT_PAIRS_MAX
  const pValue = isExact
    ? exactTail(distance, n, m, isStep)
    : kolmogorovTail((distance / n / m) * Math.sqrt((n * m) / (n + m)))
  return { distance: distance / n / m, pValue, isExact }
}

/** D times n times m, a whole number. */
function largestDistance(a: Float64Array, b: Float64Array): number {
  const n = a.length
  const m = b.length
  let largest = 0
  for (let i = 0, j = 0; i < n && j < m; ) {
    const value = Math.min(a[i]!, b[j]!)
    while (i < n && a[i] === value) i++
    while (j < m && b[j] === value) j++
    largest = Math.max(largest, Math.abs(i * m - j * n))
  }
  return largest
}

/**
 * P(D n m >= distance). A path takes a step right for each value of the first sample and one up for each of
 * the second, in the order of the pooled sample. hit[j] is the probability that a path through (i, j) has
 * been at least `distance` off by then; it comes from (i - 1, j) with probability i / (i + j).
 */
function exactTail(distance: number, n: number, m: number, isStep: Float64Array): number {
  const hit = new Float64Array(m + 1)
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      if (i + j === 0) hit[0] = distance <= 0 ? 1 : 0
      else if (isStep[i + j - 1] === 1 && Math.abs(i * m - j * n) >= distance) hit[j] = 1
      else {
        const left = i === 0 ? 0 : i * hit[j]!
        const below = j === 0 ? 0 : j * hit[j - 1]!
        hit[j] = (left + below) / (i + j)
      }
    }
  }
  return hit[m]!
}

/**
 * 2 sum over k >= 1 of (-1)^(k-1) exp(-2 k^2 lambda^2), lambda = D sqrt(n m / (n + m)) (Kolmogorov 1933,
 * Smirnov 1939).
 */
export function kolmogorovTail(lambda: number): number {
  if (lambda < LAMBDA_MIN) return 1
  let sum = 0
  for (let k = 1, sign = 2; ; k++, sign = -sign) {
    const term = exp(-2 * k * k * lambda * lambda)
    sum += sign * term
    if (term < 1e-17) return Math.min(1, Math.max(0, sum))
  }
}
