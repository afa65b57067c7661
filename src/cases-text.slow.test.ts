/**
 * Cases of hostile text and of inputs that aren't files, as they were found; skipped where they aren't there.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { builtMain } from './built.testing.ts'
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

const pipes = skipWithout('cases/faults/12-measure-through-a-fifo')

test('case 12: measure of a process substitution gives what measure - gives', { skip: pipes }, () => {
  const results = mkdtempSync(join(tmpdir(), 'lanewise-case-'))
  const node = [process.execPath, ...builtMain].map((word) => `'${word}'`).join(' ')
  const command = `${node} measure <(printf 'sequence\\n1\\n3\\n2\\n') -q -o '${results}'`
  const { status, stdout } = spawnSync('bash', ['-c', command], { encoding: 'utf8', timeout: 30_000 })
  rmSync(results, { recursive: true, force: true })
  assert.equal(status, 0)
  assert.match(stdout, /: 3 packets of 1 flow, in order of arrival/)
})
