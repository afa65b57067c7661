/** Packets that certainly waited, and what came between the departure that they waited for and their own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Row, runOf } from './runs.testing.ts'
import { waitingNumbers } from './waiting.ts'

/**
 * Rounds of three packets at once to lanes that take 10 us, far apart, in turns of two flows; all have 100 us
 * of way behind them.
 */
function rounds(count: number, lanes: number): Row[] {
  const rows: Row[] = []
  for (let round = 0; round < count; round++) {
    const freeNs = new Array<number>(lanes).fill(0)
    for (let k = 0; k < 3; k++) {
      const sentNs = 1e6 * round + k
      const lane = k % lanes
      freeNs[lane] = Math.max(freeNs[lane]!, sentNs) + 10_000
      rows.push([sentNs, freeNs[lane]! + 100_000, k % 2])
    }
  }
  return rows
}
const LEAST_NS = 110_000

test('on one lane two packets of three wait, each for the work of one, whatever the way takes', () => {
  const run = runOf(rounds(40, 1))
  const [share, ...gaps] = waitingNumbers(run, run.receivedNs, 1, LEAST_NS - 5000)
  assert.equal(share, 2 / 3)
  assert.deepEqual(gaps.slice(0, 3), [10_000, 10_000, 10_000])
})

test('on two lanes the third waits for the first', () => {
  const run = runOf(rounds(40, 2))
  const [share, p25, p50, p75, ofFlow] = waitingNumbers(run, run.receivedNs, 2, LEAST_NS - 5000)
  assert.deepEqual([share, p25, p50, p75], [1 / 3, 10_000, 10_000, 10_000])
  // First and third are of one flow.
  assert.equal(ofFlow, 1 / 3)
})

test('nobody waited where departures are sooner than any packet takes', () => {
  const run = runOf(rounds(40, 3))
  assert.equal(waitingNumbers(run, run.receivedNs, 3, LEAST_NS)[0], 0)
})

test('fewer than thirty gaps have no quantiles, and none is no packet', () => {
  const run = runOf(rounds(29, 2))
  const [share, ...gaps] = waitingNumbers(run, run.receivedNs, 2, LEAST_NS - 5000)
  assert.equal(share, 1 / 3)
  assert.deepEqual(gaps.slice(0, 3), [Number.NaN, Number.NaN, Number.NaN])
  assert.equal(waitingNumbers(runOf([]), new Float64Array(0), 2, 0)[0], 0)
})

test('lost packets keep nobody waiting', () => {
  const run = runOf(rounds(40, 1))
  const receivedNs = run.receivedNs.map((ns, row) => (row % 3 === 0 ? Number.NaN : ns))
  // Of each round the third waits for the second; nobody is seen before that one.
  const [share, p25] = waitingNumbers(run, receivedNs, 1, LEAST_NS - 5000)
  assert.deepEqual([share, p25], [1 / 3, 10_000])
})
