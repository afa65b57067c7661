/** A scan that is killed half way and gone on with, with threads. */
import { test } from 'node:test'
import { assertGoesOn } from './scan-killed.testing.ts'

test('killed half way and gone on with, the files are those of a scan in one piece, with 2 jobs', () =>
  assertGoesOn(2))
