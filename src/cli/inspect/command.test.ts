import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ethernet, ipv4, type MadeRecord, pcap, udp } from '../../traffic/capture/captures.testing.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { type Means, runProgram } from '../run-program.testing.ts'

ownFolder('inspect')

const packet = (seconds: number, fraction = 0): MadeRecord => ({
  seconds,
  fraction,
  frame: ethernet(0x0800, ipv4(17, udp(1, 2, 100))),
})
const good = pcap([packet(1), packet(2), packet(4)])
writeFileSync('good.pcap', good)
writeFileSync('good.pcap.gz', gzipSync(good))
writeFileSync('backward.pcap', pcap([packet(1), packet(3), packet(2, 500_000)]))
writeFileSync('cut.pcap', good.subarray(0, good.length - 1))
writeFileSync('text.pcap', 'no capture at all, but text')

const inspect = (words: string, means?: Means) => runProgram(['inspect', ...words.split(' ')], means)

test('a capture is described on stdout, and stderr stays empty', async () => {
  const { exitCode, stdout, stderr } = await inspect('good.pcap')
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.match(
    stdout,
    /^good\.pcap\n {2}time {7}1970-01-01T00:00:01\.000000000Z to 00:00:04\.000000000Z, 3 s\n/,
  )
  assert.match(stdout, /\n {2}packets {4}3 IP packets, 384 B \(IPv4 3, UDP 3\)\n/)
})

test('several captures come one after the other; one that fails gives its line and the others go on', async () => {
  const { exitCode, stdout, stderr } = await inspect('missing.pcap good.pcap text.pcap good.pcap.gz -f json')
  assert.equal(exitCode, 1)
  const objects = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    objects.map(({ capture, packets, schemaVersion }) => [capture, packets, schemaVersion]),
    [
      ['good.pcap', 3, 1],
      ['good.pcap.gz', 3, 1],
    ],
  )
  assert.deepEqual(stderr.split('\n'), [
    'missing.pcap: no such file - check the path',
    'text.pcap: not a capture (it begins with 6e6f2063) - give a pcap or pcapng file, plain or compressed',
    '',
  ])
})

test('a damaged capture is described up to there, with a warning and exit code 0', async () => {
  const { exitCode, stdout, stderr } = await inspect('cut.pcap -f json')
  assert.equal(exitCode, 0)
  assert.equal(JSON.parse(stdout).packets, 2)
  assert.match(
    stderr,
    /^cut\.pcap: cut off at byte \d+, in the last record: .* the 2 frames before it are used\n$/,
  )
  assert.deepEqual(JSON.parse(stdout).problems, [stderr.trimEnd()])
  assert.equal((await inspect('cut.pcap -q')).stderr, '')
})

test('--sort puts packets in order, and without it a warning names it', async () => {
  const { stderr, stdout } = await inspect('backward.pcap -f json')
  assert.match(
    stderr,
    /^backward\.pcap: 1 packet is earlier .* by up to 500 ms; .* - put them in order: --sort\n$/,
  )
  assert.equal(JSON.parse(stdout).clampedPackets, 1)
  const sorted = await inspect('backward.pcap --sort -f json')
  assert.equal(sorted.stderr, '')
  const { clampedPackets, flowGapNsMax } = JSON.parse(sorted.stdout)
  assert.deepEqual([clampedPackets, flowGapNsMax], [0, 1.5e9])
})

test('-f csv has one header and a row per capture; markdown a heading each', async () => {
  const csv = await inspect('good.pcap good.pcap.gz -f csv')
  const lines = csv.stdout.trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => line.split(',')[1]),
    ['capture', 'good.pcap', 'good.pcap.gz'],
  )
  const markdown = await inspect('good.pcap good.pcap.gz -f markdown')
  assert.deepEqual(markdown.stdout.match(/^\*\*.*\*\*$/gm), ['**good.pcap**', '**good.pcap.gz**'])
})

test('- is standard input, gzipped or not, in pieces of any size', async () => {
  for (const bytes of [good, gzipSync(good)]) {
    const stdin = Readable.from([...bytes].map((byte) => Buffer.from([byte])))
    const { exitCode, stdout, stderr } = await inspect('- -f json', { stdin })
    assert.deepEqual([exitCode, stderr], [0, ''])
    const { capture, packets } = JSON.parse(stdout)
    assert.deepEqual([capture, packets], ['standard input', 3])
  }
})

test('standard input that is missing, a terminal or named twice is a wrong command', async () => {
  const terminal = Object.assign(Readable.from([good]), { isTTY: true })
  for (const stdin of [undefined, terminal]) {
    const { exitCode, stderr } = await inspect('-', stdin === undefined ? {} : { stdin })
    assert.equal(exitCode, 2)
    assert.match(stderr, /^standard input: nothing is piped in - give a capture: /)
  }
  const twice = await inspect('- - -f json', { stdin: Readable.from([good]) })
  assert.equal(twice.exitCode, 2)
  assert.match(twice.stderr, /^standard input: it can't be combined with other files - name - alone, or /)
})

test('what is no capture ends at once, also when the pipe stays open', { timeout: 5000 }, async () => {
  const stdin = new Readable({ read() {} })
  stdin.push('no capture at all')
  const { exitCode, stderr } = await inspect('-', { stdin })
  assert.equal(exitCode, 1)
  assert.match(stderr, /^standard input: not a capture /)
  assert.ok(stdin.destroyed)
})

test('an interruption ends the work, also while it waits for a pipe', { timeout: 5000 }, async () => {
  const stdin = new Readable({ read() {} })
  stdin.push(good)
  const stop = new AbortController()
  const running = inspect('-', { stdin, signal: stop.signal })
  setImmediate(() => setImmediate(() => stop.abort('SIGINT')))
  const { exitCode, stderr } = await running
  assert.equal(exitCode, 130)
  assert.match(stderr, /interrupted: 0 of 1 captures are described\n$/)
})

test('wrong usage says what is wrong and what to do', async () => {
  const none = await runProgram(['inspect'])
  assert.equal(none.exitCode, 2)
  assert.match(none.stderr, /^lanewise inspect: missing required argument 'capture' - name /)
  const format = await inspect('good.pcap -f yaml')
  assert.equal(format.exitCode, 2)
  assert.match(format.stderr, /^-f yaml: unknown format/)
  const help = await inspect('--help')
  assert.equal(help.exitCode, 0)
  assert.match(help.stdout, /tcpdump -i any -w - \| lanewise inspect -/)
  for (const line of help.stdout.split('\n')) assert.ok(line.length <= 80, line)
})
