import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lengthText, replayNs, useWarnings } from './warnings.ts'

test('how long replays take is known before them, but for those that go as fast as they can', () => {
  const schedule = { plannedNs: Float64Array.of(1e9, 2e9, 5.7e9, 9e9), packets: 3, isPaced: true }
  assert.equal(replayNs(schedule), 5e9)
  assert.equal(replayNs({ ...schedule, isPaced: false }), undefined)
  assert.equal(lengthText(4, 5e9), '4 replays of about 5 s: 20 s, more where one is disturbed and repeated')
  assert.equal(lengthText(4, undefined), '4 replays, as fast as it goes')
})

test('what the system does not tell is said in one line, and nothing where it tells everything', () => {
  assert.deepEqual(useWarnings([]), [])
  assert.deepEqual(useWarnings(['this (/proc/a)', 'that (/proc/b)']), [
    "this system doesn't tell this (/proc/a), nor that (/proc/b): replays are judged without it",
  ])
})
