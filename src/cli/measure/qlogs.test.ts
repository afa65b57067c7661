/** `lanewise measure` of the qlogs of both ends: the fields of every report, and what is refused. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { MatchBench } from '../../measure/matching/match.testing.ts'
import { ipv4, udp } from '../../traffic/capture/captures.testing.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { measure, report, values } from './command.testing.ts'

ownFolder('qlogs')
const bench = new MatchBench()
after(() => {
  bench.remove()
})

/** 100 packets, a millisecond apart; every tenth number is skipped. */
function write(file: string, name: string, numbers: readonly number[]): void {
  const head = '{"qlog_version":"0.3","trace":{"common_fields":{"group_id":"c1","time_format":"absolute"}}}'
  const delayMs = name === 'packet_sent' ? 0 : 20
  const events = numbers.map((packet_number, i) => ({
    time: 1_700_000_000_000 + i + delayMs,
    name: `transport:${name}`,
    data: { header: { packet_type: '1RTT', packet_number }, raw: { length: 1200 } },
  }))
  writeFileSync(file, [head, ...events.map((event) => JSON.stringify(event))].join('\n'))
}
const sent = Array.from({ length: 100 }, (_, i) => i).filter((number) => number % 10 !== 9)
/** 20 is lost; 40 comes behind 42. */
const received = sent.filter((number) => number !== 20 && number !== 40)
received.splice(received.indexOf(42) + 1, 0, 40)
write('client.qlog', 'packet_sent', sent)
write('server.qlog', 'packet_received', received)
const both = '--sent client.qlog --received server.qlog'

test('the report has the fields of every measurement', async () => {
  const found = await report(both)
  assert.deepEqual(found.inputs, { sent: 'client.qlog', received: 'server.qlog' })
  assert.deepEqual(
    [found.name, found.title, found.numbering],
    ['client-server', 'client.qlog to server.qlog', 'qlog'],
  )
  assert.deepEqual(found.packets, { sent: 90, arrived: 89, lost: 1, corrupted: null, rewritten: null })
  assert.equal(found.clock.kind, 'same')
  assert.deepEqual(values(found, 'lostRatio', 'reorderedRatio', 'extentMax'), [[1, 90], [1, 89], 2])
  const { flow, sent, arrived, lost } = found.worstFlows[0]!
  assert.deepEqual([flow, sent, arrived, lost], ['c1 application', 90, 89, 1])
})

test('the head and the gates go by what was sent', async () => {
  const { exitCode, stdout, stderr } = await measure(`${both} --max-lost 1% --max-extent 2 -o gated`)
  assert.match(stdout, /90 sent: 89 arrived, 1 lost \(1\.11%\), 0 further copies, 0 that were\n/)
  assert.match(stderr, /gate lost: 1\.11111 % <= 1 %: FAILED\ngate extent: 2 packets <= 2 packets: ok\n$/)
  assert.equal(exitCode, 1)
})

const capture = bench.write('a.pcap', [{ packet: ipv4(17, udp(1, 2, 20)), ns: 0 }])
for (const [words, code, message] of [
  [
    `--sent client.qlog --received ${capture}`,
    2,
    /^client\.qlog: a qlog among captures - give both sides as captures, or both as qlogs\n$/,
  ],
  [
    `${both} --received client.qlog`,
    2,
    /^3 qlogs - give one of each side: a qlog may hold several connections\n$/,
  ],
  ['--sent client.qlog --received ./client.qlog', 2, /is the file of --sent client\.qlog too/],
  [`${both} --nat`, 2, /^--nat: for captures only - leave it out\n$/],
  [`${both} --numbering rtp`, 2, /^--numbering rtp: for one capture only - leave it out\n$/],
  [
    '--sent server.qlog --received client.qlog',
    1,
    /^server\.qlog: no sent packets with a number among 89 events, only received ones: give the qlog of/,
  ],
] as const) {
  test(`${words.replace(capture, 'a.pcap')} is refused in one line`, async () => {
    const { exitCode, stdout, stderr } = await measure(`${words} -o refused`)
    assert.match(stderr, message)
    assert.deepEqual([exitCode, stdout], [code, ''])
  })
}
