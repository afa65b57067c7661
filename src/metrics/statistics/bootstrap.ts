/**
 * 95 % intervals of any statistic, a median or a ratio, where no formula is at hand: the statistic of many
 * samples drawn with replacement from the values. `percentile` takes their quantiles; `bca`, the default,
 * also corrects for bias and for a spread that changes with the statistic (B. Efron and R. J. Tibshirani, An
 * Introduction to the Bootstrap, 1993, chapters 13 and 14). The same random stream gives the same interval.
 */
import type { Random } from '../../sim/random.ts'
import { normalBelow, normalQuantile } from './normal.ts'

const RESAMPLES = 2000
const LOW = 0.025

export interface BootstrapOptions {
  /** Samples drawn; 2000 by default. */
  readonly resamples?: number
  /** A stream of its own: randomStream(seed, run, name). */
  readonly random: Random
  readonly method?: 'bca' | 'percentile'
}

export interface BootstrapInterval {
  /** The statistic of the values themselves; null without values. */
  readonly value: number | null
  /** null with fewer than two values. */
  readonly low95: number | null
  readonly high95: number | null
}

/** @param statistic of a sample as large as `values`, or one smaller, never empty */
export function bootstrap(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  { resamples = RESAMPLES, random, method = 'bca' }: BootstrapOptions,
): BootstrapInterval {
  if (values.length === 0) return { value: null, low95: null, high95: null }
  const value = statistic(values)
  if (values.length === 1) return { value, low95: null, high95: null }
  const drawn = new Float64Array(resamples)
  const sample = [...values]
  for (let i = 0; i < resamples; i++) {
    for (let j = 0; j < sample.length; j++) sample[j] = values[Math.floor(random() * values.length)]!
    drawn[i] = statistic(sample)
  }
  drawn.sort()
  const level = method === 'bca' ? corrected(values, statistic, value, drawn) : (share: number) => share
  return { value, low95: quantile(drawn, level(LOW)), high95: quantile(drawn, level(1 - LOW)) }
}

/** Efron and Tibshirani (14.9): the share of the drawn statistics at which an end of the interval lies. */
function corrected(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  value: number,
  drawn: Float64Array,
): (share: number) => number {
  // (14.14), draws that equal the value counted half; of values that are all equal every draw is one.
  const bias = normalQuantile(
    drawn.reduce((sum, other) => sum + (other < value ? 1 : other === value ? 0.5 : 0), 0) / drawn.length,
  )
  const acceleration = accelerationOf(values.map((_, i) => statistic(values.toSpliced(i, 1))))
  return (share) => {
    const z = bias + normalQuantile(share)
    return normalBelow(bias + z / (1 - acceleration * z))
  }
}

/** (14.15), of the statistics without one value each. */
function accelerationOf(jackknife: readonly number[]): number {
  const mean = jackknife.reduce((sum, value) => sum + value, 0) / jackknife.length
  let squares = 0
  let cubes = 0
  for (const value of jackknife) {
    squares += (mean - value) * (mean - value)
    cubes += (mean - value) * (mean - value) * (mean - value)
  }
  return squares === 0 ? 0 : cubes / (6 * squares * Math.sqrt(squares))
}

/** Between the two nearest of the sorted values, linearly (R's type 7, numpy's default). */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (high - low) * (position - below)
}
