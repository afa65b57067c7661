import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from '../measure/judge.ts'
import { measuredRun } from '../measure/sent-run.ts'
import { someMetricSettings } from '../metrics/settings.testing.ts'
import { FlowTable, UDP } from '../model/packets/flow-table.ts'
import { randomStream } from '../sim/random.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { arrivalOrder, orderMoments } from './order-moments.ts'

function randomRun(seed: number): { run: SentRun; receivedNs: Float64Array } {
  const draw = randomStream(seed, 0, 'order')
  const count = 200 + Math.floor(200 * draw())
  const flowCount = 1 + Math.floor(4 * draw())
  const spreadNs = 1 + 1e4 * draw() ** 3
  const sentNs = Float64Array.from({ length: count }, (_, i) => 100 * i)
  const receivedNs = sentNs.map((ns) => (draw() < 0.05 ? Number.NaN : ns + Math.floor(spreadNs * draw())))
  const flow = Int32Array.from({ length: count }, () => Math.floor(flowCount * draw()))
  const sizeBytes = new Int32Array(count).fill(100)
  return { run: { name: 'random', count, sentNs, receivedNs, sizeBytes, flow, flowCount }, receivedNs }
}

/** RFC 4737 as it is written: of each arrival all before it are looked at. */
function naively({ flow }: SentRun, receivedNs: Float64Array) {
  const order = [...receivedNs.keys()]
    .filter((row) => !Number.isNaN(receivedNs[row]!))
    .sort((a, b) => receivedNs[a]! - receivedNs[b]! || a - b)
  const extents: number[] = []
  const lateNs: number[] = []
  for (const [at, row] of order.entries()) {
    const before = order.slice(0, at).filter((other) => flow[other] === flow[row])
    const first = before.findIndex((other) => other > row)
    if (first === -1) continue
    extents.push(before.length - first)
    lateNs.push(receivedNs[row]! - receivedNs[before[first]!]!)
  }
  lateNs.sort((a, b) => a - b)
  const sum = extents.reduce((total, extent) => total + extent, 0)
  return {
    arrived: order.length,
    reordered: extents.length,
    extentMean: extents.length === 0 ? 0 : sum / extents.length,
    lateNsP50: lateNs[Math.floor((lateNs.length - 1) / 2)] ?? 0,
  }
}

test('share, extent and late time of 200 random runs are what RFC 4737 says', () => {
  let reordered = 0
  for (let seed = 1; seed <= 200; seed++) {
    const { run, receivedNs } = randomRun(seed)
    const moments = orderMoments(run, receivedNs)
    assert.deepEqual(moments, naively(run, receivedNs), `seed ${seed}`)
    reordered += moments.reordered
  }
  assert.ok(reordered > 2000)
})

/** What `measure` says of the run. */
function asMeasured(run: SentRun) {
  const flows = new FlowTable()
  for (let flow = 0; flow < run.flowCount; flow++) {
    flows.key[0] = flow
    flows.intern(4, UDP, 1, 2)
  }
  const { metrics } = judge(measuredRun({ run, flows })!, {
    worstFlows: 0,
    settings: (judgesAll) => ({ ...someMetricSettings, judgesAll }),
  })
  return metrics
}

test('they are what measure judges of the same run', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { run, receivedNs } = randomRun(seed)
    const { arrived, reordered, extentMean } = orderMoments(run, receivedNs)
    const metrics = asMeasured(run)
    assert.equal(metrics.reorderedRatio!.mean, reordered / arrived, `seed ${seed}`)
    const other = metrics.extentMean!.mean ?? 0
    assert.ok(Math.abs(other - extentMean) < 1e-9, `seed ${seed}: ${other}, not ${extentMean}`)
  }
})

test('the order of arrivals is right however far packets are from their places', () => {
  for (const spreadNs of [0, 100, 1e9]) {
    const draw = randomStream(1, 0, 'far')
    const receivedNs = Float64Array.from({ length: 5000 }, (_, i) => 100 * i + Math.floor(spreadNs * draw()))
    const expected = [...receivedNs.keys()].sort((a, b) => receivedNs[a]! - receivedNs[b]! || a - b)
    assert.deepEqual([...arrivalOrder(receivedNs)], expected)
  }
})
