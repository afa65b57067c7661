/** The command as a process: what a user's policy does beside its calls ends with one line and exit 1. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertOneLine, lanewise, odd } from './main.testing.ts'

for (const module of odd) {
  test(`a module like ${module[0]} is one line and exit 1, with 1 jobs`, () => assertOneLine(module, 1))
}

test('a module like exits.mjs is one line and exit 1, with 2 jobs', () => assertOneLine(odd[0]!, 2))

test('work that is done is exit 0, without a word on its end', () => {
  const { status, stderr } = lanewise('compare small.yaml -q -j 1 -p hash -o out')
  assert.deepEqual([status, stderr], [0, ''])
})
