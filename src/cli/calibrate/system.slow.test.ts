/**
 * Systems calibrated from files of a simulated one: CSVs, captures, several runs, what is printed and
 * written, and ^C.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { MatchBench, udpPacket } from '../../measure/matching/match.testing.ts'
import { parseCalibration } from '../../scenario/schema/calibration.ts'
import { log } from '../../sim/elementary.ts'
import { randomStream } from '../../sim/random.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { interruptedSoon, write } from '../process/commands.testing.ts'
import { runProgram } from '../run-program.testing.ts'

ownFolder('system')
const bench = new MatchBench()
after(() => bench.remove())

interface Packet {
  readonly sentNs: number
  readonly receivedNs: number
  readonly flow: number
  readonly sizeBytes: number
}

const WORK_NS = 40_000
const PER_BYTE_NS = 10
const LANES = 2

/** Packets to the idle one of two lanes, each taking its work and now and then twice as much. */
function packets(count: number, seed: number, wayNs = 0): Packet[] {
  const random = randomStream(seed, 0, 'system')
  const freeNs = new Array<number>(LANES).fill(0)
  let atNs = 0
  return Array.from({ length: count }, () => {
    atNs -= Math.round(35_000 * log(1 - random()))
    const sizeBytes = random() < 0.5 ? 100 : 1100
    const lane = freeNs[0]! <= freeNs[1]! ? 0 : 1
    const workNs = (random() < 0.2 ? 2 : 1) * WORK_NS + PER_BYTE_NS * sizeBytes
    freeNs[lane] = Math.max(freeNs[lane]!, atNs) + workNs
    return { sentNs: atNs, receivedNs: freeNs[lane]! + wayNs, flow: Math.floor(4 * random()), sizeBytes }
  })
}

const csvOf = (rows: readonly Packet[]) =>
  `sentNs,receivedNs,flow,sizeBytes\n${rows
    .map(({ sentNs, receivedNs, flow, sizeBytes }) => `${sentNs},${receivedNs},${flow},${sizeBytes}\n`)
    .join('')}`
writeFileSync('one.csv', csvOf(packets(3000, 1)))
writeFileSync('two.csv', csvOf(packets(3000, 2)))

const run = (words: string) => runProgram(['calibrate', ...words.split(' ')])
const read = (file: string) => {
  const calibration = parseCalibration(readFileSync(file, 'utf8'), file)
  assert.ok('scenario' in calibration)
  return calibration
}
const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

/** Of a calibration, ns of a time that is written like "8us". */
function nsOf(text: unknown): number {
  const [, number, unit] = /^([\d.]+)(ns|us|ms|s)$/.exec(String(text))!
  return Number(number) * { ns: 1, us: 1e3, ms: 1e6, s: 1e9 }[unit as 'ns' | 'us' | 'ms' | 's']
}
type Keys = { lanes: { count: number; service: { fixed: string; perByte: string } }; link: { delay: string } }

test('a run gives a calibration that says what it is from, and the table what it holds', async () => {
  const { exitCode, stdout, stderr } = await run('one.csv --lanes 2 -p any-idle -o one.json')
  assert.equal(exitCode, 0, stderr)
  const calibration = read('one.json')
  assert.deepEqual(calibration.calibratedOn, {
    files: ['one.csv'],
    sha256: [sha256('one.csv')],
    packets: 3000,
    policy: 'any-idle',
    lanes: 2,
    lanesAssumed: false,
  })
  const { lanes, link } = calibration.scenario as unknown as Keys
  assert.ok(Math.abs(nsOf(lanes.service.perByte) / PER_BYTE_NS - 1) < 0.1, lanes.service.perByte)
  // Least work and way together are what the quickest packet took.
  assert.ok(Math.abs(nsOf(lanes.service.fixed) + nsOf(link.delay) - WORK_NS) < 0.1 * WORK_NS)
  assert.match(stdout, /^ {2}from +one\.csv: 3,?000 packets, one clock$/m)
  assert.match(stdout, /^ {2}lanes +2, policy any-idle$/m)
  assert.match(stderr, /^written to one\.json - next: lanewise compare one\.csv --calibration one\.json\n$/)
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line)
  const compared = await runProgram(
    'compare one.csv --calibration one.json -p any-idle -r 1 -o compared -q'.split(' '),
  )
  assert.equal(compared.exitCode, 0, compared.stderr)
})

test('the same seed gives the same bytes, another one others, and -f json prints what is written', async () => {
  const first = await run('one.csv --lanes 2 -p any-idle --seed 7 -f json -q -o first.json')
  const second = await run('one.csv --lanes 2 -p any-idle --seed 7 -f json -q -o second.json')
  assert.deepEqual([first.exitCode, first.stderr], [0, ''])
  assert.equal(first.stdout, second.stdout)
  assert.equal(first.stdout, readFileSync('second.json', 'utf8'))
  await run('one.csv --lanes 2 -p any-idle --seed 8 -q -o third.json')
  assert.notEqual(readFileSync('third.json', 'utf8'), first.stdout)
  assert.equal(read('third.json').seed, 8)
})

test('several runs are learnt from together', async () => {
  const { exitCode, stderr } = await run('one.csv two.csv --lanes 2 -p any-idle -q -o both.json')
  assert.equal(exitCode, 0, stderr)
  const { calibratedOn } = read('both.json')
  assert.deepEqual(calibratedOn.files, ['one.csv', 'two.csv'])
  assert.deepEqual(calibratedOn.sha256, [sha256('one.csv'), sha256('two.csv')])
  assert.equal(calibratedOn.packets, 6000)
})

test('CPU times of threads share the work out', async () => {
  writeFileSync('threads.csv', 'thread,cpuNsPerPacket\nreader,1000\nlane,2000\nlane,1000\nreceiver,1000\n')
  const { exitCode, stderr } = await run(
    'one.csv --lanes 2 -p any-idle --threads threads.csv -q -o shares.json',
  )
  assert.equal(exitCode, 0, stderr)
  const { scenario, notKnown } = read('shares.json')
  const { reader, lanes, receiver } = scenario as unknown as Keys & {
    reader: { perPacket: string }
    receiver: { service: { fixed: string } }
  }
  // A fifth of the work is the reader's and a fifth the far end's, three fifths are the lane's.
  const all = nsOf(reader.perPacket) + nsOf(lanes.service.fixed) + nsOf(receiver.service.fixed)
  assert.ok(Math.abs(nsOf(reader.perPacket) / all - 0.2) < 0.01)
  assert.ok(Math.abs(nsOf(receiver.service.fixed) / all - 0.2) < 0.01)
  assert.ok(notKnown.every((line) => !line.includes('--threads')))
})

test('without --lanes four are assumed where nothing shows them, which is said', async () => {
  const { exitCode, stdout } = await run('one.csv -q -o assumed.json')
  assert.equal(exitCode, 0)
  const { calibratedOn, notKnown } = read('assumed.json')
  assert.deepEqual([calibratedOn.lanes, calibratedOn.lanesAssumed], [4, true])
  assert.ok(notKnown.some((line) => line.includes('give --lanes')))
  assert.match(stdout, /lanes +4 \(assumed\), policy any-idle/)
})

/** Captures of both sides; the far end's clock is ahead. */
function captured(rows: readonly Packet[], aheadNs: number): readonly [sent: string, received: string] {
  const bytes = rows.map(({ sizeBytes, flow }, i) => udpPacket(i, i & 0xffff, 1000 + flow, sizeBytes - 28))
  const sent = bench.write(
    'sent.pcap',
    rows.map(({ sentNs }, i) => ({ packet: bytes[i]!, ns: sentNs })),
  )
  const order = [...rows.keys()].sort((a, b) => rows[a]!.receivedNs - rows[b]!.receivedNs)
  const received = bench.write(
    'received.pcap',
    order.map((i) => ({ packet: bytes[i]!, ns: rows[i]!.receivedNs + aheadNs })),
  )
  return [sent, received]
}

test('two captures of one clock are a run', async () => {
  const [sent, received] = captured(packets(3000, 1), 0)
  const { exitCode, stdout, stderr } = await run(
    `--sent ${sent} --received ${received} --lanes 2 -p any-idle -q -o captured.json`,
  )
  assert.equal(exitCode, 0, stderr)
  const { calibratedOn, scenario } = read('captured.json')
  assert.deepEqual([calibratedOn.files, calibratedOn.packets], [[sent, received], 3000])
  assert.match(stdout.replaceAll(/\s+/g, ' '), /one clock/)
  const { lanes, link } = scenario as unknown as Keys
  assert.ok(Math.abs(nsOf(lanes.service.fixed) + nsOf(link.delay) - WORK_NS) < 0.1 * WORK_NS)
})

test('between two clocks the way is not known, and said to be', async () => {
  const { exitCode, stdout, stderr } = await run(
    'one.csv --clock different --lanes 2 -p any-idle -q -o apart.json',
  )
  assert.equal(exitCode, 0, stderr)
  const { scenario, notKnown } = read('apart.json')
  assert.equal((scenario as unknown as Keys).link.delay, '0s')
  assert.ok(notKnown[0]!.startsWith('the clocks differ: '))
  assert.match(stdout, /two clocks/)
})

test('^C ends it within a second, and nothing is written', async () => {
  write('long.csv', csvOf(packets(60_000, 3)))
  await interruptedSoon(
    'calibrate long.csv --lanes 2 -p any-idle -o stopped.json',
    'stopped.json',
    [300, 4000],
  )
})
