/** What prediction.test.ts says of a few seeds, of many. */
import { test } from 'node:test'
import { assertOthersInIntervals, assertStallsPredicted } from './prediction.testing.ts'

test('calibrated on one replay, other replays lie in the intervals; with half the jitter the same test fails: 16 seeds', () =>
  assertOthersInIntervals(16))

test('stalls of a lane are predicted as stalls: 6 seeds', () => assertStallsPredicted(6))
