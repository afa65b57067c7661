/** Play-out buffers whose stream's smallest delay falls: exact, until too many packets are undecided. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordDelay } from '../arrivals.testing.ts'
import { Delays } from './delays.ts'

const DEPTH_NS = 20e6

/**
 * One stream: `packets` with a delay of 30 ms, then one of 1 ms, which makes the others late for a depth of
 * 20 ms.
 */
function lateAfterCongestion(packets: number): number {
  const delays = new Delays(1, [DEPTH_NS], 0)
  for (let i = 0; i < packets; i++) recordDelay(delays, 30e6, true)
  recordDelay(delays, 1e6, true)
  return delays.playoutLate()[0]!
}

test('packets become late when the smallest delay falls', () => {
  assert.equal(lateAfterCongestion(3), 3)
  assert.equal(lateAfterCongestion(524_288), 524_288)
})

test('at 524,288 undecided packets the older half is taken as in time', () => {
  assert.equal(lateAfterCongestion(524_288 + 1000), 262_144 + 1000)
})
