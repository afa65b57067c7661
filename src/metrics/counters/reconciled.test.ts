/**
 * Without duplicates, the counters of known programs are the metrics that docs/metrics.md names beside them.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { recordDelay } from '../arrivals.testing.ts'
import { Delays } from '../delay/delays.ts'
import { RtpJitter } from '../delay/rtp-jitter.ts'
import { judge } from '../order/order.testing.ts'
import { Iperf3Counter } from './iperf3.ts'
import { LinuxCounter } from './linux.ts'
import { OwpingCounter } from './owping.ts'
import { PschedulerCounter } from './pscheduler.ts'
import { TcptraceCounter } from './tcptrace.ts'

/** Some of the numbers 0 to 59 in any order: reordering and losses, no duplicates. */
const arrivals = fc.shuffledSubarray(
  Array.from({ length: 60 }, (_, i) => i),
  { minLength: 1 },
)

test('what programs count of a stream without duplicates is what our metrics say', () => {
  fc.assert(
    fc.property(arrivals, (numbers) => {
      const { tracker } = judge({ numbers, first: 0 })
      const { reordered, lossRules } = tracker
      const iperf3 = new Iperf3Counter()
      const owping = new OwpingCounter()
      const pscheduler = new PschedulerCounter()
      const tcptrace = new TcptraceCounter()
      const linux = new LinuxCounter()
      for (const number of numbers) {
        for (const counter of [iperf3, owping, pscheduler, tcptrace, linux]) counter.record(number)
      }
      assert.equal(iperf3.outOfOrder, reordered)
      assert.equal(tcptrace.outOfOrder, reordered)
      assert.equal(linux.sackReorder, lossRules.linuxReorderEvents)
      assert.equal(linux.reorderingSegments, lossRules.linuxReordering)
      assert.equal(pscheduler.reordered, tracker.nReordered(1))
      for (let n = 1; n <= 8; n++) assert.equal(owping.counts[n], tracker.nReordered(n))
      assert.equal(owping.arrivals, tracker.received)
    }),
    { seed: 11, numRuns: 500 },
  )
})

test('the jitter that RTP and iperf3 show at the end is the last value of what we average', () => {
  const delaysNs = [20, 10, 30, 30, 90, 15].map((ms) => ms * 1e6)
  const jitter = new RtpJitter()
  const delays = new Delays(1, [])
  const values: number[] = []
  for (const [i, delayNs] of delaysNs.entries()) {
    jitter.record(i * 20e6, i * 20e6 + delayNs)
    recordDelay(delays, delayNs, false)
    if (i > 0) values.push(jitter.jitter)
  }
  assert.equal(delays.jitterNs(0), jitter.jitter)
  assert.equal(delays.jitterNsMax, Math.max(...values))
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  assert.ok(Math.abs(delays.jitterNsMean! - mean) < 1e-6)
})
