import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ethernet, ipv4, pcap, udp } from '../../traffic/capture/captures.testing.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { type Means, runProgram } from '../run-program.testing.ts'
import { standardInput } from './standard-input.ts'

const folder = ownFolder('stdin')
const temporaryBefore = process.env.TMPDIR
// Where temporary files go, so that what stays behind can be seen.
mkdirSync('tmp')
process.env.TMPDIR = path.join(folder, 'tmp')
after(() => {
  if (temporaryBefore === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = temporaryBefore
})

const records = Array.from({ length: 3000 }, (_, i) => ({
  seconds: 1_700_000_000,
  fraction: i * 20,
  frame: ethernet(0x0800, ipv4(17, udp(1 + (i % 7), 2, 500))),
}))
const capture = pcap(records)
writeFileSync('office.pcap', capture)
writeFileSync('gateway.yaml', 'source: { capture: "-" }\nlanes: { count: 2 }\nruns: 3\n')

const piped = (): Readable => Readable.from([capture.subarray(0, 1000), capture.subarray(1000)])
const compare = (words: string, means?: Means) => runProgram(['compare', ...words.split(' ')], means)
const leftBehind = () => readdirSync('tmp').filter((name) => name.includes('lanewise'))
const report = (name: string) => JSON.parse(readFileSync(`${name}/report.json`, 'utf8'))

test('a capture on standard input gives what the file gives, with any number of runs and threads', async () => {
  assert.equal((await compare('office.pcap -q -r 3 -j 1 -o file')).exitCode, 0)
  for (const jobs of [1, 2]) {
    const { exitCode, stderr, stdout } = await compare(`- -q -r 3 -j ${jobs} -o piped`, { stdin: piped() })
    assert.deepEqual([exitCode, stderr], [0, ''])
    assert.match(stdout, /^standard input\n/)
    assert.deepEqual(leftBehind(), [])
    const [ours, files] = [report('piped'), report('file')]
    assert.deepEqual(ours.records, files.records)
    assert.equal(ours.scenario.source.capture, '-')
    const { capture } = JSON.parse(readFileSync('piped/provenance.json', 'utf8'))
    assert.equal(capture.path, 'standard input')
    assert.equal(capture.sizeBytes, readFileSync('office.pcap').length)
  }
})

test('the name of the results is stdin, and a scenario may name - too', async () => {
  const alone = await compare('- -q -r 1 -j 1', { stdin: piped() })
  assert.equal(alone.exitCode, 0)
  assert.deepEqual(readdirSync('results'), ['stdin'])
  const gateway = await compare('gateway.yaml -q -j 1', { stdin: piped() })
  assert.equal(gateway.exitCode, 0)
  assert.equal(report('results/gateway').scenario.lanes.count, 2)
  const typed = await compare('office.pcap -q -r 1 -j 1 --set source.capture=- -o typed', { stdin: piped() })
  assert.equal(typed.exitCode, 0)
})

test('what is wrong with it is said of standard input, and nothing stays behind', async () => {
  const cut = await compare('- -r 1 -j 1', { stdin: Readable.from([capture.subarray(0, 5000)]) })
  assert.equal(cut.exitCode, 0)
  assert.match(cut.stderr, /^standard input: cut off at byte \d+, in the last record: /)
  const text = await compare('- -r 2 -j 2', { stdin: Readable.from([Buffer.from('no capture')]) })
  assert.equal(text.exitCode, 1)
  assert.match(text.stderr, /^standard input: not a capture /)
  const none = await compare('-')
  assert.equal(none.exitCode, 2)
  assert.match(none.stderr, /^standard input: nothing is piped in - /)
  assert.deepEqual(leftBehind(), [])
})

test('a pipe that fails is one line', async () => {
  const stdin = new Readable({
    read() {
      this.destroy(new Error('the cable was cut'))
    },
  })
  const { exitCode, stderr } = await compare('-', { stdin })
  assert.equal(exitCode, 1)
  assert.match(stderr, /^standard input: it is read more than once and can't be kept, the cable was cut\n$/)
  assert.deepEqual(leftBehind(), [])
})

test('an interruption while it is spooled leaves nothing behind', { timeout: 5000 }, async () => {
  const stdin = new Readable({ read() {} })
  stdin.push(capture)
  const stop = new AbortController()
  const running = compare('-', { stdin, signal: stop.signal })
  setImmediate(() => setImmediate(() => stop.abort('SIGTERM')))
  const { exitCode, stderr } = await running
  assert.deepEqual([exitCode, stderr], [143, 'interrupted: no run had finished, nothing was written\n'])
  assert.deepEqual(leftBehind(), [])
})

test('the ^C that ended the writer may be heard a little after the end of what it wrote', async () => {
  let isTaken = false
  const stdin = Object.assign(Readable.from([Buffer.of(1)]), { isTTY: false })
  const io = {
    stdin,
    signal: new AbortController().signal,
    takeInterrupt: () => {
      isTaken = true
      return () => {
        isTaken = false
      }
    },
  }
  for await (const piece of standardInput(io as never)) assert.equal(piece.length, 1)
  assert.ok(isTaken)
  await sleep(400)
  assert.ok(!isTaken)
})
