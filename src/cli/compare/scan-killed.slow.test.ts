/** A scan that is killed half way and gone on with, with threads and without. */
import { test } from 'node:test'
import { assertGoesOn } from './scan-killed.testing.ts'

for (const jobs of [1, 2]) {
  test(`killed half way and gone on with, the files are those of a scan in one piece, with ${jobs} jobs`, () =>
    assertGoesOn(jobs))
}
