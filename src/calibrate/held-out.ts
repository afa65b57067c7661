/**
 * How wrong a calibration is: what it predicts for the part of the runs that it hasn't seen, beside what was
 * measured there. A prediction is right where it is within a tenth, or nearer than the parts of what was
 * measured are to each other.
 */

import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { delaysOf } from './moments.ts'
import { orderMoments } from './order-moments.ts'
import { quantile } from './quantile.ts'
import { partOf } from './run-parts.ts'

/** Times of parts by which the spread is taken. */
const PARTS = 6
const NEAR = 0.1
/** Spreads of a difference of two. */
const SPREADS = 2

/** Of one run: what was measured, and what was predicted, in its last part. */
export interface HeldOutRun {
  readonly run: SentRun
  readonly predictedNs: Float64Array
}

export interface HeldOut {
  readonly metric: string
  readonly predicted: number | null
  readonly measured: number | null
  readonly factor: number | null
  readonly isRight: boolean | null
}

const METRICS = ['reorderedRatio', 'extentMean', 'lateTimeNsP50', 'latencyNsP50', 'latencyNsP99'] as const

/** @param fromNs where what was held out begins, per run */
export function heldOutOf(runs: readonly HeldOutRun[], fromNs: readonly number[]): HeldOut[] {
  const parts = runs.flatMap(({ run, predictedNs }, i) => {
    const rest = partOf(run, fromNs[i]!, Number.POSITIVE_INFINITY)
    const from = run.count - rest.count
    return split({ run: rest, predictedNs: predictedNs.slice(from) })
  })
  const measured = parts.map(({ run }) => numbersOf(run, run.receivedNs))
  const predicted = parts.map(({ run, predictedNs }) => numbersOf(run, predictedNs))
  return METRICS.map((metric, k) => {
    const ofMeasured = known(measured.map((numbers) => numbers[k]!))
    const ofPredicted = known(predicted.map((numbers) => numbers[k]!))
    const [was, willBe] = [meanOf(ofMeasured), meanOf(ofPredicted)]
    if (was === null && willBe === null)
      return { metric, predicted: null, measured: null, factor: null, isRight: null }
    const off = Math.abs((willBe ?? 0) - (was ?? 0))
    const spread = Math.sqrt(errorOf(ofMeasured) ** 2 + errorOf(ofPredicted) ** 2)
    const isRight = off <= Math.max(NEAR * (was ?? 0), SPREADS * spread)
    const factor = was === null || willBe === null || was === 0 ? null : willBe / was
    return { metric, predicted: willBe, measured: was, factor, isRight }
  })
}

function split({ run, predictedNs }: HeldOutRun): HeldOutRun[] {
  const size = Math.ceil(run.count / PARTS)
  return Array.from({ length: PARTS }, (_, k) => {
    const from = k * size
    const to = Math.min(run.count, from + size)
    return {
      run: {
        ...run,
        count: Math.max(0, to - from),
        sentNs: run.sentNs.slice(from, to),
        receivedNs: run.receivedNs.slice(from, to),
        sizeBytes: run.sizeBytes.slice(from, to),
        flow: run.flow.slice(from, to),
      },
      predictedNs: predictedNs.slice(from, to),
    }
  }).filter(({ run: { count } }) => count > 0)
}

/** In the order of the metrics; NaN where there is none. */
export function numbersOf(run: SentRun, receivedNs: Float64Array): number[] {
  const { arrived, reordered, extentMean, lateNsP50 } = orderMoments(run, receivedNs)
  const delays = delaysOf(
    run,
    receivedNs,
    Int32Array.from({ length: run.count }, (_, i) => i),
  )
  const ofReordered = (value: number) => (reordered === 0 ? Number.NaN : value)
  return [
    arrived === 0 ? Number.NaN : reordered / arrived,
    ofReordered(extentMean),
    ofReordered(lateNsP50),
    quantile(delays, 0.5),
    quantile(delays, 0.99),
  ]
}

function known(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value))
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

function errorOf(values: readonly number[]): number {
  const mean = meanOf(values)
  if (mean === null || values.length < 2) return 0
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}
