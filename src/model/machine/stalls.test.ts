import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosing, happenings, timesOf } from '../pipeline.testing.ts'
import { Stalls } from './stalls.ts'

/** Gaps and lengths from lists; after them no stall for a long time. */
function stallsOf(gaps: readonly number[], lengths: readonly number[]): Stalls {
  let gap = 0
  let length = 0
  return new Stalls(
    () => gaps[gap++] ?? 1e12,
    () => lengths[length++] ?? 1,
  )
}

test('a stall suspends the service in progress, each for its length', () => {
  // Stalls at 10-15, 25-32.
  const stalls = stallsOf([10, 10], [5, 7])
  assert.equal(stalls.beginNs(0), 0)
  assert.equal(stalls.finishNs(0, 10), 10)
  assert.equal(stalls.finishNs(0, 11), 16)
  assert.equal(stalls.finishNs(0, 20), 25)
  assert.equal(stalls.finishNs(0, 21), 33)
})

test('what would begin within a stall begins at its end', () => {
  const stalls = stallsOf([10, 10], [5, 7])
  assert.equal(stalls.beginNs(9), 9)
  assert.equal(stalls.beginNs(10), 15)
  assert.equal(stalls.beginNs(14), 15)
  assert.equal(stalls.beginNs(15), 15)
  assert.equal(stalls.finishNs(15, 12), 34)
  assert.equal(stalls.beginNs(1000), 1000)
})

test('stalls without a gap between them are one', () => {
  const stalls = stallsOf([10, 0], [5, 5])
  assert.equal(stalls.finishNs(stalls.beginNs(0), 11), 21)
})

test('a lane stalls, and its busy time is its work alone', () => {
  const seen: number[] = []
  const policy = choosing((_packet, lanes) => {
    seen.push(lanes.busyNs(0))
    return 0
  })
  const packets = [0, 5, 100].map((at) => ({ at, work: 20 }))
  const log = happenings(packets, policy, { lanes: 1, stalls: () => stallsOf([10], [30]) })
  // 0-10 and 40-50; then 50-70; then 100-120.
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 50, 1: 70, 2: 120 })
  assert.deepEqual(seen, [0, 5, 40])
})

test('an idle lane takes its wake-up, a busy one does not', () => {
  const packets = [0, 1, 100].map((at) => ({ at, work: 10, wakeUp: 7 }))
  const log = happenings(
    packets,
    choosing(() => 0),
    { lanes: 1 },
  )
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 17, 1: 27, 2: 117 })
})

/** A millisecond of running, then a millisecond of stall; counts what is drawn. */
function regular() {
  let drawn = 0
  const stalls = new Stalls(
    () => {
      drawn++
      return 1e6
    },
    () => 1e6,
  )
  return { stalls, drawn: () => drawn }
}

test('years of idle time cost no more than a moment of it', () => {
  const { stalls, drawn } = regular()
  for (let year = 1; year <= 20; year++) {
    const fromNs = year * 3e16
    const beginNs = stalls.beginNs(fromNs)
    assert.ok(beginNs >= fromNs && beginNs <= fromNs + 1e6)
    assert.ok(stalls.finishNs(beginNs, 10e6) >= beginNs + 10e6)
  }
  assert.ok(drawn() <= 20 * 100_020, `${drawn()}`)
})

test('a service of years is held up as much as its first hundred thousand stalls say', () => {
  const { stalls, drawn } = regular()
  const finishNs = stalls.finishNs(0, 1e15)
  assert.ok(Math.abs(finishNs / 2e15 - 1) < 0.001, `${finishNs}`)
  assert.ok(drawn() <= 100_010)
  // And the clock goes on from there.
  assert.equal(stalls.beginNs(finishNs + 5), finishNs + 5)
  assert.equal(stalls.finishNs(finishNs + 5, 10), finishNs + 15)
})
