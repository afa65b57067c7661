/**
 * `lanewise diagnose --sent --received`: pairs of captures whose order and losses are known, because they are
 * made by hand or by a simulated system, and what is said of them.
 */
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { MatchBench, type TimedPacket, translated, udpPacket } from '../../measure/matching/match.testing.ts'
import { inputPath } from '../../node/bundled.ts'
import type { Diagnosis } from '../../report/diagnose/diagnosis.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'

const folder = ownFolder('diagnose')
const bench = new MatchBench()
after(() => {
  bench.remove()
})

/** Another file of the same bytes: what left a system that changed nothing. */
function copyOf(file: string, name: string): string {
  copyFileSync(file, name)
  return path.resolve(name)
}

const MS = 1e6
/** Of one flow: so many on four lanes tell any-idle from round-robin, as the lanes stay busy. */
const BURST_PACKETS = 16
const FLOWS = 8

/** Packets that never meet: no policy reorders or drops any. */
function apart(count: number): TimedPacket[] {
  return Array.from({ length: count }, (_, i) => ({ packet: udpPacket(i, i, 1 + (i % 2)), ns: i * MS }))
}

function bursts(count: number): TimedPacket[] {
  return Array.from({ length: count }, (_, i) => {
    const burst = Math.floor(i / BURST_PACKETS)
    return { packet: udpPacket(i, i, 1 + (burst % FLOWS)), ns: burst * MS + (i % BURST_PACKETS) * 1000 }
  })
}

/** The same packets 5 ms later, in another order: the times keep theirs. */
function arrived(sent: readonly TimedPacket[], order: readonly number[]): TimedPacket[] {
  return order.map((from, at) => ({ packet: sent[from]!.packet, ns: sent[at]!.ns + 5 * MS }))
}

/** 0 .. count - 1, in which each of these numbers changes places with the one two behind it. */
function swapped(count: number, swaps: readonly number[]): number[] {
  const order = Array.from({ length: count }, (_, i) => i)
  for (const at of swaps) [order[at], order[at + 2]] = [order[at + 2]!, order[at]!]
  return order
}

async function diagnosed(sent: readonly TimedPacket[], received: readonly TimedPacket[], ...more: string[]) {
  const words = ['--sent', bench.write('sent.pcap', sent), '--received', bench.write('got.pcap', received)]
  const run = (format: string) => runProgram(['diagnose', ...words, ...more, '-q', '-f', format])
  const { exitCode, stdout, stderr } = await run('json')
  assert.deepEqual([exitCode, stderr], [0, ''])
  const text = (await run('text')).stdout
  assert.ok(text.trimEnd().split('\n').length <= 25, text)
  assert.ok(text.split('\n').every((line) => line.length <= 80 || !line.includes(' ')))
  const diagnosis = JSON.parse(stdout) as Diagnosis
  return { diagnosis, measured: diagnosis.measured!, text: text.replaceAll('\n', ' ') }
}

const agreeing = ({ measured }: Diagnosis, agrees: string) =>
  measured!.predictions.filter((one) => one.agrees === agrees).map(({ policy }) => policy.split(':')[0])

test('ten packets that are overtaken fit no policy where no two packets ever meet', async () => {
  const sent = apart(400)
  // Numbers alternate between two flows, so that a packet two places behind is the next one of its flow: each
  // swap lets one packet be overtaken by its neighbour, and nothing else.
  const order = swapped(400, [20, 60, 100, 140, 180, 220, 260, 300, 340, 381])
  const { diagnosis, measured, text } = await diagnosed(sent, arrived(sent, order))
  const { count, of, mean } = measured.metrics.reorderedRatio!
  assert.deepEqual([count, of, mean], [10, 400, 0.025])
  assert.equal(diagnosis.verdict.kind, 'nothing-reordered')
  assert.deepEqual(measured.contradictions, ['no-policy'])
  assert.equal(agreeing(diagnosis, 'no').length, 5)
  // Nine of the swaps are of the first flow, which has half of the packets.
  assert.deepEqual([measured.worstFlow!.reordered, measured.worstFlow!.arrived], [9, 200])
  assert.match(
    text,
    /Measured between the two captures: 400 of 400 packets arrived; 2\.50% ±\d\.\d+ reordered,/,
  )
  assert.match(text, / in 2 of 2 flows, worst 10\.0\.0\.1:1 > 10\.0\.0\.2:2\/udp \(4\.5% of its packets\)\. /)
  assert.match(text, /That contradicts every policy: it is more than .*hash.* \(0 each\)\. The system /)
  assert.match(text, / its lanes aren't those assumed here, or something else reorders\. Next: /)
})

test('a simulated any-idle behaves like any-idle, and unlike what spreads otherwise or keeps order', async () => {
  const sent = bursts(4000)
  bench.write('sent.pcap', sent)
  const words = `compare ${bench.path('sent.pcap')} -p any-idle -r 1 --seed other -q -o run --trace run.csv`
  assert.equal((await runProgram(words.split(' '))).exitCode, 0)
  const [head, ...rows] = readFileSync('run.csv', 'utf8').trimEnd().split('\n')
  const column = (name: string) => head!.split(',').indexOf(name)
  const passed = rows
    .map((row) => row.split(','))
    .map((cells) => ({
      packet: sent[Number(cells[column('index')])]!.packet,
      ns: Number(cells[column('departureNs')]),
      reordered: Number(cells[column('reordered')]),
    }))
    .sort((a, b) => a.ns - b.ns)
  const reordered = passed.filter((one) => one.reordered === 1).length
  const { diagnosis, measured, text } = await diagnosed(sent, passed)
  const { count, of } = measured.metrics.reorderedRatio!
  assert.deepEqual([count, of], [reordered, 4000])
  assert.ok(reordered > 100, `${reordered} reordered`)
  assert.deepEqual(agreeing(diagnosis, 'yes'), ['any-idle'])
  assert.deepEqual(agreeing(diagnosis, 'no'), ['round-robin', 'hash', 'flow-pinned', 'openvpn-fork'])
  assert.equal(diagnosis.verdict.kind, 'order-kept')
  assert.deepEqual(measured.contradictions, ['reorders'])
  const range = String.raw`\(\d+\.?\d*% to \d+\.?\d*%\)`
  assert.match(
    text,
    new RegExp(
      ` behaves like any-idle ${range}, unlike .*round-robin ${range}, hash and flow-pinned \\(0 each\\)`,
    ),
  )
  assert.match(text, / The recommended hash keeps order and the system doesn't: with hash its lanes would /)
})

test('packets in order behave like the policies that keep it, which is no contradiction', async () => {
  const sent = bursts(2000)
  const { diagnosis, measured, text } = await diagnosed(sent, arrived(sent, swapped(2000, [])))
  assert.equal(measured.metrics.reorderedRatio!.count, 0)
  assert.deepEqual(agreeing(diagnosis, 'yes'), ['hash', 'flow-pinned'])
  assert.deepEqual(agreeing(diagnosis, 'no'), ['any-idle', 'round-robin', 'openvpn-fork'])
  assert.deepEqual([measured.contradictions, measured.worstFlow], [[], null])
  assert.match(
    text,
    /: 2,000 of 2,000 packets arrived; none reordered\. Going by the predictions the system /,
  )
  assert.doesNotMatch(text, /wrongly take|contradicts/)
})

test('more lost than any policy drops is a contradiction; what one capture may have missed is none', async () => {
  const sent = apart(400)
  const without = (lost: readonly number[]) =>
    arrived(sent, swapped(400, [])).filter((_, i) => !lost.includes(i))
  const inside = [50, 51, 120, 121, 200, 201, 300, 301]
  const found = await diagnosed(sent, without(inside))
  assert.deepEqual([found.measured.counts!.lost, found.measured.lostInside], [8, 8])
  assert.equal(found.measured.dropsMost!.dropRatio, 0)
  assert.deepEqual(found.measured.contradictions, ['loses'])
  assert.match(found.text, /: 392 of 400 packets arrived, 8 lost \(2%\); none reordered\. /)
  assert.match(found.text, / More is lost \(2%\) than policies drop here \(at most 0\): on the way, /)
  const edges = await diagnosed(sent, without([0, 1, 2, 3, 4, 5, 6, 399]))
  assert.deepEqual([edges.measured.counts!.lost, edges.measured.lostInside], [8, 0])
  assert.deepEqual(edges.measured.contradictions, [])
  assert.match(edges.text, / 8 lost \(2%, 8 of them perhaps outside of the other capture\); /)
})

test('a few packets cannot tell, and it is said of which policies', async () => {
  const sent = bursts(8)
  const { diagnosis, measured, text } = await diagnosed(sent, arrived(sent, swapped(8, [0])))
  // Of 2 1 0 3 ... two packets come behind a later one.
  assert.deepEqual(measured.metrics.reorderedRatio!.count, 2)
  assert.deepEqual(agreeing(diagnosis, 'cannot-tell'), ['hash', 'flow-pinned'])
  assert.deepEqual([agreeing(diagnosis, 'no'), measured.contradictions], [[], []])
  assert.match(
    text,
    / That fits openvpn-fork .*, but 8 packets can't rule out hash and flow-pinned \(0 each\)\. /,
  )
  const inOrder = await diagnosed(sent, arrived(sent, swapped(8, [])))
  assert.deepEqual(agreeing(inOrder.diagnosis, 'no'), [])
})

test('captures without a packet in common are no failure: nothing is measured, and why', async () => {
  const sent = apart(50)
  const other = apart(50).map(({ packet, ns }) => ({ packet: translated(packet), ns: ns + 5 * MS }))
  const { measured, text } = await diagnosed(sent, other)
  assert.deepEqual([measured.counts, measured.predictions, measured.contradictions], [null, [], []])
  assert.match(measured.problem!, /got\.pcap: none of its 50 packets is in .*sent\.pcap - .*: --nat$/)
  assert.match(text, /Measured between the two captures: nothing that could tell\. .*: --nat\. Next: /)
  const { measured: matched } = await diagnosed(sent, other, '--nat')
  assert.equal(matched.counts!.matched, 50)
})

test('several files of one side are one capture, and what was sent is the traffic unless another is named', async () => {
  const sent = bursts(400)
  const halves = [sent.slice(0, 200), sent.slice(200)].map((half, i) => bench.write(`ring${i}.pcap`, half))
  const got = bench.write('got.pcap', arrived(sent, swapped(400, [])))
  const words = ['--sent', halves[1]!, '--sent', halves[0]!, '--received', got, '-q', '-f', 'json']
  const run = async (...argv: string[]) =>
    JSON.parse((await runProgram(['diagnose', ...argv])).stdout) as Diagnosis
  const both = await run(...words)
  assert.deepEqual([both.capture, both.measured!.sent], [halves, halves])
  assert.deepEqual([both.traffic.packets, both.measured!.counts!.matched], [400, 400])
  assert.equal(both.measured!.isSameTraffic, true)
  assert.deepEqual(both.next[0]!.slice(2, 4), halves)
  const copy = copyOf(got, 'copy.pcap')
  const same = await run(path.relative(folder, got), '--sent', got, '--received', copy, '-f', 'json', '-q')
  assert.equal(same.measured!.isSameTraffic, true)
  const one = await run(halves[0]!, ...words)
  assert.deepEqual([one.capture, one.traffic.packets, one.measured!.isSameTraffic], [halves[0], 200, false])
  const { stdout } = await runProgram(['diagnose', halves[0]!, ...words.slice(0, -2)])
  const apart = await runProgram(['diagnose', '--sent', got, '--sent', halves[0]!, '--received', copy])
  assert.deepEqual([apart.exitCode, apart.stdout], [2, ''])
  assert.match(
    apart.stderr,
    /^--sent: one capture is needed, and here are several: .* join them: --as-one\n$/,
  )
  assert.match(stdout.replaceAll('\n', ' '), /the measurement of 2 files as one capture: they may differ by /)
})

test('it measures what measure does: the same counts, metrics and notes', async () => {
  const words = ['--sent', '@voice', '--received', copyOf(inputPath('@voice'), 'voice.pcap.gz')]
  const diagnosis = await runProgram(['diagnose', ...words, '-f', 'json'])
  const measurement = await runProgram(['measure', ...words, '-f', 'json', '-o', 'measured'])
  const { measured } = JSON.parse(diagnosis.stdout) as Diagnosis
  const { counts, records, notes } = JSON.parse(measurement.stdout)
  assert.deepEqual(measured!.counts, counts)
  assert.deepEqual(measured!.metrics, records[0].metrics)
  assert.deepEqual(measured!.notes, notes)
  const said = notes.map((note: string) => `${note}\n`).join('')
  assert.ok(diagnosis.stderr.startsWith(said))
  assert.match(diagnosis.stderr.slice(said.length), /^@voice: 1 packet is earlier [^\n]*\n$/)
})

const mistakes: ReadonlyArray<readonly [words: string, message: RegExp]> = [
  ['--sent a.pcap', /^--sent a\.pcap: one side alone can't be measured - add --received, or leave it out\n$/],
  ['@voice --received b.pcap', /^--received b\.pcap: one side alone can't be measured - add --sent, or /],
  ['-q', /^lanewise diagnose: nothing to diagnose - give a capture, or --sent before\.pcap --received /],
  ['--sent - --received b.pcap', /^-: a capture is read several times here - save it to a file first\n$/],
  [
    '@voice --nat --as-one',
    /^--as-one, --nat: for two captures only \(--sent, --received\) - leave it out\n$/,
  ],
  ['--sent @voice --received @ofice', /^--received @ofice: nothing .* - did you mean "@office"\? \(/],
  ['--sent @voice --received @voice --order tiem', /^--order tiem: unknown - did you mean "time"\?\n$/],
]
for (const [words, message] of mistakes) {
  test(`a mistake is one line with its cure: diagnose ${words}`, async () => {
    const { exitCode, stdout, stderr } = await runProgram(['diagnose', ...words.split(' ')])
    assert.deepEqual([exitCode, stdout], [2, ''])
    assert.match(stderr, message)
    assert.equal(stderr.trimEnd().split('\n').length, 1)
  })
}
