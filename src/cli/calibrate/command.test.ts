import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
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
writeFileSync('quoting.csv', 'sequence,note\n1,"lanewise calibration"\n')
// Larger than any text that Node can hold, on a disk that keeps holes.
writeFileSync('large.pcap', '')
truncateSync('large.pcap', 600e6)

const wrong: ReadonlyArray<readonly [words: string, message: string]> = [
  ['', 'calibrate: nothing to learn from'],
  ['--machine --cipher aes-256-gmc', '--cipher aes-256-gmc: unknown - did you mean "aes-256-gcm"?'],
  ['--machine -d 10', '-d 10 has no unit - write it like '],
  ['--machine -d 1ms', '-d 1ms: expected a time from 200ms to 10min - leave it out for 10s'],
  ['--machine -f csv', '-f csv: unknown format - use one of table, json'],
  ['--machine -o notes.txt', '-o notes.txt: is there, and is no calibration - name another file, or move it'],
  ['--machine -o quoting.csv', '-o quoting.csv: is there, and is no calibration - name another file, or move'],
  ['--machine -o large.pcap', '-o large.pcap: is there, and is no calibration - name another file, or move it'],
  ['--machine -o /dev/zero', '-o /dev/zero: is a device - name a file'],
  ['run.csv -p ./mine.mjs', '-p ./mine.mjs: is a module, and calibrate knows built-in policies only'],
  ['run.csv -p flow-pined', '-p flow-pined: unknown policy "flow-pined" - did you mean "flow-pinned"?'],
  ['run.csv -p any-idle:x=1', '-p any-idle:x=1: x: '],
  ['run.csv -p flow-pinned:ttl=5', '-p flow-pinned:ttl=5: ttl: '],
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

test('a pipe in the way is told and not waited for', async (t) => {
  if (spawnSync('mkfifo', ['pipe']).status !== 0) return t.skip('there is no mkfifo')
  const { exitCode, stderr } = await runProgram(['calibrate', '--machine', '-o', 'pipe'])
  assert.deepEqual([exitCode, stderr], [2, '-o pipe: is a pipe - name a file\n'])
})

test('files that are no calibration stay as they are', async () => {
  for (const name of ['quoting.csv', 'large.pcap']) await runProgram(['calibrate', 'run.csv', '-o', name])
  assert.equal(readFileSync('quoting.csv', 'utf8'), 'sequence,note\n1,"lanewise calibration"\n')
  assert.equal(statSync('large.pcap').size, 600e6)
})
