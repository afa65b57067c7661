import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from '../../sim/random.ts'
import { batchMeans, pairedBatchDifference } from './batch-means.ts'
import { Batches } from './batches.ts'
import { estimate, pairedDifference } from './statistics.ts'

// t(2) as scipy 1.17.1 gives it.
const T2 = 4.302652729749462

const close = (actual: number | null | undefined, expected: number) =>
  assert.ok(typeof actual === 'number' && Math.abs(actual - expected) < 1e-9, `${actual} for ${expected}`)
const table = (...batches: [count: number, of: number][]) => ({
  sizePackets: 1,
  batches: batches.map(([count, of]) => ({ count, of })),
})

test('unequal batches: a ratio estimator computed by hand', () => {
  // 6 of 24; residuals 1 - 1, 4 - 2, 1 - 3 over the mean of 8 chances: 0, 1/4, -1/4. s^2 = 1/16, s/sqrt(3) =
  // 1/(4 sqrt 3).
  const { mean, low95, high95, runs, batches } = batchMeans(table([1, 4], [4, 8], [1, 12]).batches)
  assert.deepEqual([mean, runs, batches], [0.25, 1, 3])
  close(low95, 0.25 - T2 / (4 * Math.sqrt(3)))
  close(high95, 0.25 + T2 / (4 * Math.sqrt(3)))
})

test("equal batches have the plain t interval of the batches' means", () => {
  const means = [0.1, 0.4, 0.2, 0.7]
  const of = 50
  const { mean, low95, high95 } = batchMeans(means.map((value) => ({ count: value * of, of })))
  const plain = estimate(means)
  close(mean, plain.mean!)
  close(low95, plain.low95!)
  close(high95, plain.high95!)
})

test('constant batches have an interval of no width; few or empty ones have less', () => {
  assert.deepEqual(batchMeans(table([1, 4], [2, 8], [0, 0], [4, 16]).batches), {
    mean: 0.25,
    low95: 0.25,
    high95: 0.25,
    runs: 1,
    batches: 3,
  })
  const none = { low95: null, high95: null, runs: 1 }
  assert.deepEqual(batchMeans([{ count: 3, of: 4 }]), { mean: 0.75, ...none, batches: 1 })
  assert.deepEqual(batchMeans([{ count: 0, of: 0 }]), { mean: null, ...none, batches: 0 })
})

test('a paired difference takes out what a batch does to both', () => {
  // Of 10 each: 0.1, 0.5, 0.3 and 0.3, 0.7, 0.6, so the differences are -0.2, -0.2, -0.3.
  const one = table([1, 10], [5, 10], [3, 10])
  const other = table([3, 10], [7, 10], [6, 10])
  const { mean, low95, high95, batches } = pairedBatchDifference(one, other)
  const plain = pairedDifference([0.1, 0.5, 0.3], [0.3, 0.7, 0.6])
  close(mean, -0.7 / 3)
  close(low95, plain.low95!)
  close(high95, plain.high95!)
  assert.equal(batches, 3)
  const same = pairedBatchDifference(one, one)
  assert.deepEqual([same.mean, same.low95, same.high95], [0, 0, 0])
})

test('where sizes differ, the shorter batches are merged before they are paired', () => {
  const short = { sizePackets: 2, batches: table([1, 2], [0, 2], [2, 2], [1, 2], [1, 2]).batches }
  const long = { sizePackets: 4, batches: table([2, 4], [1, 4]).batches }
  const merged = { sizePackets: 4, batches: table([1, 4], [3, 4], [1, 2]).batches }
  const expected = pairedBatchDifference(merged, long)
  assert.equal(expected.batches, 3)
  close(expected.mean, 0.5 - 0.375)
  assert.deepEqual(pairedBatchDifference(short, long), expected)
  assert.equal(pairedBatchDifference(long, short).mean, -expected.mean!)
})

test('without chances on one side there is no difference', () => {
  assert.equal(pairedBatchDifference(table([1, 2]), table([0, 0])).mean, null)
})

test('of runs whose neighbours are alike, 95 of 100 intervals hold the true mean; by single packets half would', () => {
  // Two states that keep with 0.9: correlation 0.8, so the variance of a mean is (1 + 0.8) / (1 - 0.8) = 9
  // times as large.
  const runs = 400
  const packets = 20_000
  let held = 0
  let heldNaively = 0
  for (let run = 0; run < runs; run++) {
    const random = randomStream(7, run, 'two states')
    const batches = new Batches(2)
    let state = random() < 0.5 ? 1 : 0
    for (let index = 0; index < packets; index++) {
      const row = batches.rowOf(index)
      batches.sums[row]! += state
      batches.sums[row + 1]!++
      if (random() >= 0.9) state = 1 - state
    }
    const { mean, low95, high95 } = batchMeans(batches.table(0, 1).batches)
    if (low95! <= 0.5 && high95! >= 0.5) held++
    if (Math.abs(mean! - 0.5) <= 1.96 * Math.sqrt((mean! * (1 - mean!)) / packets)) heldNaively++
  }
  assert.ok(held >= 0.92 * runs && held <= 0.98 * runs, `${held} of ${runs}`)
  assert.ok(heldNaively < 0.6 * runs, `${heldNaively} of ${runs}`)
})
