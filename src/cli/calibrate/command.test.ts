import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { runProgram } from '../run-program.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-calibrate-'))
const before = process.cwd()
process.chdir(folder)
after(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true })
})
writeFileSync('notes.txt', 'mine\n')
mkdirSync('here')

const wrong: ReadonlyArray<readonly [words: string, message: string]> = [
  ['', 'calibrate: needs --machine'],
  ['--machine --cipher aes-256-gmc', '--cipher aes-256-gmc: unknown - did you mean "aes-256-gcm"?'],
  ['--machine -d 10', '-d 10 has no unit - write it like '],
  ['--machine -d 1ms', '-d 1ms: expected a time from 200ms to 10min - leave it out for 10s'],
  ['--machine -f csv', '-f csv: unknown format - use one of table, json'],
  ['--machine -o notes.txt', '-o notes.txt: is there, and is no calibration - name another file, or move it'],
  ['--machine -o here', '-o here: is a folder - name a file in it'],
] // biome-ignore format: a row each

for (const [words, message] of wrong) {
  test(`wrong usage is told before anything is measured: calibrate ${words}`, async () => {
    const begunMs = performance.now()
    const { exitCode, stdout, stderr } = await runProgram(['calibrate', ...words.split(' ').filter(Boolean)])
    assert.deepEqual([exitCode, stdout], [2, ''])
    assert.ok(stderr.startsWith(message) && stderr.trimEnd().split('\n').length === 1, stderr)
    assert.ok(performance.now() - begunMs < 5000)
  })
}
