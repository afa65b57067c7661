/** Quantiles of ascending values. */

/** The value at the nearest rank; NaN of none. */
export function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.round(q * (sorted.length - 1))] ?? Number.NaN
}
