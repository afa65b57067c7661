/** What main.test.ts asks of one thread, of two; exits.mjs, which ends its thread, is there. */
import { test } from 'node:test'
import { assertOneLine, odd } from './main.testing.ts'

for (const module of odd.slice(1)) {
  test(`a module like ${module[0]} is one line and exit 1, with 2 jobs`, () => assertOneLine(module, 2))
}
