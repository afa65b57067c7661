/** Predictions beside what was measured, by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heldOutOf, numbersOf } from './held-out.ts'
import { type Row, runOf } from './runs.testing.ts'

test('share, extent, late time and delays of five packets', () => {
  // The first is overtaken by the next two: reordered, extent 2, late by 200 - 60 after the first of them.
  const run = runOf([
    [0, 200],
    [50, 60],
    [70, 100],
    [210, 220],
    [300, Number.NaN],
  ])
  assert.deepEqual(numbersOf(run, run.receivedNs), [1 / 4, 2, 140, 30, 200])
  const inOrder = run.sentNs.map((ns) => ns + 7)
  assert.deepEqual(numbersOf(run, inOrder), [0, Number.NaN, Number.NaN, 7, 7])
  const lost = new Float64Array(5).fill(Number.NaN)
  assert.deepEqual(numbersOf(run, lost), new Array(5).fill(Number.NaN))
})

/** A packet each microsecond; every tenth takes 25 us, the others `delayNs`. */
function tenths(delayNs: number): Row[] {
  return Array.from({ length: 6000 }, (_, i): Row => [1000 * i, 1000 * i + (i % 10 === 0 ? 25_000 : delayNs)])
}
const measured = runOf(tenths(5000))

/** By name. */
function judged(predicted: readonly Row[], fromNs = 0) {
  const predictedNs = Float64Array.from(predicted, ([, ns]) => ns)
  return Object.fromEntries(
    heldOutOf([{ run: measured, predictedNs }], [fromNs]).map((one) => [one.metric, one]),
  )
}

test('what is the same is right, by a factor of 1', () => {
  const numbers = judged(tenths(5000))
  assert.deepEqual(Object.keys(numbers), [
    'reorderedRatio',
    'extentMean',
    'lateTimeNsP50',
    'latencyNsP50',
    'latencyNsP99',
  ])
  for (const { factor, isRight } of Object.values(numbers)) assert.deepEqual([factor, isRight], [1, true])
  assert.ok(Math.abs(numbers.reorderedRatio!.measured! - 0.1) < 1e-12)
  assert.equal(numbers.latencyNsP50!.measured, 5000)
})

test("within a tenth is right, above isn't, each metric for itself", () => {
  const near = judged(tenths(5400))
  assert.deepEqual([near.latencyNsP50!.factor, near.latencyNsP50!.isRight], [1.08, true])
  const far = judged(tenths(5600))
  assert.deepEqual([far.latencyNsP50!.factor, far.latencyNsP50!.isRight], [1.12, false])
  assert.deepEqual([far.latencyNsP99!.isRight, far.reorderedRatio!.isRight], [true, true])
})

test('a prediction of no reordering is wrong where there is some, and has no extents', () => {
  const { reorderedRatio, extentMean } = judged(Array.from(measured.sentNs, (ns): Row => [ns, ns + 5000]))
  assert.deepEqual(
    [reorderedRatio!.predicted, reorderedRatio!.factor, reorderedRatio!.isRight],
    [0, 0, false],
  )
  assert.deepEqual([extentMean!.predicted, extentMean!.factor, extentMean!.isRight], [null, null, false])
})

test('where neither side is reordered, extents are judged by nobody', () => {
  const run = runOf(Array.from({ length: 60 }, (_, i): Row => [1000 * i, 1000 * i + 5]))
  const [share, extent] = heldOutOf([{ run, predictedNs: run.receivedNs }], [0])
  assert.deepEqual(share, {
    metric: 'reorderedRatio',
    predicted: 0,
    measured: 0,
    factor: null,
    isRight: true,
  })
  assert.deepEqual(extent, {
    metric: 'extentMean',
    predicted: null,
    measured: null,
    factor: null,
    isRight: null,
  })
})

test('what is nearer than the parts of the run to each other is right', () => {
  // Delays of 5 and 9 us by turns of a thousand packets: six parts, of 7 us on average and 0.9 us of error.
  const delayNs = (i: number) => (Math.floor(i / 1000) % 2 === 0 ? 5000 : 9000)
  const run = runOf(Array.from({ length: 6000 }, (_, i): Row => [1e5 * i, 1e5 * i + delayNs(i)]))
  const p50 = (predictedNs: number) =>
    heldOutOf([{ run, predictedNs: run.sentNs.map((ns) => ns + predictedNs) }], [0])[3]!
  assert.deepEqual([p50(8700).measured, p50(8700).isRight, p50(8900).isRight], [7000, true, false])
})

test('only what was held out is judged', () => {
  // The first half is predicted wrongly, and was learnt from.
  const half = measured.sentNs[3000]!
  const rows = tenths(5000).map(([sent, received], i): Row => [sent, i < 3000 ? received + 1e6 : received])
  assert.equal(judged(rows, half).latencyNsP50!.factor, 1)
  assert.notEqual(judged(rows).latencyNsP50!.factor, 1)
})
