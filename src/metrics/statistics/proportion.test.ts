import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shareInterval } from './proportion.ts'

/** Newcombe 1998, table I, method 3. */
const published: ReadonlyArray<readonly [count: number, of: number, low: number, high: number]> = [
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
]
for (const [count, of, low, high] of published) {
  test(`the interval of ${count} in ${of} is the published one`, () => {
    const { low95, high95 } = shareInterval({ count, of })
    assert.deepEqual([Number(low95.toFixed(4)), Number(high95.toFixed(4))], [low, high])
  })
}

test('none and all are bounded by 0 and 1 themselves, and no chances say nothing', () => {
  assert.equal(shareInterval({ count: 0, of: 7 }).low95, 0)
  assert.equal(shareInterval({ count: 7, of: 7 }).high95, 1)
  assert.deepEqual(shareInterval({ count: 0, of: 0 }), { low95: 0, high95: 1 })
})
