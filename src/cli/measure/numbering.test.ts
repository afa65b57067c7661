/** `lanewise measure` of a single capture whose packets carry numbers: results, gates, trace, mistakes. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { MatchBench } from '../../measure/matching/match.testing.ts'
import { madeKinds, madeTraffic } from '../../measure/numberings/numberings.testing.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { measure, report, values } from './command.testing.ts'

ownFolder('numbering')
const bench = new MatchBench()
after(() => {
  bench.remove()
})

const kindOf = (name: string) => madeKinds.find((kind) => kind.name === name)!
const wireguard = kindOf('wireguard')
const made = madeTraffic(wireguard, 1, { latePlaces: 300, copyRatio: 0.02 })
const capture = bench.write('wg.pcap', made.arrivals)
const count = (verdict: string) => made.arrivals.filter((one) => one.verdict === verdict).length

test('report, flows, trace and gates are as those of an arrival file', async () => {
  const found = await report(`${capture} --trace trace.csv`)
  assert.deepEqual(found.inputs, { capture })
  assert.deepEqual([found.name, found.title, found.numbering], ['wg', 'wg.pcap', 'wireguard'])
  const lost = made.lost.reduce((sum, one) => sum + one, 0)
  const arrived = made.arrivals.length - count('copy')
  assert.deepEqual(found.packets, { sent: arrived + lost, arrived, lost, corrupted: null, rewritten: null })
  assert.deepEqual(values(found, 'reorderedRatio'), [[count('late'), arrived]])
  assert.equal(found.counts.duplicated, count('copy'))
  assert.equal(found.judgesAll, true)
  const trace = readFileSync('trace.csv', 'utf8').trimEnd().split('\n').slice(1)
  assert.deepEqual(
    trace.map((line) => line.split(',').slice(6, 8).join()),
    made.arrivals.map(({ verdict }) => ({ copy: '1,', late: '0,1', fine: '0,0' })[verdict]),
  )
  const flows = readFileSync('results/wg-measured/flows.csv', 'utf8')
  for (const flow of wireguard.flows) assert.ok(flows.includes(flow), flow)
  const gated = await measure(`${capture} -q --max-reordered 1% --max-lost 50%`)
  assert.equal(gated.exitCode, 1)
  assert.match(gated.stderr, /^gate reordered: .* FAILED\ngate lost: .*: ok\n$/)
})

test('every counter has a replay window of its own', async () => {
  const dropped = (size: number) => {
    const highest = [0, 0, 0]
    return made.arrivals.filter(({ counter, number, verdict }) => {
      const isDropped = verdict === 'late' && highest[counter]! - number >= size
      highest[counter] = Math.max(highest[counter]!, number)
      return isDropped
    }).length
  }
  const found = await report(`${capture} --replay-windows 8,64`)
  const arrived = made.arrivals.length - count('copy')
  assert.deepEqual(values(found, 'replayWindowDropRatio[8]', 'replayWindowDropRatio[64]'), [
    [dropped(8), arrived],
    [dropped(64), arrived],
  ])
  assert.ok(dropped(8) > dropped(64) && dropped(64) > 0)
  const { stdout } = await measure(`${capture} --replay-windows 8,64`)
  assert.match(
    stdout,
    /^every counter for itself\n {2}replay {6}dropped by a window of 8 packets [\d.]+%, of 64/m,
  )
})

test('the head says which numbers, and notes say what has none', async () => {
  const { stdout, stderr } = await measure(`${capture} -o head`)
  assert.match(stdout, /^ {2}numbers {5}the packets' own: wireguard$/m)
  assert.match(stdout.replaceAll(/\n\s+/g, ' '), / sent as far as the numbers tell: /)
  assert.equal(stderr, 'results are in head\n')
  const piped = await measure('- -f json -q', { stdin: Readable.from([readFileSync(capture)]) })
  const { inputs, name, numbering } = JSON.parse(piped.stdout)
  assert.deepEqual([inputs, name, numbering], [{ capture: 'standard input' }, 'stdin', 'wireguard'])
})

test("iperf3's datagrams give delays, and what iperf3 would count", async () => {
  const kind = kindOf('iperf3-udp')
  const traffic = madeTraffic(kind, 2, { counters: 1, copyRatio: 0 })
  const found = await report(bench.write('iperf3.pcap', traffic.arrivals))
  const late = traffic.arrivals.filter(({ verdict }) => verdict === 'late').length
  assert.deepEqual(values(found, 'reorderedRatio', 'iperf3.outOfOrder', 'iperf3.lost'), [
    [late, traffic.arrivals.length],
    late,
    traffic.lost[0],
  ])
  assert.ok(found.clock.kind === 'offset' && found.records[0].metrics.jitterNsMean!.mean! > 0)
  assert.equal(found.judgesAll, false)
})

test('files of a ring are one capture', async () => {
  const half = made.arrivals.length >> 1
  bench.write('ring0.pcap', made.arrivals.slice(0, half))
  bench.write('ring1.pcap', made.arrivals.slice(half))
  const files = ['ring0.pcap', 'ring1.pcap'].map((name) => bench.path(name))
  const found = await report(`--received ${files.join(' --received ')}`)
  assert.deepEqual([found.name, found.inputs], ['ring0+1', { capture: files }])
  assert.deepEqual(values(found, 'reorderedRatio'), values(await report(capture), 'reorderedRatio'))
})

writeFileSync('good.csv', 'sequence\n0\n')
const mistakes: ReadonlyArray<readonly [words: string, exitCode: number, message: RegExp]> = [
  ['good.csv --numbering rtp', 2, /^--numbering rtp: for one capture only - leave it out\n$/],
  [
    `--sent ${capture} --received ${capture} --numbering rtp`,
    2,
    /^--numbering rtp: for one capture only - leave it out\n$/,
  ],
  [`${capture} --numbering wiregard`, 2, /^--numbering wiregard: unknown - did you mean "wireguard"\?\n$/],
  [
    `${capture} --order time`,
    2,
    /^--order time: for two captures only \(--sent, --received\) - leave it out\n$/,
  ],
  [`${capture} --sequence-bits 16`, 2, /^--sequence-bits 16: for arrival files only - leave it out\n$/],
  [
    `${capture} --numbering esp`,
    1,
    /wg\.pcap: --numbering esp: no packet has such a number - leave it out, and numbers that count are found by themselves\n$/,
  ],
]
for (const [words, exitCode, message] of mistakes) {
  test(`one line: measure ${words.replaceAll(bench.folder, '...')}`, async () => {
    const found = await measure(`${words} -o mistakes`)
    assert.deepEqual([found.exitCode, found.stdout], [exitCode, ''])
    assert.match(found.stderr, message)
    assert.equal(existsSync('mistakes'), false)
  })
}
