/**
 * `lanewise compare` on arrivals CSVs: what was sent is sent again, what was measured stands beside what is
 * predicted, and rules that go by addresses are refused where there are none.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { Report } from '../../report/comparison/report.ts'
import { runProgram, withOneJob } from '../run-program.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-arrivals-'))
const before = process.cwd()
process.chdir(folder)
after(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true })
})

const run = (words: string) => runProgram(withOneJob(words))
const reportIn = (of: string): Report => JSON.parse(readFileSync(path.join(of, 'report.json'), 'utf8'))

interface Traced {
  readonly index: number
  readonly flow: string
  readonly sizeBytes: string
  readonly arrivalNs: number
  /** NaN for a packet that was dropped. */
  readonly departureNs: number
}

/** The packets of a trace. */
function traced(file: string): Traced[] {
  const [header, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\n')
  const names = header!.split(',')
  return rows.map((row) => {
    const cells = row.split(',')
    const cell = (name: string) => cells[names.indexOf(name)]!
    const departure = cell('departureNs')
    return {
      index: Number(cell('index')),
      flow: cell('flow'),
      sizeBytes: cell('sizeBytes'),
      arrivalNs: Number(cell('arrivalNs')),
      departureNs: departure === '' ? Number.NaN : Number(departure),
    }
  })
}

/** Writes the packets as a running system's: those that arrived as NAME.csv.gz, the others beside it. */
function writeArrivals(name: string, packets: readonly Traced[]): { readonly lost: number } {
  const sent = packets.toSorted((a, b) => a.index - b.index)
  const counts = new Map<string, number>()
  const numbers = new Map<Traced, number>()
  for (const packet of sent) {
    const number = counts.get(packet.flow) ?? 0
    numbers.set(packet, number)
    counts.set(packet.flow, number + 1)
  }
  const arrived = sent.filter(({ departureNs }) => !Number.isNaN(departureNs))
  arrived.sort((a, b) => a.departureNs - b.departureNs)
  const rows = arrived.map(
    (packet) =>
      `${numbers.get(packet)},${packet.flow},${packet.arrivalNs},${packet.departureNs},${packet.sizeBytes}\n`,
  )
  writeFileSync(`${name}.csv.gz`, gzipSync(`sequence,flow,sentNs,receivedNs,sizeBytes\n${rows.join('')}`))
  const lost = sent.filter(({ departureNs }) => Number.isNaN(departureNs))
  const lostRows = lost.map(({ flow, arrivalNs, sizeBytes }) => `${arrivalNs},${sizeBytes},lost,${flow}\n`)
  rmSync(`${name}.lost.csv`, { force: true })
  if (lost.length > 0) writeFileSync(`${name}.lost.csv`, `sentNs,sizeBytes,why,flow\n${lostRows.join('')}`)
  return { lost: lost.length }
}

const COMPARED = ['reorderedRatio', 'extentMean', 'lateTimeNsP50', 'lateTimeNsP99', 'flowsReorderedRatio']

test('a run that was simulated, written as a CSV and sent again gives what was measured of it', async () => {
  let lostInAll = 0
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        packetsPerSecond: fc.constantFrom(20_000, 120_000),
        flows: fc.integer({ min: 1, max: 40 }),
        lanes: fc.integer({ min: 2, max: 4 }),
        policy: fc.constantFrom('any-idle', 'round-robin'),
        /** What a lane's queue holds; what finds it full is lost. */
        capacity: fc.constantFrom(1, 4, 'unlimited'),
        seed: fc.integer({ min: 1, max: 1000 }),
      }),
      async ({ packetsPerSecond, flows, lanes, policy, capacity, seed }) => {
        const machine = `seed: ${seed}\nruns: 1\nwarmup: 0s\nlanes: { count: ${lanes}, queue: { capacityPackets: ${capacity} } }\ntunQueue: { capacityPackets: 5000 }\npolicies: [${policy}]\n`
        const synthetic = `{ synthetic: { packetsPerSecond: ${packetsPerSecond}, flows: { count: ${flows} } } }`
        writeFileSync('before.yaml', `source: ${synthetic}\nduration: 15ms\n${machine}`)
        const first = await run('compare before.yaml -q -o before --trace trace.csv')
        assert.deepEqual([first.exitCode, first.stderr], [0, ''])
        const { lost } = writeArrivals('run', traced('trace.csv'))

        writeFileSync('again.yaml', `source: { arrivals: run.csv.gz }\n${machine}`)
        const second = await run('compare again.yaml -q -o again')
        assert.deepEqual([second.exitCode, second.stderr], [0, ''])
        const measure = await runProgram('measure run.csv.gz -q -f json -o measured'.split(' '))
        const report = reportIn('again')
        const predicted = report.records[0]!.metrics
        const simulated = reportIn('before').records[0]!.metrics
        const found = JSON.parse(measure.stdout).records[0].metrics
        for (const [name, value] of Object.entries(report.measured!))
          assert.equal(value, found[name].mean, name)
        assert.equal(report.lost, lost)
        for (const name of COMPARED) {
          assert.equal(predicted[name]!.mean, simulated[name]!.mean, name)
          if (lost === 0 && simulated[name]!.mean !== null)
            assert.equal(report.measured![name], simulated[name]!.mean, name)
        }
        assert.equal(predicted.laneDropRatio!.count, lost)
        lostInAll += lost
      },
    ),
    { numRuns: 6, seed: 11, includeErrorInReport: true },
  )
  assert.ok(lostInAll > 0)
})

/** 60 packets of two flows, every 100 us; each tenth arrives 150 us late and is overtaken. */
function smallRun(): string {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const sentNs = i * 100_000
    return { i, sentNs, receivedNs: sentNs + 40_000 + (i % 10 === 5 ? 350_000 : 0) }
  }).toSorted((a, b) => a.receivedNs - b.receivedNs)
  const lines = rows.map(({ i, sentNs, receivedNs }) => `${i >> 1},${i % 2},${sentNs},${receivedNs},1200`)
  return `sequence,flow,sentNs,receivedNs,sizeBytes\n${lines.join('\n')}\n`
}
writeFileSync('small.csv', smallRun())
writeFileSync('small.lost.csv', 'sentNs,sizeBytes,why\n150000,1200,lost\n250000,60,rewritten\n')

test('the table, markdown and CSV have a row "measured" before the policies, and the head what was lost', async () => {
  const table = await run('compare small.csv -q -r 2 -p hash -p any-idle -o small')
  assert.equal(table.exitCode, 0)
  const { measured, lost, rewritten, addresses } = reportIn('small')
  assert.deepEqual([lost, rewritten, addresses], [1, 1, 'made-up'])
  assert.equal(measured!.reorderedRatio, 0.1)
  assert.equal(measured!.latencyNsP50, 40_000)
  const facts = table.stdout.replaceAll(/\s+/g, ' ')
  assert.match(facts, /small\.csv: 62 packets of 3 flows,/)
  assert.match(
    facts,
    /, 1 of them lost there, 1 rewritten; it has no addresses, so each flow has a UDP 5-tuple/,
  )
  assert.match(facts, /measured: what was measured on the system that the file is of \(lanewise measure\)\./)
  const names = table.stdout
    .split('\n')
    .flatMap((line) => /^(measured|hash|any-idle) .*%/.exec(line)?.[1] ?? [])
  assert.equal(names[0], 'measured')
  assert.match(table.stdout, /^measured +10% /m)

  const markdown = await run('compare small.csv -q -r 2 -p hash -f markdown -o small --sort-rows reordered')
  assert.match(markdown.stdout, /^\| `measured` \| 10% .*\n\| `hash` \|/m)
  const csv = await run('compare small.csv -q -r 2 -p hash -f csv -o small --columns reordered')
  const [, ...rows] = csv.stdout.trimEnd().split('\n')
  assert.deepEqual(
    rows.map((row) => row.split(',').slice(0, 3).join()),
    ['0,measured,0.1', '0,hash,0'],
  )
  assert.match(readFileSync('small/summary.csv', 'utf8'), /^0,measured,/m)
})

test('a comparison of anything else says nothing of measurements', async () => {
  writeFileSync('other.yaml', 'source: { synthetic: { packetsPerSecond: 10000 } }\nduration: 5ms\nruns: 1\n')
  const { stdout } = await run('compare other.yaml -q -p hash -o other')
  assert.doesNotMatch(stdout, /measured:|^measured/m)
  for (const key of ['measured', 'lost', 'rewritten', 'addresses'])
    assert.ok(!(key in reportIn('other')), key)
})

test('without -p the fork stands there without its exception; with it, it is refused in one line', async () => {
  const { exitCode } = await run('compare small.csv -q -r 1 -o all')
  assert.equal(exitCode, 0)
  assert.deepEqual(reportIn('all').labels.at(-1), 'openvpn-fork:ttl=30s,exception=none')
  const none = 'and small.csv has none - add columns source, destination and protocol\n'
  for (const [words, why] of [
    [
      '-p hash -p openvpn-fork',
      '-p openvpn-fork: its exception goes by real addresses (exception=none does without)',
    ],
    [
      '-p openvpn-fork:exception=as-meant',
      '-p openvpn-fork:exception=as-meant: its exception goes by real addresses (exception=none does without)',
    ],
    ['-p split-by-protocol', '-p split-by-protocol: it divides packets by their protocol'],
    [
      '-p hash --set source.direction.inside=[10.8.0.0/24]',
      '--set source.direction.inside=[10.8.0.0/24] source.direction: tells packets by their addresses',
    ],
  ]) {
    const { exitCode, stderr, stdout } = await run(`compare small.csv ${words}`)
    assert.deepEqual([exitCode, stderr, stdout], [2, `${why}, ${none}`, ''])
  }
})

test('with addresses the fork and the split are as they are', async () => {
  const rows = Array.from(
    { length: 20 },
    (_, i) => `${i * 1000},1200,10.8.0.2,10.9.0.1,${i % 2 === 0 ? 'tcp' : 'udp'},1,2`,
  )
  writeFileSync(
    'addressed.csv',
    `sentNs,sizeBytes,source,destination,protocol,sourcePort,destinationPort\n${rows.join('\n')}\n`,
  )
  const { exitCode, stdout } = await run(
    'compare addressed.csv -r 1 -p openvpn-fork -p split-by-protocol -o addressed',
  )
  assert.equal(exitCode, 0)
  assert.doesNotMatch(stdout, /made up/)
  const { measured, lost, addresses, load, warnings } = reportIn('addressed')
  assert.deepEqual([measured, lost, addresses, load.first.flows], [null, null, 'given', 2])
  assert.ok(
    warnings.some((line) => line.includes('its exception leaves all of these packets out')),
    warnings.join('\n'),
  )
})

for (const [name, text, expected] of [
  [
    'no-times.csv',
    'flow,sizeBytes\n1,2\n',
    /^no-times\.csv:1: sentNs is missing \(there is: flow, sizeBytes\) - .*\n$/,
  ],
  [
    'no-sizes.csv',
    'flow,sentNs\n1,2\n',
    /^no-sizes\.csv:1: sizeBytes is missing \(there is: flow, sentNs\) - .*\n$/,
  ],
] as const) {
  test(`${name} is refused in one line, and nothing is written`, async () => {
    writeFileSync(name, text)
    const { exitCode, stderr } = await run(`compare ${name} -p hash -o refused`)
    assert.equal(exitCode, 1)
    assert.match(stderr, expected)
    assert.throws(() => reportIn('refused'))
  })
}

test('several CSVs are compared one by one; joined they are not, nor with a capture', async () => {
  writeFileSync('second.csv', smallRun())
  const both = await run('compare small.csv second.csv -r 1 -p hash -o both')
  assert.equal(both.exitCode, 0)
  assert.match(both.stderr, /^the files are compared one by one: each is a run of its own\n/)
  assert.deepEqual(
    ['small', 'second'].map((name) => reportIn(`both/${name}`).load.first.packets),
    [62, 60],
  )
  const joined = await run('compare small.csv second.csv --as-one -p hash')
  assert.deepEqual(
    [joined.exitCode, joined.stderr],
    [2, '--as-one: only captures are joined, not arrivals CSVs - leave it out\n'],
  )
  const mixed = await run('compare small.csv @office -p hash')
  assert.deepEqual(
    [mixed.exitCode, mixed.stderr],
    [2, '@office: is no arrivals CSV, as small.csv is - name them apart\n'],
  )
})

test('rate and speed rescale the times, and the measurement is said to be of the own rate', async () => {
  const load = async (words: string) => {
    const { stdout, exitCode } = await run(`compare small.csv -q -r 1 -p hash -o scaled${words}`)
    assert.equal(exitCode, 0)
    return { stdout: stdout.replaceAll(/\s+/g, ' '), spanNs: reportIn('scaled').load.first.spanNs }
  }
  assert.equal((await load('')).spanNs, 5_900_000)
  const fast = await load(' --set source.speed=2')
  assert.equal(fast.spanNs, 2_950_000)
  assert.match(fast.stdout, /\(lanewise measure\), at its own rate\./)
  assert.equal((await load(' --set source.packetsPerSecond=1000')).spanNs, 61e6)
})

test('a scan sends the file at every point, and has what was measured once', async () => {
  const { exitCode, stdout } = await run('compare small.csv -q -p any-idle -r 1 -P lanes.count=2:4:2 -o scan')
  assert.equal(exitCode, 0)
  assert.match(stdout, /^ {2}file {3}reordered 10%, latency p99 390us measured there$/m)
  const { measured, lost, records } = reportIn('scan')
  assert.deepEqual([measured!.reorderedRatio, lost, records.length], [0.1, 1, 2])
})
