/** Where a calibration goes: never over what is read, whichever name it has. */
import assert from 'node:assert/strict'
import { linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'

ownFolder('target')

/** It says what a calibration says, so that only its being read can save it. */
const RUN = 'sentNs,receivedNs,sizeBytes,"lanewise calibration"\n0,9,100,x\n'
writeFileSync('run.csv', RUN)
writeFileSync('threads.csv', RUN)
symlinkSync('run.csv', 'link.csv')
linkSync('run.csv', 'hard.csv')

const over: readonly (readonly [words: string, target: string])[] = [
  ['run.csv', 'run.csv'],
  ['run.csv', './run.csv'],
  ['run.csv', 'link.csv'],
  ['run.csv', 'hard.csv'],
  ['link.csv', 'run.csv'],
  ['--sent other.pcap --received run.csv', 'run.csv'],
  ['run.csv --threads threads.csv', 'threads.csv'],
]

for (const [words, target] of over) {
  test(`calibrate ${words} -o ${target} is refused, and the file stays`, async () => {
    const { exitCode, stdout, stderr } = await runProgram(['calibrate', ...words.split(' '), '-o', target])
    assert.deepEqual(
      [exitCode, stdout, stderr],
      [2, '', `-o ${target}: is the file that is read - name another file\n`],
    )
    assert.deepEqual([readFileSync('run.csv', 'utf8'), readFileSync('threads.csv', 'utf8')], [RUN, RUN])
  })
}

test('a folder that is not there is told before anything is read', async () => {
  const { exitCode, stderr } = await runProgram(['calibrate', 'run.csv', '-o', 'nowhere/c.json'])
  const message = "-o nowhere/c.json: can't be written, its folder doesn't exist - create the folder first\n"
  assert.deepEqual([exitCode, stderr], [1, message])
})
