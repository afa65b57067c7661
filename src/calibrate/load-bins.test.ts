/** Packets sorted by what was sent before them, in an order that can be counted by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadBins, loneliest } from './load-bins.ts'
import { type Row, runOf } from './runs.testing.ts'

/** Hundred rounds of four packets, 1 us apart, rounds 100 us; two flows by turns. */
const run = runOf(
  Array.from({ length: 400 }, (_, i): Row => {
    const sentNs = 100_000 * Math.floor(i / 4) + 1000 * (i % 4)
    return [sentNs, sentNs + 5000, i % 2]
  }),
)
const bins = new Map(loadBins(run).map(({ label, rows }) => [label, [...rows]]))
const rowsWhere = (is: (place: number) => boolean) => [...Array(400).keys()].filter((i) => is(i % 4))

test('a window of 10 us holds as many packets as stand before one in its round', () => {
  for (const place of [0, 1, 2, 3])
    assert.deepEqual(
      bins.get(`all 10000 ${place}`),
      rowsWhere((k) => k === place),
    )
})

test('of its own flow a packet has one before it, or none', () => {
  assert.deepEqual(
    bins.get('flow 10000 0'),
    rowsWhere((k) => k < 2),
  )
  assert.deepEqual(
    bins.get('flow 10000 1'),
    rowsWhere((k) => k >= 2),
  )
})

test('windows are those that hold neither next to nothing nor nearly all', () => {
  const windows = new Set([...bins.keys()].map((label) => Number(label.split(' ')[1])))
  // 400 packets in 9.9 ms: 0.04 in 1 us, 0.13 in 3.3 us; 0.4, 1.3 and 4.0 in the next three; 12.1 in 300 us.
  assert.deepEqual([...windows], [10_000, 33_333, 100_000])
})

test('one flow has no bins of its own, and 59 packets make none', () => {
  const rows = Array.from({ length: 400 }, (_, i): Row => [run.sentNs[i]!, run.receivedNs[i]!])
  assert.ok(loadBins(runOf(rows)).every(({ label }) => label.startsWith('all')))
  assert.deepEqual(loadBins(runOf(rows.slice(0, 59))), [])
})

test('bins hang on times of sending alone', () => {
  const lost = { ...run, receivedNs: new Float64Array(400).fill(Number.NaN) }
  assert.deepEqual(loadBins(lost), loadBins(run))
})

test('the loneliest tenth and quarter are those with the longest gap before them, the very first among them', () => {
  // Gaps before packets grow: 0 is before all, then 1, 2, 3 ... us.
  const rows = Array.from({ length: 401 }, (_, i): Row => [500 * i * (i + 1), 0])
  const last = (count: number) => [0, ...Array.from({ length: count }, (_, k) => 401 - count + k)]
  assert.deepEqual([...loneliest(runOf(rows), 0.1)], last(40))
  assert.deepEqual([...loneliest(runOf(rows), 0.25)], last(100))
  assert.equal(loneliest(runOf(rows), 1).length, 401)
})
