/** The estimator by hand, and what the meter sums against the product's metrics. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from '../run/simulate.testing.ts'
import { zOf } from './compare.testing.ts'
import { Meter, ratioOverBatches, type Sums } from './meter.testing.ts'

/** Sums up to the end of each batch, of what each batch alone had. */
function sumsOf(batches: ReadonlyArray<Partial<Sums>>): Sums[] {
  let packets = 0
  let reordered = 0
  let lateNs = 0
  return batches.map((batch) => {
    packets += batch.packets ?? 0
    reordered += batch.reordered ?? 0
    lateNs += batch.lateNs ?? 0
    return { packets, reordered, lateNs } as Sums
  })
}

test('with batches of equal size the estimate is that of batch means', () => {
  // Means 0.1, 0.3, 0.2: mean 0.2, variance of the means 0.01, of their mean 0.01 / 3.
  const sums = sumsOf([
    { packets: 10, reordered: 1 },
    { packets: 10, reordered: 3 },
    { packets: 10, reordered: 2 },
  ])
  const { mean, standardError } = ratioOverBatches(sums, 'reordered', 'packets')
  assert.equal(mean, 0.2)
  assert.ok(Math.abs(standardError - Math.sqrt(0.01 / 3)) < 1e-15)
})

test('with batches of unequal size it is the ratio of the sums, its error that of the residuals', () => {
  // Ratio 12/6 = 2; residuals 4 - 2, 6 - 6, 2 - 4: squares 8; sqrt(8 / 2 / 3) over a mean bottom of 2.
  const sums = sumsOf([
    { reordered: 1, lateNs: 4 },
    { reordered: 3, lateNs: 6 },
    { reordered: 2, lateNs: 2 },
  ])
  const { mean, standardError } = ratioOverBatches(sums, 'lateNs', 'reordered')
  assert.equal(mean, 2)
  assert.ok(Math.abs(standardError - Math.sqrt(8 / 2 / 3) / 2) < 1e-15)
})

test('a constant has no error', () => {
  const sums = sumsOf(Array.from({ length: 5 }, (_, i) => ({ reordered: i + 1, lateNs: 7 * (i + 1) })))
  assert.deepEqual(ratioOverBatches(sums, 'lateNs', 'reordered'), { mean: 7, standardError: 0 })
})

test('a ratio over nothing is an error', () => {
  assert.throws(() => ratioOverBatches(sumsOf([{ packets: 1 }]), 'lateNs', 'reordered'), /no reordered/)
})

test('z counts standard errors, and a value without any has to be exact', () => {
  const row = { model: '', parameters: '', quantity: '', packets: 1, expected: 1 }
  assert.equal(zOf({ ...row, simulated: 1.5, standardError: 0.25 }), 2)
  assert.equal(zOf({ ...row, simulated: 1, standardError: 0 }), 0)
  assert.equal(zOf({ ...row, simulated: 1.1, standardError: 0 }), Number.POSITIVE_INFINITY)
})

for (const release of ['none', { sequence: {} }] as const) {
  test(`over a whole run the sums are the product's metrics, release ${JSON.stringify(release)}`, async () => {
    let meter: Meter | undefined
    const { policies } = await simulate(
      {
        source: { synthetic: { packetsPerSecond: 3000, flows: { count: 1 } } },
        lanes: {
          count: 4,
          service: { fixed: '0ns', perByte: '0ns', jitter: { exponential: { mean: '1ms' } } },
        },
        policies: ['random'],
        release,
        duration: '10s',
      },
      {
        observe(_label, store, reordering) {
          meter = new Meter(store, reordering.tracker, 100)
          return meter
        },
      },
    )
    const metrics = policies[0]!.metrics
    const sums = meter!.sumsSoFar()
    assert.equal(sums.packets, metrics.delivered)
    assert.ok(meter!.sums.length === Math.floor(sums.packets / 100) && meter!.sums.length > 280)
    assert.deepEqual(metrics.reorderedRatio, { count: sums.reordered, of: sums.packets })
    assert.deepEqual(metrics.sackLostRatio, { count: sums.sackLost, of: sums.packets })
    assert.deepEqual(metrics.quicLostRatio, { count: sums.quicLost, of: sums.packets })
    assert.deepEqual(metrics['nReordering[2]'], { count: sums.degree2, of: sums.packets })
    assert.deepEqual(metrics.waitedRatio, { count: sums.waited, of: sums.packets })
    assert.equal(metrics.overtakersMean, sums.overtakers / sums.packets)
    assert.equal(metrics.waitNsMean, sums.waitNs / sums.packets)
    if (release === 'none') {
      assert.ok(sums.reordered > 0)
      assert.equal(metrics.extentMean, sums.extent / sums.reordered)
      assert.equal(metrics.heldRatio, undefined)
    } else {
      assert.ok(sums.held > 0)
      assert.equal(sums.reordered, 0)
      assert.deepEqual(metrics.heldRatio, { count: sums.held, of: sums.packets })
      assert.equal(metrics.resequencingNsMean, sums.heldNs / sums.packets)
    }
  })
}
