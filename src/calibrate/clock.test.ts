/** Clocks that differ by an offset and a drift, and what is left of the delays when both are taken away. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { log } from '../sim/elementary.ts'
import { randomStream } from '../sim/random.ts'
import { clockOf, onOneClock } from './clock.ts'
import { type Row, runOf } from './runs.testing.ts'

const PACKETS = 12_000
const LEAST_NS = 20_000

/** 12 s of a packet each millisecond, with delays of 20 us and an exponential of 10 us. */
function delaysNs(): number[] {
  const random = randomStream(1, 0, 'delays')
  return Array.from({ length: PACKETS }, () => Math.round(LEAST_NS - 10_000 * log(1 - random())))
}

/** @param ppm what the receiver's clock gains */
function seenBy(offsetNs: number, ppm: number) {
  return runOf(
    delaysNs().map((ns, i): Row => [1e6 * i, Math.round((1e6 * i + ns) * (1 + ppm / 1e6)) + offsetNs]),
  )
}

for (const ppm of [1, -1, 5, -5, 20, -20, 50, -50]) {
  test(`a drift of ${ppm} ppm is seen, and taken away to within 0.03 ppm and 200 ns`, () => {
    const offsetNs = 1e9
    const run = seenBy(offsetNs, ppm)
    assert.equal(clockOf(run), 'different')
    const { sentNs, receivedNs } = onOneClock(run)
    const delays = delaysNs()
    const leastNs = Math.min(...delays)
    const span = sentNs[PACKETS - 1]!
    for (let i = 0; i < PACKETS; i++) {
      const offNs = receivedNs[i]! - sentNs[i]! - (delays[i]! - leastNs)
      assert.ok(Math.abs(offNs) <= 200 + (0.03 / 1e6) * span, `packet ${i} is off by ${offNs} ns`)
    }
    assert.equal(Math.min(...receivedNs.map((ns, i) => ns - sentNs[i]!)), 0)
  })
}

test("an offset without drift shows where packets arrive before they are sent, and not where they don't", () => {
  assert.equal(clockOf(seenBy(-1e6, 0)), 'different')
  assert.equal(clockOf(seenBy(1e6, 0)), 'same')
  assert.equal(clockOf(seenBy(0, 0)), 'same')
})

test('delays of one clock that vary are no drift', () => {
  // The delays grow by 2 us over the run, less than they differ anyway.
  const run = runOf(
    delaysNs().map((ns, i): Row => [1e6 * i, 1e6 * i + 10 * ns + Math.round((2000 * i) / PACKETS)]),
  )
  assert.equal(clockOf(run), 'same')
})

test('lost packets stay lost, and nothing hangs on them', () => {
  const run = seenBy(-5e6, 10)
  const lossy = { ...run, receivedNs: run.receivedNs.map((ns, i) => (i % 7 === 3 ? Number.NaN : ns)) }
  assert.equal(clockOf(lossy), 'different')
  const { receivedNs } = onOneClock(lossy)
  assert.deepEqual(
    [...receivedNs.keys()].filter((i) => Number.isNaN(receivedNs[i]!)),
    [...receivedNs.keys()].filter((i) => i % 7 === 3),
  )
  const whole = onOneClock(run).receivedNs
  for (const [i, ns] of receivedNs.entries()) assert.ok(Number.isNaN(ns) || Math.abs(ns - whole[i]!) < 500)
})
