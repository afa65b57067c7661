import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skipWithoutVectors, vectorsOf } from '../order/vectors.testing.ts'
import { RtpJitter } from './rtp-jitter.ts'

test('all jitter vectors of ../shared hold, exact and in integers', { skip: skipWithoutVectors }, () => {
  const all = vectorsOf<{ srcTime: number[]; dstTime: number[] }>('jitter')
  for (const { id, input, expected } of all) {
    const jitter = new RtpJitter()
    const J: number[] = []
    const JintegerReported: number[] = []
    for (const [i, sent] of input.srcTime.entries()) {
      jitter.record(sent, input.dstTime[i]!)
      J.push(jitter.jitter)
      JintegerReported.push(jitter.reported)
    }
    assert.deepEqual({ J, JintegerReported }, expected, id)
  }
  assert.equal(all.length, 2)
})

test('a constant transit time gives no jitter, whatever the clocks say', () => {
  const jitter = new RtpJitter()
  for (let i = 0; i < 100; i++) jitter.record(i * 20, i * 20 - 1e9)
  assert.deepEqual([jitter.jitter, jitter.reported], [0, 0])
})

test('a transit time that swings by d settles at a jitter of d, also in nanoseconds beyond 32 bits', () => {
  const jitter = new RtpJitter()
  for (let i = 0; i < 1000; i++) jitter.record(0, i % 2 === 0 ? 0 : 5e9)
  assert.ok(Math.abs(jitter.jitter - 5e9) < 1e-3)
  assert.ok(Math.abs(jitter.reported - 5e9) <= 1, `${jitter.reported}`)
})

test('the integer form rounds as appendix A.8 does', () => {
  const jitter = new RtpJitter()
  const reported = Array.from({ length: 6 }, (_, i) => {
    jitter.record(0, i % 2 === 0 ? 0 : 8)
    return jitter.reported
  })
  // Sixteenths after each packet: 0, 8, 15, 22, 29, 35.
  assert.deepEqual(reported, [0, 0, 0, 1, 1, 2])
})
