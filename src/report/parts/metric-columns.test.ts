import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { legendOf, metricColumns } from './metric-columns.ts'

const made = (mean: number | null, half = 0): MetricSummary => ({
  mean,
  low95: mean === null ? null : mean - half,
  high95: mean === null ? null : mean + half,
  runs: 3,
})
const headsOf = (...names: string[]) => metricColumns(names).map(({ head }) => head.join('/'))
const cellOf = (name: string, metrics: Record<string, MetricSummary>) =>
  metricColumns([name])[0]!.cell(metrics, 2)

test('heads break before their last word, and neighbours share what they begin with', () => {
  assert.deepEqual(headsOf('reorderedRatio', 'sackLostRatio'), ['/reordered', 'SACK/lost'])
  assert.deepEqual(headsOf('latencyNsP50', 'latencyNsP99', 'laneLoadJain'), [
    'latency/p50',
    '/p99',
    'lanes/even',
  ])
  assert.deepEqual(headsOf('latencyNsP99', 'mine'), ['latency/p99', '/mine'])
})

test('cells follow from the unit', () => {
  assert.equal(cellOf('unsafeMoves', { unsafeMoves: made(0.0102, 0.001) }), '1.02% ±0.10')
  assert.equal(cellOf('latencyNsP99', { latencyNsP99: made(42_345, 1_234) }), '42.3us ±1.2')
  assert.equal(cellOf('byteOffsetMax', { byteOffsetMax: made(12_345, 1_000) }), '12.3kB ±1.0')
  assert.equal(cellOf('byteOffsetMax', { byteOffsetMax: made(999.6) }), '1kB ±0')
  assert.equal(cellOf('byteOffsetMax', { byteOffsetMax: made(0) }), '0B ±0')
  assert.equal(cellOf('mine', { mine: made(7, 1) }), '7.0 ±1.0')
  assert.equal(cellOf('mine', {}), '-')
})

test('of a sum only the mean is known, unless but one of its parts happened', () => {
  const dropped = (tun: MetricSummary | undefined, lane: MetricSummary) =>
    cellOf('dropRatio', { ...(tun && { tunQueueDropRatio: tun }), laneDropRatio: lane })
  assert.equal(dropped(made(0.1, 0.02), made(0.2, 0.02)), '30%')
  assert.equal(dropped(made(0), made(0.2, 0.02)), '20.0% ±2.0')
  assert.equal(dropped(made(0.1, 0.02), made(0)), '10.0% ±2.0')
  assert.equal(dropped({ ...made(0), count: 0, of: 1000 }, made(0)), '0 (<0.3%)')
  assert.equal(dropped(made(0.1, 0.02), made(null)), '10.0% ±2.0')
  assert.equal(dropped(undefined, made(0.2)), '-')
})

test('metrics of one meaning share a sentence of the legend, and the end of their titles', () => {
  assert.deepEqual(legendOf(['sackLostRatio', 'latencyNsP99', 'quicLostRatio', 'laneLoadJain', 'mine']), [
    'SACK, QUIC lost: packets that senders would wrongly take for lost.',
    'lanes even: 1 when all lanes are equally busy (Jain).',
  ])
  assert.deepEqual(legendOf(['sackLostRatio']), [
    'SACK lost: packets that senders would wrongly take for lost.',
  ])
})
