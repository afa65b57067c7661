/** The case of text from outside that a terminal obeys, as it was found; skipped where it is not there. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from './cli/run-program.testing.ts'
import { sharedPath, skipWithout } from './shared.testing.ts'

const CASE = 'cases/faults/10-terminal-escapes'
const skip = skipWithout(CASE)

test('case 10: neither the title nor the key of a scenario reaches a terminal raw', { skip }, async () => {
  const results = mkdtempSync(join(tmpdir(), 'lanewise-case-'))
  try {
    for (const format of ['table', 'markdown', 'json', 'csv']) {
      const argv = ['compare', sharedPath(`${CASE}/title.yaml`), '-j', '1', '-f', format, '-o', results]
      const { stdout, stderr, exitCode } = await runProgram(argv)
      assert.equal(exitCode, 0, stderr)
      assert.doesNotMatch(stdout + stderr, /(?!\n)[\p{Cc}\p{Cf}]/u)
    }
    const { stderr, exitCode } = await runProgram(['compare', sharedPath(`${CASE}/key.yaml`)])
    assert.equal(exitCode, 2)
    assert.match(stderr, /key\.yaml:5:1 \\x1b\[31mkey: unknown key/)
    assert.doesNotMatch(stderr, /(?!\n)[\p{Cc}\p{Cf}]/u)
  } finally {
    rmSync(results, { recursive: true, force: true })
  }
})
