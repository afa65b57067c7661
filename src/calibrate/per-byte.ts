/** What a byte more takes, from packets that wait for nobody. */
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { quantile } from './quantile.ts'

/** By least squares over the medians of lonely packets of each size; 0 where it isn't more than its error. */
export function perByteNs(runs: readonly SentRun[], lonely: readonly Int32Array[]): number {
  const bySize = new Map<number, number[]>()
  for (const [i, run] of runs.entries()) {
    for (const row of lonely[i]!) {
      const ns = run.receivedNs[row]! - run.sentNs[row]!
      if (Number.isNaN(ns)) continue
      const size = run.sizeBytes[row]!
      const list = bySize.get(size)
      if (list === undefined) bySize.set(size, [ns])
      else list.push(ns)
    }
  }
  let sumW = 0
  let sumX = 0
  let sumY = 0
  const points = [...bySize].map(([size, list]) => {
    const sorted = Float64Array.from(list).sort()
    const weight = list.length
    const y = quantile(sorted, 0.5)
    sumW += weight
    sumX += weight * size
    sumY += weight * y
    return { size, y, weight }
  })
  const meanX = sumX / sumW
  const meanY = sumY / sumW
  let sxx = 0
  let sxy = 0
  for (const { size, y, weight } of points) {
    sxx += weight * (size - meanX) ** 2
    sxy += weight * (size - meanX) * (y - meanY)
  }
  if (sxx === 0) return 0
  const slope = sxy / sxx
  let residual = 0
  for (const { size, y, weight } of points) residual += weight * (y - meanY - slope * (size - meanX)) ** 2
  const error = points.length < 3 ? 0 : Math.sqrt(residual / (points.length - 2) / sxx)
  return slope > 2 * error ? slope : 0
}
