/**
 * Means over runs with 95 % confidence intervals by Student's t, paired differences, and where a further run
 * would lie. The t quantile comes from the exact distribution for whole degrees of freedom (Abramowitz and
 * Stegun 26.7.3 and 26.7.4) by bisection.
 */
import { atan, cos, sin } from '../../sim/elementary.ts'

/** low95 and high95 are null with fewer than two values; mean is null without values. */
export interface Estimate {
  readonly mean: number | null
  readonly low95: number | null
  readonly high95: number | null
  /** How many values went in. */
  readonly runs: number
  /** Where the interval is of one run, from batch means within it: how many batches. */
  readonly batches?: number
}

/** P(|T| <= t) for Student's t with `df` degrees of freedom, a whole number of at least 1. */
export function studentCentral(t: number, df: number): number {
  const theta = atan(t / Math.sqrt(df))
  const sine = sin(theta)
  const cosine = cos(theta)
  let term = df % 2 === 1 ? cosine : 1
  let sum = df === 1 ? 0 : term
  for (let k = df % 2 === 1 ? 3 : 2; k < df; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine
    sum += term
  }
  return df % 2 === 1 ? (2 / Math.PI) * (theta + sine * sum) : sine * sum
}

/** The t that |T| stays below with probability `central`: 0.95 for a two-sided 95 % interval. */
export function studentQuantile(central: number, df: number): number {
  let low = 0
  let high = 1
  while (studentCentral(high, df) < central) high *= 2
  for (let i = 0; i < 200 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2
    if (studentCentral(middle, df) < central) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Mean and t interval; null values (metric undefined in that run) are left out. */
export function estimate(values: ReadonlyArray<number | null>): Estimate {
  return interval(values, (runs) => runs)
}

/**
 * Where one further run would lie with 95 % probability, if runs are normally distributed: mean ± t s sqrt(1
 * + 1/n), s the standard deviation of the n values (Hahn and Meeker, Statistical Intervals, 1991, section
 * 4.7). Wider than {@link estimate}'s, which is of the mean, and it doesn't shrink to nothing with many runs.
 */
export function predictionInterval(values: ReadonlyArray<number | null>): Estimate {
  return interval(values, (runs) => runs / (runs + 1))
}

/** Mean ± t s / sqrt(divisor(n)). */
function interval(values: ReadonlyArray<number | null>, divisor: (runs: number) => number): Estimate {
  const known = values.filter((value) => value !== null)
  const runs = known.length
  if (runs === 0) return { mean: null, low95: null, high95: null, runs }
  const mean = known.reduce((sum, value) => sum + value, 0) / runs
  if (runs === 1) return { mean, low95: null, high95: null, runs }
  const squares = known.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  const half = studentQuantile(0.95, runs - 1) * Math.sqrt(squares / (runs - 1) / divisor(runs))
  return { mean, low95: mean - half, high95: mean + half, runs }
}

/** Interval of the run-by-run differences `values - reference`; runs where either is null are left out. */
export function pairedDifference(
  values: ReadonlyArray<number | null>,
  reference: ReadonlyArray<number | null>,
): Estimate {
  return estimate(
    values.map((value, i) => {
      const other = reference[i] ?? null
      return value === null || other === null ? null : value - other
    }),
  )
}
