import assert from 'node:assert/strict'
import { test } from 'node:test'
import { powerOfTwoUpTo } from './power-of-two.ts'

test('the largest power of two up to a number', () => {
  for (let power = 1; power <= 2 ** 52; power *= 2) {
    assert.equal(powerOfTwoUpTo(power), power)
    assert.equal(powerOfTwoUpTo(2 * power - 1), power)
  }
  assert.deepEqual([-5, 0, 0.5, 3.5].map(powerOfTwoUpTo), [1, 1, 1, 2])
})
