/**
 * Verbs times kinds of file: a pipe gives what the file gives, or one line; devices, sockets and folders give
 * one line each; nothing waits deafly and nothing is read without end.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { ethernet, ipv4, pcap, udp } from '../../traffic/capture/captures.testing.ts'
import { type Means, runProgram } from '../run-program.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-piped-'))
const temporaryBefore = process.env.TMPDIR
mkdirSync(path.join(folder, 'tmp'))
process.env.TMPDIR = path.join(folder, 'tmp')
after(() => {
  if (temporaryBefore === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = temporaryBefore
  rmSync(folder, { recursive: true })
})

const at = (name: string) => path.join(folder, name)
const out = ['-q', '-o', at('out')]
const short = ['-r', '1', '-j', '1', ...out]
const records = Array.from({ length: 50 }, (_, i) => ({
  seconds: 1_700_000_000,
  fraction: i * 20,
  frame: ethernet(0x0800, ipv4(17, udp(1 + (i % 7), 2, 500))),
}))
for (const name of ['capture.pcap', 'received.pcap']) writeFileSync(at(name), pcap(records))
writeFileSync(at('arrivals.csv'), 'sequence\n1\n3\n2\n')
writeFileSync(
  at('scenario.yaml'),
  'source: { synthetic: { packetsPerSecond: 20000 } }\nduration: 10ms\npolicies: [hash]\n',
)
/** Copies of pipes that are still there. */
const copies = () => readdirSync(at('tmp')).filter((name) => name.includes('lanewise'))
let made = 0

/** A FIFO that this file's bytes go through, once. */
function pipeOf(file: string): string {
  const pipe = silentPipe()
  spawn('sh', ['-c', 'cat "$1" > "$2"', 'sh', at(file), pipe], { stdio: 'ignore' })
  return pipe
}

/** A FIFO that nobody writes to. */
function silentPipe(): string {
  const pipe = at(`pipe-${made++}`)
  execFileSync('mkfifo', [pipe])
  return pipe
}

/** What a command prints with a file in place of INPUT, and with a pipe of the same bytes. */
async function both(words: readonly string[], file: string) {
  const named = (input: string) => words.map((word) => (word === 'INPUT' ? input : word))
  const pipe = pipeOf(file)
  const [ofFile, ofPipe] = [await runProgram(named(at(file))), await runProgram(named(pipe))]
  // Lines break elsewhere where the name is shorter.
  const without = (text: string, name: string) => text.replaceAll(name, 'INPUT').replaceAll(/\s+/g, ' ')
  return {
    ofFile: { ...ofFile, stdout: without(ofFile.stdout, at(file)) },
    ofPipe: { ...ofPipe, stdout: without(ofPipe.stdout, pipe) },
  }
}

const skip = process.platform === 'win32' && 'there are no FIFOs'

test('every verb makes of a pipe what it makes of the file', { skip }, async () => {
  const commands: [words: string[], file: string][] = [
    [['measure', 'INPUT', '-f', 'csv', ...out], 'arrivals.csv'],
    [['measure', 'INPUT', ...out], 'capture.pcap'],
    [['measure', '--sent', 'INPUT', '--received', at('received.pcap'), '-f', 'csv', ...out], 'capture.pcap'],
    [['inspect', 'INPUT'], 'capture.pcap'],
    [['compare', 'INPUT', '-f', 'csv', ...short], 'capture.pcap'],
    [['compare', 'INPUT', '-f', 'csv', ...short], 'scenario.yaml'],
    [['compare', 'INPUT', '-f', 'csv', '--scan-list', 'lanes.count=2,3', ...short], 'capture.pcap'],
    [['tune', 'INPUT', '-f', 'csv', '--points', '2', '--no-check', ...short], 'capture.pcap'],
    [['diagnose', 'INPUT', '-f', 'markdown'], 'capture.pcap'],
  ]
  for (const [words, file] of commands) {
    const { ofFile, ofPipe } = await both(words, file)
    assert.equal(ofFile.exitCode, 0, `${words} ${ofFile.stderr}`)
    assert.deepEqual(ofPipe, ofFile, words.join(' '))
    assert.notEqual(ofPipe.stdout, '')
  }
  assert.deepEqual(copies(), [])
})

test('what was piped has its own name in results', { skip }, async () => {
  const pipe = pipeOf('capture.pcap')
  await runProgram(['compare', pipe, ...short])
  const read = (name: string) => JSON.parse(readFileSync(path.join(at('out'), name), 'utf8'))
  assert.equal(read('report.json').title, path.basename(pipe))
  assert.equal(read('provenance.json').capture.path, pipe)
  assert.equal(read('provenance.json').capture.sizeBytes, pcap(records).length)
})

/** Words with the place of the input, and files that go with them. */
const PLACES: readonly (readonly string[])[] = [
  ['measure', 'INPUT'],
  ['measure', '--sent', 'INPUT'],
  ['measure', '--sent', at('capture.pcap'), '--received', 'INPUT'],
  ['inspect', 'INPUT'],
  ['compare', 'INPUT'],
  ['compare', at('scenario.yaml'), '--calibration', 'INPUT'],
  ['tune', 'INPUT'],
  ['diagnose', 'INPUT'],
  ['calibrate', 'INPUT'],
  ['calibrate', '--sent', at('capture.pcap'), '--received', 'INPUT'],
  ['calibrate', at('capture.pcap'), '--threads', 'INPUT'],
  ['replay', '--loopback', 'INPUT'],
  ['plot', 'INPUT'],
]

async function oneLine(argv: readonly string[], means?: Means): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(argv, means)
  assert.ok(exitCode === 1 || exitCode === 2, `${argv}: ${exitCode} ${stderr}`)
  assert.equal(stdout, '', argv.join(' '))
  assert.match(stderr, /^[^\n]+ - [^\n]+\n$/, argv.join(' '))
  return stderr
}

test('devices, sockets and folders give one line each, wherever they are named', { skip }, async () => {
  const server = createServer().listen(at('socket'))
  after(() => server.close())
  mkdirSync(at('folder'))
  for (const kind of ['/dev/zero', '/dev/null', '/dev/full', at('socket'), at('folder')]) {
    for (const words of PLACES) {
      await oneLine(words.map((word) => word.replace('INPUT', kind)))
    }
    writeFileSync(at('names.yaml'), `source: { capture: ${kind} }\npolicies: [hash]\n`)
    await oneLine(['compare', at('names.yaml')])
  }
})

test('where a pipe will not do, a line says so at once', { skip }, async () => {
  const pipe = silentPipe()
  execFileSync('mkfifo', [at('policy.mjs')])
  writeFileSync(at('names.yaml'), `source: { capture: ${pipe} }\npolicies: [hash]\n`)
  const scenario = ['compare', at('scenario.yaml')]
  const cases: [argv: string[], said: RegExp][] = [
    [['replay', '--loopback', pipe], /is a pipe, and a replay reads its input more than once - save it/],
    [[...scenario, '-p', at('policy.mjs')], /policy\.mjs is a pipe - a policy's module is a file/],
    [['plot', pipe], /isn't a folder of results/],
    [['compare', at('names.yaml')], /is a pipe, not a file - save it and name the file/],
  ]
  for (const [argv, said] of cases) assert.match(await oneLine(argv), said)
})

test('calibrate reads runs and --threads through pipes', { skip }, async () => {
  assert.match(await oneLine(['calibrate', pipeOf('arrivals.csv')]), /sentNs is missing/)
  const threads = pipeOf('arrivals.csv')
  assert.match(
    await oneLine(['calibrate', at('arrivals.csv'), '--threads', threads]),
    /needs the columns thread/,
  )
})

test('saved results that hold a pipe are refused, not waited for', { skip }, async () => {
  mkdirSync(at('saved'))
  execFileSync('mkfifo', [path.join(at('saved'), 'report.json')])
  assert.match(await oneLine(['plot', at('saved')]), /report\.json: can't be read \(is a pipe, not a file\)/)
})

test('a signal ends the wait for a writer that never comes', { skip, timeout: 20_000 }, async () => {
  for (const words of [
    ['measure', 'INPUT'],
    ['inspect', 'INPUT'],
    ['compare', at('scenario.yaml'), '--calibration', 'INPUT'],
    ['calibrate', 'INPUT'],
    ['calibrate', at('arrivals.csv'), '--threads', 'INPUT'],
  ]) {
    const stop = new AbortController()
    const argv = words.map((word) => (word === 'INPUT' ? silentPipe() : word))
    setTimeout(() => stop.abort('SIGTERM'), 100)
    const { exitCode, stderr } = await runProgram(argv, { signal: stop.signal })
    assert.deepEqual([exitCode, stderr], [143, 'interrupted: nothing was written\n'])
  }
  assert.deepEqual(copies(), [])
})

test('what never ends and is nothing that can be read is not read to its end', { skip }, async () => {
  const endless = (command: string) => {
    const pipe = silentPipe()
    spawn('sh', ['-c', `${command} > "$1"`, 'sh', pipe], { stdio: 'ignore' })
    return pipe
  }
  assert.match(await oneLine(['measure', endless('yes')]), /sequence is missing/)
  assert.match(await oneLine(['compare', endless('yes')]), /neither a scenario/)
  assert.match(await oneLine(['compare', endless('cat /dev/zero')]), /neither a scenario/)
  const stdin = new PassThrough()
  const zeros = Buffer.alloc(1 << 20)
  const feed = () => {
    while (!stdin.destroyed && stdin.write(zeros));
    if (!stdin.destroyed) stdin.once('drain', feed)
  }
  feed()
  assert.match(await oneLine(['measure', '-'], { stdin }), /^standard input:1: no line end/)
})
