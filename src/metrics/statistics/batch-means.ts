/**
 * Intervals from within one long run, by the method of batch means: batches of consecutive packets take the
 * place of runs (A. M. Law and W. D. Kelton, Simulation Modeling and Analysis, 3rd edition, section 9.5.3). A
 * ratio's batches have unequal numbers of chances, so its spread is that of the ratio estimator (W. G.
 * Cochran, Sampling Techniques, 3rd edition, chapter 6): of the residuals count - ratio * of. With equal
 * chances that is the plain t interval of the batches' means. Batches without chances say nothing and are
 * left out.
 */

import type { Ratio } from '../metric.ts'
import { type BatchTable, coarsened } from './batches.ts'
import { type Estimate, studentQuantile } from './statistics.ts'

const NONE: Estimate = { mean: null, low95: null, high95: null, runs: 1, batches: 0 }
const EMPTY: Ratio = { count: 0, of: 0 }

/**
 * sum(count) / sum(of) over the batches of one run; the mean is null without chances, bounds with one batch.
 */
export function batchMeans(batches: readonly Ratio[]): Estimate {
  const known = batches.filter(({ of }) => of > 0)
  const mean = ratioOf(known)
  if (mean === null) return NONE
  return around(mean, influences(known, mean))
}

/**
 * Ratio minus the reference's ratio, both over the same batches of packets: what a batch does to both
 * cancels. The interval is the delta method's: of the difference of the two ratios' residuals, batch by batch
 * (Cochran, chapter 6, comparison of two ratios). Where the tables' batches differ in size, the shorter ones
 * are merged first.
 */
export function pairedBatchDifference(values: BatchTable, reference: BatchTable): Estimate {
  const sizePackets = Math.max(values.sizePackets, reference.sizePackets)
  const mine = coarsened(values, sizePackets).batches
  const others = coarsened(reference, sizePackets).batches
  const length = Math.max(mine.length, others.length)
  const pairs = Array.from({ length }, (_, i) => [mine[i] ?? EMPTY, others[i] ?? EMPTY] as const)
  const known = pairs.filter(([one, other]) => one.of > 0 || other.of > 0)
  const ones = known.map(([one]) => one)
  const twos = known.map(([, other]) => other)
  const mean = ratioOf(ones)
  const otherMean = ratioOf(twos)
  if (mean === null || otherMean === null) return NONE
  const otherInfluences = influences(twos, otherMean)
  return around(
    mean - otherMean,
    influences(ones, mean).map((influence, i) => influence - otherInfluences[i]!),
  )
}

function ratioOf(batches: readonly Ratio[]): number | null {
  const of = batches.reduce((sum, batch) => sum + batch.of, 0)
  return of === 0 ? null : batches.reduce((sum, batch) => sum + batch.count, 0) / of
}

/** Per batch its residual over the mean number of chances; their mean is 0. */
function influences(batches: readonly Ratio[], ratio: number): number[] {
  const ofMean = batches.reduce((sum, { of }) => sum + of, 0) / batches.length
  return batches.map(({ count, of }) => (count - ratio * of) / ofMean)
}

function around(mean: number, deviations: readonly number[]): Estimate {
  const batches = deviations.length
  if (batches < 2) return { mean, low95: null, high95: null, runs: 1, batches }
  const squares = deviations.reduce((sum, deviation) => sum + deviation * deviation, 0)
  const half = studentQuantile(0.95, batches - 1) * Math.sqrt(squares / (batches - 1) / batches)
  return { mean, low95: mean - half, high95: mean + half, runs: 1, batches }
}
