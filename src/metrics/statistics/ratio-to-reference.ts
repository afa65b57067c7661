/**
 * How many times as large as the reference's a metric is: the ratio of the two means over paired runs, with
 * the 95 % interval of Fieller's theorem (E. C. Fieller, Some problems in interval estimation, Journal of the
 * Royal Statistical Society B 16, 1954, pages 175-185). It holds the ratios q for which the paired t interval
 * of x - q y includes 0, so it needs no approximation beyond normal runs, and lies unevenly about the ratio.
 */
import { type Estimate, studentQuantile } from './statistics.ts'

/**
 * mean(values) / mean(reference); runs where either is null are left out. The mean is null without runs and
 * where the reference's mean is 0; the bounds are null with fewer than two runs, and where the 95 % interval
 * of the reference's mean includes 0, because the ratio is then unbounded.
 */
export function ratioToReference(
  values: ReadonlyArray<number | null>,
  reference: ReadonlyArray<number | null>,
): Estimate {
  const pairs = values
    .map((value, i) => [value, reference[i] ?? null] as const)
    .filter((pair): pair is [number, number] => pair[0] !== null && pair[1] !== null)
  const runs = pairs.length
  const meanX = pairs.reduce((sum, [x]) => sum + x, 0) / runs
  const meanY = pairs.reduce((sum, [, y]) => sum + y, 0) / runs
  if (runs === 0 || meanY === 0) return { mean: null, low95: null, high95: null, runs }
  const mean = meanX / meanY
  const unbounded = { mean, low95: null, high95: null, runs }
  if (runs === 1) return unbounded
  // With q = mean + shift and the residuals r = x - mean y, whose mean is 0, the theorem's
  // |mean(x - q y)| <= t se(x - q y) becomes a shift^2 + 2 b shift - c <= 0: nothing large cancels.
  let ss = 0
  let sy = 0
  let yy = 0
  for (const [x, y] of pairs) {
    const residual = x - mean * y
    ss += residual * residual
    sy += residual * (y - meanY)
    yy += (y - meanY) * (y - meanY)
  }
  const t = studentQuantile(0.95, runs - 1)
  const scale = (t * t) / (runs - 1) / runs
  const a = meanY * meanY - scale * yy
  if (a <= 0) return unbounded
  const b = scale * sy
  const root = Math.sqrt(b * b + a * scale * ss)
  return { mean, low95: mean + (-b - root) / a, high95: mean + (-b + root) / a, runs }
}
