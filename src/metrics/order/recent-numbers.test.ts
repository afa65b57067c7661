import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RecentNumbers } from './recent-numbers.ts'
import { streams } from './rfc5236.testing.ts'

test('copies are counted up to two, and what is older than the window is unknown', () => {
  const recent = new RecentNumbers(4)
  assert.deepEqual(
    [5, 5, 5, 7, 6, 9, 6, 5].map((number) => recent.note(number)),
    [0, 1, 2, 0, 0, 0, 1, -1],
  )
  assert.equal(recent.highest, 9)
})

test('within the window it counts what a table of all numbers counts', () => {
  fc.assert(
    fc.property(streams, fc.constantFrom(1, 8, 1024), (arrivals, windowPackets) => {
      const recent = new RecentNumbers(windowPackets)
      const all = new Map<number, number>()
      let highest = Number.NEGATIVE_INFINITY
      for (const number of arrivals) {
        highest = Math.max(highest, number)
        const before = all.get(number) ?? 0
        all.set(number, before + 1)
        const expected = highest - number >= windowPackets ? -1 : Math.min(before, 2)
        assert.equal(recent.note(number), expected)
      }
    }),
    { seed: 1, numRuns: 1000 },
  )
})

test('negative numbers and jumps of 2^50 are numbers like others', () => {
  const recent = new RecentNumbers(8)
  assert.deepEqual(
    [-1, -3, -3, 2 ** 50, 2 ** 50 - 7, 2 ** 50 - 8, 2 ** 50].map((number) => recent.note(number)),
    [0, 0, 1, 0, 0, -1, 1],
  )
})
