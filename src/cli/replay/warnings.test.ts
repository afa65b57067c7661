import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useWarnings } from './warnings.ts'

test('what the system does not tell is said in one line, and nothing where it tells everything', () => {
  assert.deepEqual(useWarnings([]), [])
  assert.deepEqual(useWarnings(['this (/proc/a)', 'that (/proc/b)']), [
    "this system doesn't tell this (/proc/a), nor that (/proc/b): replays are judged without it",
  ])
})
