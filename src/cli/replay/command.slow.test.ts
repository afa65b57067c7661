/**
 * `lanewise replay` as a whole, on the in-memory device: what is measured is checked where it can't depend on
 * timing.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { isCounted, labelOf } from '../../live/replays.ts'
import type { LiveReport } from '../../live/verdict/live-report.ts'
import { resultsFolder } from '../../node/files/results-folder.ts'
import { loadScenario } from '../../node/load-scenario.ts'
import { program } from '../program.ts'
import { runProgram } from '../run-program.testing.ts'
import { contendersOf } from './contenders.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-replay-'))
after(() => rmSync(folder, { recursive: true }))

const scenario = path.join(folder, 'small.yaml')
writeFileSync(
  scenario,
  `source: { synthetic: { packetsPerSecond: 2000, flows: { count: 5 }, sizes: { fixed: 300B } } }
lanes: { count: 2, service: { fixed: 100us, perByte: 0ns, jitter: { exponential: { mean: 200us } } } }
policies: [round-robin, hash]
duration: 300ms
warmup: 0s
`,
)
const out = (name: string) => path.join(folder, name)
/** Whether a replay counts depends on what else the machine does. */
function exitCodeOf({ subjects: contenders }: LiveReport): number {
  return contenders.every(({ replays }) => replays.some(isCounted)) ? 0 : 1
}
const replay = (words: string) => runProgram(['replay', scenario, '--loopback', ...words.split(' ')])

test('every packet of every replay is accounted for, hash reorders nothing, and the files are there', async () => {
  const { exitCode, stdout } = await replay(`--repeat 2 --no-predict -q -f json -o ${out('plain')}`)
  const report = JSON.parse(stdout) as LiveReport
  assert.equal(exitCode, exitCodeOf(report))
  assert.deepEqual(
    report.subjects.map(({ label }) => label),
    ['round-robin', 'hash'],
  )
  for (const { label, replays, verdict, calibrated } of report.subjects) {
    assert.ok(replays.length >= 2)
    assert.deepEqual([verdict, calibrated], [null, null])
    for (const { counts, packetsSent } of replays) {
      const { packets, delivered, tunDropped, laneDropped, unaccounted } = counts
      assert.equal(packets, report.packets)
      assert.equal(packetsSent, packets)
      assert.equal(delivered + tunDropped + laneDropped, packets)
      assert.equal(unaccounted, 0)
    }
    if (label !== 'hash') continue
    for (const { metrics } of replays) assert.equal((metrics.reorderedRatio as { count: number }).count, 0)
  }
  for (const name of ['report.json', 'live.csv', 'provenance.json'])
    assert.ok(existsSync(path.join(out('plain'), name)), name)
  const [header, ...rows] = readFileSync(path.join(out('plain'), 'live.csv'), 'utf8')
    .trim()
    .split('\n')
  assert.ok(header!.startsWith('policy,topology,replay,isCalibration,invalid,'))
  assert.equal(rows.length, report.subjects.flatMap(({ replays }) => replays).length)
})

test('topologies without a policy of ours are replayed too, and packets are written row by row', async () => {
  const packets = out('packets.csv')
  const { exitCode, stdout } = await replay(
    `--topology shared --topology multi-queue --repeat 1 --no-predict -q -f json -o ${out('topologies')} --packets ${packets}`,
  )
  const report = JSON.parse(stdout) as LiveReport
  assert.equal(exitCode, exitCodeOf(report))
  assert.deepEqual(
    report.subjects.map(({ label, topology }) => [label, topology]),
    [
      ['shared', 'shared'],
      ['multi-queue', 'multi-queue'],
    ],
  )
  const multiQueue = report.subjects[1]!.replays[0]!
  assert.equal((multiQueue.metrics.reorderedRatio as { count: number }).count, 0)
  const [header, ...rows] = readFileSync(packets, 'utf8').trim().split('\n')
  assert.ok(header!.startsWith('policy,replay,index,flow,sizeBytes,fate,lane,plannedNs,sentNs'))
  const names = header!.split(',')
  const valid = report.subjects.map(({ replays }) =>
    replays.map(({ invalid }) => (invalid.length === 0 ? '1' : '0')),
  )
  for (const line of rows) {
    const cells = line.split(',')
    const cell = (name: string) => cells[names.indexOf(name)]!
    for (const name of names.filter((one) => one.endsWith('Ns'))) assert.match(cell(name), /^-?\d*$/, name)
    const contender = ['shared', 'multi-queue'].indexOf(cell('policy'))
    assert.equal(cell('counted'), valid[contender]![Number(cell('replay')) - 1])
  }
  const replays = report.subjects.flatMap((contender) => contender.replays).length
  assert.equal(rows.length, report.packets * replays)
})

test('the table stands within 80 columns', async () => {
  const { stdout } = await replay(`--repeat 1 --no-predict -q --limit 100 -o ${out('table')}`)
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line)
  assert.match(stdout, /device {2}in memory/)
})

const wrong: ReadonlyArray<readonly [words: string, message: RegExp]> = [
  ['--pps 10 --topspeed', /^replay: -x, --pps, --mbps and --topspeed exclude each other - keep one$/],
  ['--work fast', /^--work fast: unknown - use one of model, aes-256-gcm, chacha20-poly1305, none$/],
  ['--topology ring', /^--topology ring: unknown - use one of dispatcher, shared, multi-queue$/],
  ['--topology shared --topology shared', /^--topology shared: is given twice - remove one of the two$/],
  ['--loopback --host', /^replay: --loopback and --host exclude each other - keep one$/],
  [
    '--no-predict --predict-runs 9',
    /^replay: --no-predict and --predict-runs 9 exclude each other - keep one$/,
  ],
  ['--packets rows.json', /^--packets rows\.json: only CSV is written - name a file\.csv$/],
  [
    '-p oracle',
    /^replay: policy oracle foresees what only the simulator knows - leave it out, name others with -p$/,
  ],
  [
    '--set warmup=299999us',
    /^--set warmup=299999us: all \d+ packets are within the warm-up of 299999us - shorten it .*$/,
  ],
  ['--repeat 0', /^--repeat 0: expected a whole number from 1 to 1000$/],
  ['--pps fast', /^--pps fast: expected a number from 1e-6 to 1e9$/],
  ['-d 3', /^-d 3 has no unit - write it like /],
]
for (const [words, message] of wrong) {
  test(`replay ${words} ends with one clear line and exit 2`, async () => {
    const { exitCode, stderr } = await replay(words)
    assert.equal(exitCode, 2)
    assert.match(stderr.trim(), message)
  })
}

test('--packets in no folder, or naming one, ends with one clear line before anything starts', async () => {
  mkdirSync(out('rows.csv'))
  for (const [name, message, code] of [
    ['rows.csv', /^--packets \S+rows\.csv: is a folder - name a file in it\n$/, 2],
    ['nowhere/rows.csv', /^--packets \S+: can't be written, its folder doesn't exist - create the folder/, 1],
  ] as const) {
    const { exitCode, stderr } = await replay(`-o ${out('unmade')} --packets ${out(name)}`)
    assert.equal(exitCode, code)
    assert.match(stderr, message)
  }
  assert.ok(!existsSync(out('unmade')))
})

test('a command that is refused makes no folder', () => {
  assert.ok(!existsSync(path.join('results', 'small-replay')))
})

for (const words of ['-', path.join(folder, 'piped.yaml')]) {
  test(`replay ${path.basename(words)}: standard input is refused, with what to do`, async () => {
    writeFileSync(path.join(folder, 'piped.yaml'), 'source: { capture: "-" }\n')
    const { exitCode, stderr } = await runProgram(['replay', words, '--loopback'])
    assert.equal(exitCode, 2)
    assert.match(stderr, /^replay: standard input is gone once it is read, .* - save it and name the file\n$/)
  })
}

test('more queues than a TUN device has are refused before anything starts', async () => {
  const set = ['lanes.count=257']
  const loaded = await loadScenario(scenario, { set })
  const wanted = { file: scenario, overrides: { set }, topologies: ['multi-queue'], isLive: true } as const
  await assert.rejects(contendersOf(loaded, wanted), {
    message:
      /^--set lanes\.count=257: 257 lanes with topology multi-queue, and a TUN device has at most 256 queues - /,
    exitCode: 2,
  })
  assert.equal((await contendersOf(loaded, { ...wanted, isLive: false })).length, 1)
})

test('a topology and a policy that the kernel resembles have labels of their own', async () => {
  const overrides = { policies: ['linux-tun'] }
  const loaded = await loadScenario(scenario, overrides)
  const wanted = { file: scenario, overrides, topologies: ['multi-queue', 'shared'], isLive: false } as const
  const contenders = await contendersOf(loaded, wanted)
  assert.deepEqual(contenders.map(labelOf), ['linux-tun', 'multi-queue', 'shared'])
})

test('the head counts what is replayed, one packet has no rate, and remarks fit the terminal', async () => {
  let stderr = ''
  const output = { write: (text: string) => (stderr += text), isTTY: true, columns: 50 }
  const words = `--limit 1 --repeat 1 --set runs=9 --set lanes.wakeUp.constant=3us -f json -o ${out('one')}`
  const argv = ['replay', scenario, '--loopback', ...words.split(' ')]
  let stdout = ''
  await program({
    argv,
    stdout: { write: (text) => (stdout += text) },
    stderr: output,
    env: {},
    signal: new AbortController().signal,
  })
  const report = JSON.parse(stdout) as LiveReport
  assert.deepEqual([report.packets, report.packetsJudged, report.flows], [1, 1, 1])
  assert.equal(report.interrupted, false)
  for (const { replays } of report.subjects) assert.equal(replays[0]!.packetsPerSecond, null)
  assert.doesNotMatch(stdout, /NaN|Infinity/)
  const shown = stderr.replaceAll('\x1B', '^').replaceAll(/\^\[\d*[AJK]/g, '\r')
  for (const line of shown.split(/[\n\r]/)) assert.ok(line.length <= 50, line)
  const said = stderr.replaceAll(/\s+/g, ' ')
  assert.match(said, /2 replays of about [\d.]+ ms: [\d.]+ ms, more where one is disturbed and repeated/)
  assert.match(said, /--set runs has no effect - use --repeat/)
  assert.match(
    said,
    /a replay has the machine's own lanes\.wakeUp: what the scenario says of them is only in \(c\)/,
  )
  assert.match(said, /--repeat 1: a prediction is judged by other replays/)
  assert.match(said, /replay 2, [012] valid of 2 wanted/)
})

test('a policy without a valid replay makes the exit code 1, and its losses are in the table', async () => {
  const flood = path.join(folder, 'flood.yaml')
  writeFileSync(
    flood,
    'source: { synthetic: { packetsPerSecond: 300000, flows: { count: 5 } } }\nduration: 300ms\npolicies: [hash]\n',
  )
  // All packets are due at once, and sending 90,000 takes longer than they may be late.
  const words = `--loopback --work none --pps 1000000000 --repeat 1 --no-predict -q -o ${out('flood')}`
  const { exitCode, stdout, stderr } = await runProgram(['replay', flood, ...words.split(' ')])
  assert.equal(exitCode, 1)
  assert.match(
    stderr,
    // Which of the two is said first depends on what else the machine does.
    /^hash: none of its 2 replays is valid, (1 % of the packets were sent more than .* late|its threads had no core)/,
  )
  assert.match(
    stdout.replaceAll(/\s+/g, ' '),
    /hash: \S+% of its packets delivered; \S+% dropped at the TUN queue/,
  )
  assert.match(stdout, /^hash: none of its 2 replays is valid/m)
  let screen = ''
  const terminal = { write: (text: string) => (screen += text), isTTY: true, columns: 80 }
  const argv = ['replay', flood, ...words.split(' ')]
  const { signal } = new AbortController()
  assert.equal(await program({ argv, stdout: terminal, stderr: terminal, env: {}, signal }), 1)
  assert.equal(screen.split('none of its 2').length, 2, 'a terminal that shows both is told once')
})

test('the busiest lane of a run serves at least an equal share, measured and predicted alike', async (t) => {
  const { stdout } = await replay(`--repeat 2 --predict-runs 20 --limit 200 -q -f json -o ${out('busiest')}`)
  const { subjects: contenders } = JSON.parse(stdout) as LiveReport
  const judgeable = contenders.filter(({ replays }) => replays.filter(isCounted).length >= 2)
  if (judgeable.length === 0) return t.skip('this machine is too busy for two valid replays')
  for (const { measured, bookkeeping, calibrated, asWritten, verdict } of judgeable) {
    for (const metrics of [measured, bookkeeping!.metrics, calibrated!, asWritten!])
      assert.ok(metrics.laneShareMax!.mean! >= 0.5, JSON.stringify(metrics.laneShareMax))
    const judged = verdict!.metrics.find(({ metric }) => metric === 'laneShareMax')!
    assert.equal(judged.predicted.mean, calibrated!.laneShareMax!.mean)
  }
})

test('files of an earlier replay that this one does not write are removed', async () => {
  const words = `--limit 20 --repeat 1 --no-predict -q -o ${out('again')}`
  const argv = ['replay', scenario, '--loopback', ...words.split(' ')]
  const stale = { 'calibration.json': '{}', 'calibration-hash.json': '{}' }
  resultsFolder(out('again')).write(stale, { lanewise: '1.0.0', argv })
  writeFileSync(path.join(out('again'), 'notes.json'), '{}')
  await replay(words)
  assert.deepEqual(readdirSync(out('again')), ['live.csv', 'notes.json', 'provenance.json', 'report.json'])
})

test('an interrupt keeps what had finished, and says of the rest that it was ended early', async () => {
  const stop = new AbortController()
  const packets = out('stopped.csv')
  const words = `--repeat 3 -v -o ${out('stopped')} --packets ${packets}`
  const { exitCode, stdout, stderr } = await runProgram(
    ['replay', scenario, '--loopback', ...words.split(' ')],
    {
      signal: stop.signal,
      onStderr: (text) => {
        if (text.startsWith('hash, replay 1'))
          assert.match(text, / \(2nd of all, [012] valid of 6 wanted\)\n$/)
        if (text.startsWith('hash, replay 1')) setTimeout(() => stop.abort('SIGINT'), 100)
      },
    },
  )
  assert.deepEqual([exitCode, stdout], [130, ''])
  const report = JSON.parse(readFileSync(path.join(out('stopped'), 'report.json'), 'utf8')) as LiveReport
  assert.equal(report.interrupted, true)
  const rows = report.subjects.flatMap(({ replays }) => replays)
  const finished = rows.filter(({ endedEarly }) => !endedEarly).length
  assert.ok(finished >= 2 && finished < 6)
  assert.match(
    stderr,
    new RegExp(`\\ninterrupted: the ${finished} replays that had finished are in .*stopped\n$`),
  )
  assert.ok(existsSync(packets))
})

test('an interrupt before any replay has finished leaves nothing behind', async () => {
  const stop = new AbortController()
  const words = `--set duration=60s -o ${out('none/deep')} --packets ${out('none.csv')}`
  const { exitCode, stderr } = await runProgram(['replay', scenario, '--loopback', ...words.split(' ')], {
    signal: stop.signal,
    onStderr: (text) => {
      if (/ replays of about /.test(text)) setTimeout(() => stop.abort('SIGTERM'), 2000)
    },
  })
  assert.equal(exitCode, 143)
  assert.match(stderr, /\ninterrupted: no replay had finished, nothing was written\n$/)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('none')),
    [],
  )
})
