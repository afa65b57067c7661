import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startProgress, timeText } from './progress.ts'

test('a guessed time has no more digits than it deserves', () => {
  assert.deepEqual([0.2, 42, 100, 5000, 9000].map(timeText), ['1 s', '42 s', '2 min', '83 min', '2.5 h'])
})

test('what remains is told as soon as something is done', () => {
  const progress = startProgress(4)
  assert.equal(progress.remaining(), '')
  progress.update(0, 0.5)
  progress.update(0, 1)
  progress.update(1, 1)
  assert.match(progress.remaining(), /^about \d+ s to go$/)
  for (const run of [2, 3]) progress.update(run, 1)
  assert.equal(progress.remaining(), 'about 0 s to go')
  assert.equal(progress.share(), 1)
})
