/** Calls of `lanewise calibrate` that make no sense: one line, the right exit code, and nothing is done. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'

ownFolder('calibrate')
writeFileSync('notes.txt', 'mine\n')
mkdirSync('here')
writeFileSync('quoting.csv', 'sequence,note\n1,"lanewise calibration"\n')
// Larger than any text that Node can hold, on a disk that keeps holes.
writeFileSync('large.pcap', '')
truncateSync('large.pcap', 600e6)
const HEAD = 'sentNs,receivedNs,flow,sizeBytes\n'
writeFileSync(
  'few.csv',
  `${HEAD}${Array.from({ length: 499 }, (_, i) => `${1e6 * i},${1e6 * i + 9000},0,100\n`).join('')}`,
)
writeFileSync('no-size.csv', 'sentNs,receivedNs,flow\n1,2,0\n')
writeFileSync('no-lane.csv', 'thread,cpuNsPerPacket\nreader,100\n')
writeFileSync('no-cpu.csv', 'thread\nlane\n')
writeFileSync('other.csv', 'thread,cpuNsPerPacket\nlane,100\nwriter,3\n')
writeFileSync('negative.csv', 'thread,cpuNsPerPacket\nlane,-1\n')
writeFileSync('empty.csv', 'thread,cpuNsPerPacket\nlane,\n')

const wrong: ReadonlyArray<readonly [words: string, message: string]> = [
  ['', 'calibrate: nothing to learn from - name arrivals CSVs, or --sent and --received captures, or --machine'],
  ['--sent a.pcap', '--sent: is one side alone - give --received too'],
  ['--received a.pcap', '--received: is one side alone - give --sent too'],
  ['few.csv --sent a.pcap', '--sent: is one side alone - give --received too'],
  ['few.csv --lanes 0', '--lanes 0: expected a number from 1 to 1024'],
  ['few.csv --lanes many', '--lanes many: expected a number from 1 to 1024'],
  ['few.csv --cores 1.5', '--cores 1.5: expected a number from 1 to 1024'],
  ['few.csv -p any-idel', '-p any-idel: unknown policy "any-idel" - did you mean "any-idle"?'],
  ['few.csv -p flow-pinned:ttl=5', '-p flow-pinned:ttl=5: ttl: 5 has no unit - write it like '],
  ['few.csv --as openvpn-frok', '--as openvpn-frok: unknown - did you mean "openvpn-fork"?'],
  ['few.csv --clock other', '--clock other: unknown - use same or different'],
  ['few.csv -f csv', '-f csv: unknown format - use one of table, json'],
  ['few.csv --cipher aes-256-gcm', '--cipher: is of --machine - add that, or leave it out'],
  ['few.csv -d 1s', '--duration: is of --machine - add that, or leave it out'],
  ['few.csv -o few.csv', '-o few.csv: is the file that is read - name another file'],
  ['few.csv -o here', '-o here: is a folder - name a file in it'],
  ['few.csv --threads no-cpu.csv', '--threads no-cpu.csv:1: needs the columns thread and cpuNsPerPacket - add them'],
  ['few.csv --threads no-lane.csv', '--threads no-lane.csv: no time of a lane - add a row such as lane,16700'],
  ['few.csv --threads other.csv', '--threads other.csv:3: expected reader, lane or receiver and its time in ns'],
  ['few.csv --threads negative.csv', '--threads negative.csv:2: expected reader, lane or receiver'],
  ['few.csv --threads empty.csv', '--threads empty.csv:2: expected reader, lane or receiver'],
  ['few.csv --machine', '--machine: measures this machine, and takes no files - leave out one of both'],
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

// Loads what the work needs, so that times below are those of the work.
await runProgram(['calibrate', '--machine', '-o', 'here'])
await runProgram(['calibrate', 'nowhere.csv'])

for (const [words, message] of wrong) {
  test(`wrong usage is told before anything is measured: calibrate ${words}`, async () => {
    const begunMs = performance.now()
    const { exitCode, stdout, stderr } = await runProgram(['calibrate', ...words.split(' ').filter(Boolean)])
    assert.deepEqual([exitCode, stdout], [2, ''])
    assert.ok(stderr.startsWith(message) && stderr.trimEnd().split('\n').length === 1, stderr)
    assert.ok(performance.now() - begunMs < 5000)
  })
}

const failing: ReadonlyArray<readonly [words: string, message: string]> = [
  ['few.csv', 'few.csv: 499 packets with both times, and a calibration needs 500 - record longer'],
  ['few.csv --threads nowhere.csv', "--threads nowhere.csv: can't be read, ENOENT"],
] // biome-ignore format: a row each

for (const [words, message] of failing) {
  test(`what can't be learnt from fails in a line, and leaves nothing: calibrate ${words}`, async () => {
    const { exitCode, stdout, stderr } = await runProgram([
      'calibrate',
      ...words.split(' '),
      '-o',
      'none.json',
    ])
    assert.deepEqual([exitCode, stdout], [1, ''])
    assert.ok(stderr.startsWith(message) && stderr.trimEnd().split('\n').length === 1, stderr)
    assert.equal(existsSync('none.json'), false)
  })
}

test('a file without sizes is refused by the name of the column, an unknown file by its own', async () => {
  for (const [file, said] of [
    ['no-size.csv', /^no-size\.csv.*sizeBytes.* - /],
    ['nowhere.csv', /^nowhere\.csv.* - /],
  ] as const) {
    const { exitCode, stdout, stderr } = await runProgram(['calibrate', file, '-o', 'none.json'])
    assert.ok((exitCode === 1 || exitCode === 2) && stdout === '')
    assert.match(stderr, said)
    assert.equal(stderr.trimEnd().split('\n').length, 1)
  }
})

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
