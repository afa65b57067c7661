/**
 * What a step costs per packet, from times at several sizes: median and tail of each size, and a line
 * through the medians by least squares. The mean of what packets took beyond the line isn't in it: that is
 * the random part of the work, `beyondLineNs`.
 */
import { quantileOf } from './quantiles.ts'

/** Times of one size, ns, in the order in which they were taken. */
export interface SizedTimes {
  readonly sizeBytes: number
  readonly timesNs: Float64Array
}

export interface SizeCost {
  readonly sizeBytes: number
  readonly count: number
  readonly nsP50: number
  readonly nsP99: number
}

export interface Cost {
  readonly sizes: readonly SizeCost[]
  /** Time = fixedNs + perByteNs * size, neither of them negative. */
  readonly fixedNs: number
  readonly perByteNs: number
  /** Per time, in order of taking: what it was beyond the line; may be negative. */
  readonly beyondLineNs: Float64Array
}

/** @param sized at least one size, each with a time */
export function costOf(sized: readonly SizedTimes[]): Cost {
  const sizes = sized.map(({ sizeBytes, timesNs }) => {
    const sorted = timesNs.slice().sort()
    return {
      sizeBytes,
      count: timesNs.length,
      nsP50: quantileOf(sorted, 0.5),
      nsP99: quantileOf(sorted, 0.99),
    }
  })
  const line = lineThrough(sizes.map(({ sizeBytes, nsP50 }) => [sizeBytes, nsP50]))
  const beyondLineNs = Float64Array.from(
    sized.flatMap(({ sizeBytes, timesNs }) =>
      Array.from(timesNs, (ns) => ns - line.fixedNs - line.perByteNs * sizeBytes),
    ),
  )
  return { sizes, ...line, beyondLineNs }
}

/**
 * Least squares through the points; where the slope or the intercept would be negative, the best line with 0
 * in its place.
 */
export function lineThrough(
  points: ReadonlyArray<readonly [sizeBytes: number, ns: number]>,
): Pick<Cost, 'fixedNs' | 'perByteNs'> {
  const sum = (value: (x: number, y: number) => number) =>
    points.reduce((total, [x, y]) => total + value(x, y), 0)
  const n = points.length
  const [xMean, yMean] = [sum((x) => x) / n, sum((_, y) => y) / n]
  const xx = sum((x) => (x - xMean) ** 2)
  const slope = xx === 0 ? 0 : sum((x, y) => (x - xMean) * (y - yMean)) / xx
  if (slope <= 0) return { fixedNs: yMean, perByteNs: 0 }
  const fixedNs = yMean - slope * xMean
  if (fixedNs >= 0) return { fixedNs, perByteNs: slope }
  return { fixedNs: 0, perByteNs: sum((x, y) => x * y) / sum((x) => x * x) }
}
