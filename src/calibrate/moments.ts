/**
 * What a simulation has to meet: quantiles of the delay where little and where much was sent before, and the
 * order of the packets. Each moment has a spread, from parts of the run, below which a difference means
 * nothing.
 */

import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { type Bin, loadBins } from './load-bins.ts'
import { orderMoments } from './order-moments.ts'
import { quantile } from './quantile.ts'
import { partOf } from './run-parts.ts'
import { WAITING_NUMBERS, waitingNumbers } from './waiting.ts'

const QUANTILES = [0.1, 0.5, 0.9] as const
const ALL_QUANTILES = [0.01, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.997] as const
const ORDER_NUMBERS = 3
/** Parts that a moment's spread is taken from. */
const PARTS = 8
/** What a moment is off that the simulation hasn't, in spreads. */
const UNSEEN_OFF = 10
/** Share of a moment that nobody asks to be met more closely. */
const NEAR = 0.02

/** The moments of a run, and how far those of a simulation are from them. */
export class Target {
  private readonly run: SentRun
  private readonly bins: readonly Bin[]
  private readonly values: Float64Array
  private readonly scales: Float64Array
  private readonly weights: Float64Array

  private readonly lanes: number
  /** What the quickest packets take, ns. */
  private readonly leastNs: number

  constructor(run: SentRun, lanes: number) {
    this.run = run
    this.lanes = lanes
    this.leastNs = quantile(delaysOf(run, run.receivedNs, everyRow(run.count)), 0.005)
    this.bins = [{ label: 'all', rows: everyRow(run.count) }, ...loadBins(run)]
    this.values = this.of(run.receivedNs)
    this.scales = this.spreads()
    this.weights = this.weightsOf()
  }

  /** Weighted mean of squared differences, in spreads; 1 is as near as another run of the same would be. */
  distance(receivedNs: Float64Array): number {
    const others = this.of(receivedNs)
    let sum = 0
    let weights = 0
    for (let k = 0; k < others.length; k++) {
      const weight = this.weights[k]!
      if (weight === 0) continue
      const off = Number.isNaN(others[k]!) ? UNSEEN_OFF : (others[k]! - this.values[k]!) / this.scales[k]!
      // Far is far: what one moment misses by hundreds must not hide all others.
      sum += weight * Math.min(off * off, 20 * Math.abs(off))
      weights += weight
    }
    return sum / Math.max(1, weights)
  }

  private of(receivedNs: Float64Array): Float64Array {
    const { run, bins } = this
    const out: number[] = []
    for (const [i, { rows }] of bins.entries()) {
      const delays = delaysOf(run, receivedNs, rows)
      for (const q of i === 0 ? ALL_QUANTILES : QUANTILES) out.push(quantile(delays, q))
    }
    return Float64Array.from([...out, ...this.otherValues(run, receivedNs)])
  }

  /** Who waited, and the order. */
  private otherValues(run: SentRun, receivedNs: Float64Array): number[] {
    const waiting = waitingNumbers(run, receivedNs, this.lanes, this.leastNs)
    return [...waiting, ...orderValues(run, receivedNs)]
  }

  /** Of each moment: the spread of its mean over parts of the run, never less than a small share of it. */
  private spreads(): Float64Array {
    const { run, bins, values } = this
    const { sentNs, count } = run
    const partNs = (sentNs[count - 1]! - sentNs[0]! + 1) / PARTS
    const partOfRow = Int32Array.from(sentNs, (ns) =>
      Math.min(PARTS - 1, Math.floor((ns - sentNs[0]!) / partNs)),
    )
    const spreads: number[] = []
    for (const [i, { rows }] of bins.entries()) {
      const byPart: number[][] = Array.from({ length: PARTS }, () => [])
      for (const row of rows) {
        const ns = run.receivedNs[row]! - sentNs[row]!
        if (!Number.isNaN(ns)) byPart[partOfRow[row]!]!.push(ns)
      }
      const sorted = byPart.map((list) => Float64Array.from(list).sort())
      for (const q of i === 0 ? ALL_QUANTILES : QUANTILES) {
        spreads.push(spreadOf(sorted.filter(({ length }) => length > 4).map((part) => quantile(part, q))))
      }
    }
    const orders = Array.from({ length: PARTS }, (_, k) => {
      const part = partOf(run, sentNs[0]! + k * partNs, sentNs[0]! + (k + 1) * partNs)
      return this.otherValues(part, part.receivedNs)
    })
    for (let k = 0; k < orders[0]!.length; k++) spreads.push(spreadOf(orders.map((values) => values[k]!)))
    const workNs = this.workScaleNs()
    const delays = values.length - orders[0]!.length
    return Float64Array.from(spreads, (spread, k) => {
      const floor =
        k < delays ? Math.max(NEAR * workNs, NEAR * (values[k]! - this.values[0]!)) : NEAR * values[k]!
      return Math.max(spread, floor, k < delays ? 50 : 1e-4)
    })
  }

  /** How much delays differ at all, ns. */
  private workScaleNs(): number {
    return Math.max(1000, this.values[4]! - this.values[0]!)
  }

  /** Each bin together as much as each other one; order as much as five of them. */
  private weightsOf(): Float64Array {
    const { bins } = this
    const delays = bins.flatMap((_, i) => {
      const list = i === 0 ? ALL_QUANTILES : QUANTILES
      return list.map(() => (i === 0 ? 4 : 1) / list.length)
    })
    const each = Math.max(3, bins.length / 4)
    const hasOrder = this.values[this.values.length - ORDER_NUMBERS]! > 0
    const { length } = this.values
    const waiting = this.values.subarray(length - ORDER_NUMBERS - WAITING_NUMBERS, length - ORDER_NUMBERS)
    const ofWaiting = Array.from(waiting, (value) => (Number.isNaN(value) ? 0 : each / 2))
    return Float64Array.from([
      ...delays,
      ...ofWaiting,
      each,
      hasOrder ? each / 2 : 0,
      hasOrder ? each / 2 : 0,
    ])
  }
}

function orderValues(run: SentRun, receivedNs: Float64Array): number[] {
  const { arrived, reordered, extentMean, lateNsP50 } = orderMoments(run, receivedNs)
  return [reordered / Math.max(1, arrived), extentMean, lateNsP50 / 1e6]
}

export function delaysOf({ sentNs }: SentRun, receivedNs: Float64Array, rows: Int32Array): Float64Array {
  const delays = new Float64Array(rows.length)
  let count = 0
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k]!
    const ns = receivedNs[row]! - sentNs[row]!
    if (!Number.isNaN(ns)) delays[count++] = ns
  }
  return delays.subarray(0, count).sort()
}

/** Of those parts that have the moment; 0 where it can't be told. */
function spreadOf(all: readonly number[]): number {
  const values = all.filter((value) => !Number.isNaN(value))
  if (values.length < 2) return 0
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}

function everyRow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i)
}
