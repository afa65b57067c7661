import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { repository } from '../built.testing.ts'
import { explainSameMoment } from '../node/same-moment.ts'
import { randomStream } from '../sim/random.ts'
import { ownFolder } from './own-folder.testing.ts'
import { runProgram } from './run-program.testing.ts'

ownFolder('program')

writeFileSync('good.yaml', 'source: { synthetic: { packetsPerSecond: 1000 } }\nduration: 100ms\nruns: 2\n')
writeFileSync('empty.yaml', '')
writeFileSync('empty.pcap', '')
const random = randomStream(1, 0, 'random bytes')
writeFileSync('random.pcap', Buffer.from(Array.from({ length: 4096 }, () => Math.floor(random() * 256))))
writeFileSync('file', '')

const mistakes: [argv: string, exitCode: number, message: RegExp][] = [
  ['comapre good.yaml', 2, /^lanewise: unknown verb "comapre" - did you mean "compare"\?$/],
  [
    'good.yaml',
    2,
    /^lanewise: unknown verb "good.yaml" - to simulate that file: lanewise compare good.yaml$/,
  ],
  ['compare', 2, /^lanewise compare: missing required argument .* - name a scenario or a capture/],
  ['compare good.yaml --sed 4', 2, /^lanewise compare: unknown option '--sed' - did you mean --se/],
  [
    'compare good.yaml other.yaml',
    2,
    /^good.yaml: is a scenario, and only captures are read together - name it alone$/,
  ],
  ['compare good.yaml -r', 2, /^lanewise compare: option '-r, --runs <n>' argument missing - see/],
  ['compare good.yaml -f tabel', 2, /^-f tabel: unknown format - did you mean "table"\?$/],
  ['compare good.yaml -j 0', 2, /^-j 0: expected a number of threads from 1 to 1024 - leave it out/],
  ['compare god.yaml', 1, /^god.yaml: no such file - did you mean "good.yaml"\?$/],
  ['compare empty.yaml', 2, /^empty.yaml: the scenario is empty - /],
  ['compare empty.pcap', 1, /^empty.pcap: the file is empty - /],
  ['compare random.pcap -j 1', 1, /^random.pcap: not a capture .* - give a pcap or pcapng file/],
  ['compare random.pcap -j 2', 1, /^random.pcap: not a capture .* - give a pcap or pcapng file/],
  ['compare good.yaml -p hsah', 2, /^-p hsah: unknown policy "hsah" - did you mean "hash"\?/],
  [
    'compare good.yaml -p hash:kye=5-tuple',
    2,
    /^-p hash:kye=5-tuple kye: unknown key - did you mean "key"\?$/,
  ],
  ['compare good.yaml -p random:weights=NaN', 2, /^-p random:weights=NaN weights: /],
  ['compare good.yaml --set lanes.cuont=3', 2, /^--set lanes.cuont=3: unknown key - did you mean "count"\?$/],
  ['compare good.yaml --set lanes.count=NaN', 2, /^--set lanes.count=NaN: /],
  ['compare good.yaml -d 3', 2, /^-d 3: 3 has no unit - write it like "8us"/],
  ['compare good.yaml --reference hahs', 2, /^--reference hahs: no such policy .* - did you mean "hash"\?$/],
  [
    'compare good.yaml --trace t.parquet',
    2,
    /^--trace t.parquet: ".parquet" isn't a format of traces - name a .csv/,
  ],
  [
    'compare good.yaml --trace none/t.csv',
    1,
    /^--trace none\/t.csv: can't be written, its folder doesn't exist - /,
  ],
  [
    'compare good.yaml -o file',
    1,
    /^file: results can't be written, a file is in the way - name a folder with -o$/,
  ],
  ['list polices', 2, /^lanewise list: unknown topic "polices" - did you mean "policies"\?$/],
  [
    'completion',
    2,
    /^lanewise completion: missing required argument 'shell' - see lanewise completion --help$/,
  ],
  ['completion zhs', 2, /^lanewise completion: unknown shell "zhs" - did you mean "zsh"\?$/],
  ['list -f csv', 2, /^-f csv: unknown format - use one of table, json$/],
]

for (const [argv, exitCode, message] of mistakes) {
  test(`lanewise ${argv} ends with one clear line and exit ${exitCode}`, async () => {
    const finished = await runProgram(argv.split(' '))
    assert.equal(finished.exitCode, exitCode)
    assert.equal(finished.stdout, '')
    assert.match(finished.stderr.replace(/\n$/, ''), message)
  })
}

test('a mistake in the moment of a signal, or after it, is told as the interruption', async () => {
  const before = new AbortController()
  before.abort('SIGTERM')
  const told = async (words: string, { signal }: AbortController) => {
    const { exitCode, stderr } = await runProgram(words.split(' '), { signal })
    return [exitCode, stderr]
  }
  const nothing = 'interrupted: nothing was written\n'
  assert.deepEqual(await told('compare good.yaml -p hsah', before), [143, nothing])
  const meanwhile = new AbortController()
  explainSameMoment(async () => meanwhile.abort('SIGINT'))
  assert.deepEqual(await told('compare good.yaml -p hsah', meanwhile), [130, nothing])
  // What couldn't be saved is said all the same.
  const line = "file: results can't be written, a file is in the way - name a folder with -o"
  assert.deepEqual(await told('compare good.yaml -o file', before), [143, `interrupted: ${line}\n`])
  explainSameMoment(async () => {})
})

test('two mistakes are two lines', async () => {
  const { stderr, exitCode } = await runProgram('compare good.yaml -r x -d 3'.split(' '))
  assert.equal(exitCode, 2)
  assert.deepEqual(
    stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, 5)),
    ['-r x:', '-d 3:'],
  )
})

test('help goes to stdout, names every verb that exists and has examples', async () => {
  const { stdout, stderr, exitCode } = await runProgram(['--help'])
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.match(stdout, /^ {2}compare +simulate/m)
  assert.match(stdout, /^ {2}list /m)
  assert.match(stdout, /^ {2}plot /m)
  for (const verb of ['compare', 'tune', 'plot', 'list']) {
    const help = await runProgram([verb, '--help'])
    assert.equal(help.exitCode, 0)
    assert.match(help.stdout, /Examples:\n {2}lanewise/)
    assert.ok(Math.max(...help.stdout.split('\n').map((line) => line.length)) <= 80)
  }
})

test('no arguments at all is wrong usage, answered with the help on stderr', async () => {
  const { stdout, stderr, exitCode } = await runProgram([])
  assert.deepEqual([exitCode, stdout], [2, ''])
  assert.match(stderr, /^Usage: lanewise <verb>/)
})

test('the version is the one of package.json', async () => {
  const { version } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'))
  assert.equal((await runProgram(['--version'])).stdout, `${version}\n`)
})

test('a command that is refused leaves no results', () => {
  assert.deepEqual(
    readdirSync('.').filter((name) => name === 'results' || name.endsWith('.part')),
    [],
  )
})
