/** How `lanewise measure` is used: gates and exit codes, one capture alone, mistakes, interruption, help. */
import assert from 'node:assert/strict'
import { existsSync, linkSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { MatchBench, tcpPacket } from '../../measure/matching/match.testing.ts'
import type { Measurement } from '../../measure/measurement.ts'
import { sharedPath, skipWithout } from '../../shared.testing.ts'
import { ownFolder } from '../own-folder.testing.ts'
import type { Finished } from '../run-program.testing.ts'
import { measure } from './command.testing.ts'

ownFolder('measure')
const bench = new MatchBench()
after(() => {
  bench.remove()
})

const gates: ReadonlyArray<readonly [words: string, exitCode: number, lines: string[]]> = [
  ['--max-reordered 0.4', 0, ['gate reordered: 33.3333 % <= 40 %: ok']],
  ['--max-reordered 10%', 1, ['gate reordered: 33.3333 % <= 10 %: FAILED']],
  [
    '--max-lost 0 --max-duplicated 0 --max-extent 0 --max-sack-lost 0',
    1,
    [
      'gate lost: 0 % <= 0 %: ok',
      'gate duplicated: 0 % <= 0 %: ok',
      'gate sack-lost: 0 % <= 0 %: ok',
      'gate extent: 1 packet <= 0 packets: FAILED',
    ],
  ],
  [
    '--max-worst-flow 0.5 --max-quic-lost 0.1%',
    0,
    ['gate worst-flow: 33.3333 % <= 50 %: ok', 'gate quic-lost: 0 % <= 0.1 %: ok'],
  ],
  ['--max-late-time 5ms', 1, ['gate late-time: unknown <= 5 ms: FAILED']],
]
for (const [words, exitCode, lines] of gates) {
  test(`gates: ${words} gives exit code ${exitCode}, and the results are written`, async () => {
    rmSync('gated', { recursive: true, force: true })
    const text = 'sequence\n0\n2\n1\n'
    const { exitCode: found, stderr } = await measure(`- -q -o gated ${words}`, {
      stdin: Readable.from([Buffer.from(text)]),
    })
    assert.deepEqual([found, stderr.trimEnd().split('\n')], [exitCode, lines])
    const saved = JSON.parse(readFileSync('gated/report.json', 'utf8')) as Measurement
    assert.equal(saved.gates.length, lines.length)
    assert.equal(
      saved.gates.every(({ isKept }) => isKept),
      exitCode === 0,
    )
  })
}

test('in order, extent and late time keep every limit though nothing has them', async () => {
  writeFileSync('order.csv', 'sequence\n0\n1\n2\n')
  const { exitCode, stderr } = await measure('order.csv -q --max-extent 0 --max-late-time 0ms')
  assert.deepEqual(
    [exitCode, stderr],
    [0, 'gate extent: 0 packets <= 0 packets: ok\ngate late-time: 0 ms <= 0 ms: ok\n'],
  )
})

test('one capture alone is explained; a gate that it cannot answer is wrong usage', async () => {
  bench.write(
    'one.pcap',
    [0, 200, 100].map((sequence, i) => ({ packet: tcpPacket(sequence, 100, i + 1), ns: i })),
  )
  const one = bench.path('one.pcap')
  for (const words of [one, `--received ${one}`, `--sent ${one}`]) {
    const { exitCode, stdout, stderr } = await measure(words)
    assert.deepEqual([exitCode, stderr], [0, ''])
    assert.match(
      stdout.replaceAll(/\n\s+/g, ' '),
      /one capture does not tell [\s\S]* filling a gap 1 \(33\.3 %\)/,
    )
  }
  const piped = await measure('- -f json', { stdin: Readable.from([readFileSync(one)]) })
  const { capture, tcp } = JSON.parse(piped.stdout)
  assert.deepEqual([capture, tcp.segments, tcp.fillGap], ['standard input', 3, 1])
  const mapped = await measure(`${one} --map sequence=n --sequence-bits none`)
  assert.deepEqual(
    [mapped.exitCode, mapped.stderr],
    [2, '--sequence-bits none, --map sequence=n: for arrival files only - leave it out\n'],
  )
  const gated = await measure(`${one} --max-reordered 1%`)
  assert.equal(gated.exitCode, 2)
  assert.match(
    gated.stderr,
    /^--max-reordered: one capture can't answer that - give both sides: --sent, --received\n$/,
  )
  assert.equal(existsSync('results/one-measured'), false)
})

const LAB = 'captures/lab/lab-tun-reorder.pcap'
test('the recorded capture behind a relay is judged by its iperf3 datagrams, and its TCP explained', {
  skip: skipWithout(LAB),
}, async () => {
  const { exitCode, stdout, stderr } = await measure(sharedPath(LAB))
  assert.equal(exitCode, 0)
  assert.match(stdout, /^ {2}numbers {5}the packets' own: iperf3-udp$/m)
  assert.match(
    stderr,
    /TCP: segments 15,610, filling a gap 145 .* by IP-ID overtaken 127, sent again 18, undecided 0\n/,
  )
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line)
})

writeFileSync('good.csv', 'sequence\n0\n')
writeFileSync('bad.csv', 'sequence\n0\nx\n')
for (const name of ['one.pcap', 'two.pcap']) writeFileSync(name, '')
symlinkSync('one.pcap', 'link.pcap')
linkSync('one.pcap', 'hard.pcap')
const mistakes: ReadonlyArray<readonly [words: string, exitCode: number, message: RegExp]> = [
  [
    'good.csv bad.csv',
    2,
    /^lanewise measure: which file is of which side\? - name them: --sent good.csv --received bad.csv\n$/,
  ],
  ['good.csv --sent a.pcap', 2, /^lanewise measure: good.csv and captures - give either/],
  ['-q', 2, /^lanewise measure: nothing to measure - give arrivals.csv, or --sent before.pcap/],
  [
    '--sent - --received b.pcap',
    2,
    /standard input is for arrivals or one capture - give both captures as files\n$/,
  ],
  [
    '--sent one.pcap --sent good.csv --received two.pcap --received link.pcap',
    2,
    /^--received link\.pcap: is the file of --sent one\.pcap too, .* - name the capture of what leaves the system\n$/,
  ],
  [
    '--sent hard.pcap --received ./one.pcap',
    2,
    /^--received \.\/one\.pcap: is the file of --sent hard\.pcap too, /,
  ],
  [
    '--sent good.csv',
    2,
    /^good.csv: not a capture - arrival files stand alone: lanewise measure good.csv\n$/,
  ],
  ['good.csv --nat', 2, /^--nat: for two captures only \(--sent, --received\) - leave it out\n$/],
  ['good.csv --map seqence=n', 2, /^--map seqence=n: unknown "seqence" - did you mean "sequence"\?\n$/],
  ['good.csv --map sequence=n', 2, /^--map: the file has no column "n" \(there is: sequence\) - name one of/],
  ['good.csv --sequence-bits non', 2, /^--sequence-bits non: /],
  ['good.csv --order tiem', 2, /^--order tiem: unknown - did you mean "time"\?\n$/],
  [
    'good.csv --rtt 20 --max-extent x',
    2,
    /^--rtt 20: 20 has no unit - .*\n--max-extent x: not a whole number - give one of at least 0\n$/,
  ],
  [
    'good.csv --max-reordered 5',
    2,
    /^--max-reordered 5: expected a share from 0 to 1 - such as 0.001 or 0.1%\n$/,
  ],
  [
    'good.csv --max-reorderd 5',
    2,
    /^lanewise measure: unknown option '--max-reorderd' - did you mean --max-reordered\?\n$/,
  ],
  ['good.csv --trace t.parquet', 2, /^--trace t.parquet: only CSV is written - name a file.csv\n$/],
  ['missing.csv', 1, /^missing.csv: no such file - /],
  ['bad.csv', 1, /^bad.csv:3: sequence is "x" - write a whole number/],
]
for (const [words, exitCode, message] of mistakes) {
  test(`a mistake is one line with its cure: measure ${words}`, async () => {
    const found: Finished = await measure(words)
    assert.equal(found.exitCode, exitCode)
    assert.match(found.stderr, message)
    assert.equal(found.stdout, '')
  })
}

test('an interruption writes nothing and ends with the code of its signal', async () => {
  const stop = new AbortController()
  stop.abort('SIGINT')
  const { exitCode, stdout, stderr } = await measure('good.csv -o stopped', { signal: stop.signal })
  assert.deepEqual([exitCode, stdout, stderr], [130, '', 'interrupted: nothing was written\n'])
  assert.equal(existsSync('stopped'), false)
})

test('the help has examples and fits 80 columns', async () => {
  const { exitCode, stdout } = await measure('--help')
  assert.equal(exitCode, 0)
  assert.match(stdout, /lanewise measure --sent @office --received @office/)
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line)
})
