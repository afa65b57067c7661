import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Duplication } from './duplicates.ts'
import { streams } from './rfc5236.testing.ts'
import { skipWithoutVectors, vectorsOf } from './vectors.testing.ts'

function duplicationOf(arrivals: readonly number[], windowPackets?: number): Duplication {
  const duplication = new Duplication(windowPackets)
  for (const number of arrivals) duplication.record(number)
  return duplication
}

test('all duplication vectors of ../shared hold', { skip: skipWithoutVectors }, () => {
  const all = vectorsOf('duplication')
  for (const { id, input, expected } of all) {
    const { duplicationFraction, replicatedPacketRate } = duplicationOf(input.arrivals)
    assert.deepEqual({ duplicationFraction, replicatedPacketRate }, expected, id)
  }
  assert.equal(all.length, 6)
})

test('fraction and rate follow from the copies of each packet', () => {
  fc.assert(
    fc.property(streams, (arrivals) => {
      const copies = new Map<number, number>()
      for (const number of arrivals) copies.set(number, (copies.get(number) ?? 0) + 1)
      const counts = [...copies.values()]
      const duplication = duplicationOf(arrivals)
      assert.equal(duplication.received, counts.length)
      assert.equal(duplication.copies, arrivals.length)
      assert.equal(duplication.replicated, counts.filter((count) => count > 1).length)
    }),
    { seed: 5560, numRuns: 500 },
  )
})

test('without packets both are unknown, and what is older than the window is counted apart', () => {
  const none = new Duplication()
  assert.deepEqual([none.duplicationFraction, none.replicatedPacketRate], [null, null])
  const short = duplicationOf([1, 2, 9, 9, 1], 4)
  assert.deepEqual([short.received, short.copies, short.replicated, short.beyondWindow], [3, 4, 1, 1])
})
