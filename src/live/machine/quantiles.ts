/** Quantiles of times, and lists of times that stand for many more of them. */

/** Of ascending values: the smallest that at least the share `q` of them doesn't exceed. */
export function quantileOf(sorted: ArrayLike<number>, q: number): number {
  const at = Math.ceil(q * sorted.length) - 1
  return sorted[Math.min(sorted.length - 1, Math.max(0, at))]!
}

/**
 * At most `most` ascending values that stand for equal shares of the given ones, each their mean, in whole
 * ns.
 */
export function reduced(values: ArrayLike<number>, most: number): number[] {
  const sorted = Float64Array.from(values).sort()
  const kept = Math.min(most, sorted.length)
  const sums = new Float64Array(sorted.length + 1)
  for (const [i, value] of sorted.entries()) sums[i + 1] = sums[i]! + value
  // Sum of the first `position` values, the last of them in part.
  const sumTo = (position: number) => {
    const whole = Math.floor(position)
    return sums[whole]! + (position - whole) * (sorted[whole] ?? 0)
  }
  const share = sorted.length / kept
  return Array.from({ length: kept }, (_, k) =>
    Math.round((sumTo((k + 1) * share) - sumTo(k * share)) / share),
  )
}
