/**
 * `lanewise measure` as a whole: arrival files and pairs of captures whose order is known, through the
 * command line.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { MatchBench, tcpPacket, translated, udpPacket } from '../../measure/matching/match.testing.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'
import { measure, report, values } from './command.testing.ts'

ownFolder('measure')
const bench = new MatchBench()
after(() => {
  bench.remove()
})

const MS = 1e6
/** RFC 4737 tables 1 to 4: numbers in order of arrival, and arrival times in ms where the RFC prints them. */
const tables: ReadonlyArray<
  readonly [
    sequence: number[],
    receivedMs: number[] | undefined,
    expected: {
      reordered: number
      extentMax: number
      lateMs?: number
      bytes?: number
      nReordering: number[]
    },
  ]
> = [
  [
    [1, 2, 3, 5, 6, 7, 8, 4, 9, 10],
    [68, 88, 108, 148, 168, 188, 208, 210, 228, 248],
    { reordered: 1, extentMax: 4, lateMs: 62, bytes: 400, nReordering: [1, 1, 1, 1, 0] },
  ],
  [
    [1, 2, 3, 4, 7, 5, 6, 8, 9, 10],
    [68, 88, 108, 128, 188, 189, 190, 208, 228, 248],
    { reordered: 2, extentMax: 2, lateMs: 2, bytes: 100, nReordering: [1, 0, 0, 0, 0] },
  ],
  [
    [1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11],
    [68, 88, 108, 188, 208, 228, 248, 250, 252, 256, 268],
    { reordered: 3, extentMax: 6, lateMs: 68, bytes: 400, nReordering: [1, 1, 1, 1, 0] },
  ],
  [
    [1, 2, 3, 6, 7, 4, 5, 8, 9, 10, 12, 13, 11, 14, 15, 16],
    undefined,
    { reordered: 3, extentMax: 3, nReordering: [2, 2, 0, 0, 0] },
  ],
]
for (const [i, [sequence, receivedMs, expected]] of tables.entries()) {
  test(`RFC 4737 table ${i + 1} as an arrival file`, async () => {
    const rows = sequence.map((number, at) =>
      receivedMs === undefined
        ? `${number}`
        : `${number},${(number - 1) * 20 * MS},${receivedMs[at]! * MS},100`,
    )
    const header = receivedMs === undefined ? 'sequence' : 'sequence,sentNs,receivedNs,sizeBytes'
    writeFileSync('table.csv', `${[header, ...rows].join('\n')}\n`)
    const found = await report('table.csv')
    const { reordered, extentMax, lateMs, bytes, nReordering } = expected
    const degrees = nReordering.map((_, n) => `nReordering[${n + 1}]`)
    assert.deepEqual(values(found, 'reorderedRatio', 'extentMax', ...degrees), [
      [reordered, sequence.length],
      extentMax,
      ...nReordering.map((count) => [count, sequence.length]),
    ])
    assert.deepEqual(values(found, 'lateTimeNsMax', 'byteOffsetMax'), [
      lateMs === undefined ? null : lateMs * MS,
      bytes ?? null,
    ])
    assert.equal(found.clock.kind, receivedMs === undefined ? 'unknown' : 'same')
    assert.deepEqual([found.counts.sent, found.counts.lost, found.counts.duplicated], [sequence.length, 0, 0])
    // RFC 3550's J after the last packet of table 1 is 9.309 ms; iperf3 reports it.
    if (i === 0)
      assert.ok(Math.abs((found.worstFlows[0]!.metrics['iperf3.jitterNs'] as number) - 9.30908203125e6) < 1)
  })
}

test('captures before and after a simulated run: exactly the packets that the simulator reordered', async () => {
  writeFileSync(
    'run.yaml',
    `source: { synthetic: { packetsPerSecond: 60000, flows: { count: 4 } } }
duration: 200ms
warmup: 0s
runs: 1
policies: [round-robin]
lanes: { count: 3, queue: { capacityPackets: 6 } }
link: { loss: 0.01 }
`,
  )
  assert.equal((await runProgram('compare run.yaml -q -o run --trace run.csv'.split(' '))).exitCode, 0)
  const packets = readFileSync('run.csv', 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, , index, flow, , arrivalNs, , departureNs, reordered, reorderedTunnel] = line.split(',')
      return {
        index: Number(index),
        flow: flow!,
        arrivalNs: Number(arrivalNs),
        departureNs,
        reordered,
        reorderedTunnel,
      }
    })
  const ports = new Map([...new Set(packets.map(({ flow }) => flow))].map((flow, i) => [flow, 1000 + i]))
  const bytesOf = ({ index, flow }: { index: number; flow: string }) =>
    udpPacket(index, index & 0xffff, ports.get(flow))
  const delivered = packets
    .filter(({ departureNs }) => departureNs !== '')
    .sort((a, b) => Number(a.departureNs) - Number(b.departureNs))
  bench.write(
    'before.pcap',
    packets.map((packet) => ({ packet: bytesOf(packet), ns: packet.arrivalNs })),
  )
  bench.write(
    'after.pcap',
    delivered.map((packet) => ({ packet: bytesOf(packet), ns: Number(packet.departureNs) })),
  )
  const found = await report(
    `--sent ${bench.path('before.pcap')} --received ${bench.path('after.pcap')} --flows all -o pair --trace pair.csv`,
  )

  const verdicts = readFileSync('pair.csv', 'utf8').trimEnd().split('\n').slice(1)
  assert.deepEqual(
    verdicts.map((line) => line.split(',').slice(-3).join()),
    delivered.map(({ reordered, reorderedTunnel }) => `0,${reordered},${reorderedTunnel}`),
  )
  const late = delivered.filter(({ reordered }) => reordered === '1').length
  assert.ok(
    late > 1000 && packets.length - delivered.length > 100,
    `${late} late, ${delivered.length} delivered`,
  )
  const { sent, matched, lost, duplicated, corrupted, unmatched } = found.counts
  assert.deepEqual(
    [sent, matched, lost, duplicated, corrupted, unmatched],
    [packets.length, delivered.length, packets.length - delivered.length, 0, 0, 0],
  )
  // Both have the same metrics by the same observers: all that don't rest on protocols or on assumed delays
  // agree.
  const simulated = JSON.parse(readFileSync('run/report.json', 'utf8')).records[0].metrics
  const rests =
    /^(byteOffset|rack|reno|sack|linux|quicTime|tunnel\.(byteOffset|sack|quic)|latencyNsP|playout)/
  const common = Object.keys(found.records[0].metrics).filter(
    (name) => name in simulated && !rests.test(name),
  )
  assert.ok(common.length > 60, common.join())
  for (const name of common) {
    const ours = found.records[0].metrics[name]!
    for (const key of ['mean', 'count', 'of'] as const)
      assert.equal(ours[key], simulated[name][key], `${name} ${key}`)
  }
  assert.equal(found.worstFlows.length, 4)
  const sums = (key: 'reordered' | 'lost') => found.worstFlows.reduce((sum, flow) => sum + flow[key], 0)
  assert.deepEqual([sums('reordered'), sums('lost')], [late, lost])
})

test('a flow in a file of many has the metrics that it has alone', async () => {
  const rows = (flow: string, numbers: readonly number[], startNs: number) =>
    numbers.map((number, i) => {
      const receivedNs = startNs + i * 3 * MS
      return {
        receivedNs,
        line: `${flow},${number},${startNs + number * 3 * MS - 50 * MS},${receivedNs},${100 + number}`,
      }
    })
  const flows = {
    a: rows('a', [7, 9, 8, 8, 12, 11, 10], 100 * MS),
    b: rows('b', [0, 1, 2, 4, 4, 3], 101 * MS),
    c: rows('c', [3, 2, 1, 0], 102 * MS),
  }
  const header = 'flow,sequence,sentNs,receivedNs,sizeBytes'
  const write = (name: string, all: readonly { receivedNs: number; line: string }[]) =>
    writeFileSync(name, `${[header, ...all.map(({ line }) => line)].join('\n')}\n`)
  write(
    'many.csv',
    Object.values(flows)
      .flat()
      .sort((x, y) => x.receivedNs - y.receivedNs),
  )
  const many = await report('many.csv --flows all')
  assert.deepEqual(
    many.worstFlows.map(({ flow }) => flow),
    ['a', 'c', 'b'],
  )
  for (const [name, all] of Object.entries(flows)) {
    write('alone.csv', all)
    const alone = (await report('alone.csv')).worstFlows[0]!
    const among = many.worstFlows.find(({ flow }) => flow === name)!
    // The round trip is assumed with the file's smallest delay, which time rules go by.
    for (const one of [alone, among]) delete one.metrics.quicTimeLostRatio
    assert.deepEqual(among, alone)
  }
})

test('duplicates are counted by RFC 5560 and by each program in its own way, and are not reordering', async () => {
  writeFileSync('copies.csv', 'sequence\n1\n1\n1\n2\n3\n3\n3\n4\n')
  const found = await report('copies.csv')
  assert.deepEqual(
    values(
      found,
      'reorderedRatio',
      'duplicationRatio',
      'replicatedRatio',
      'lostRatio',
      'iperf3.outOfOrder',
      'iperf3.lost',
      'pscheduler.packetsDuplicated',
      'pscheduler.packetsReordered',
      'tcptrace.retransmitted',
      'tcptrace.outOfOrder',
      'linux.sackReorder',
      'owping.nReordering[1]',
    ),
    [[0, 4], [4, 4], [2, 4], [0, 4], 4, 0, 4, 0, 4, 0, 0, [0, 8]],
  )
  assert.equal(found.counts.duplicated, 4)
  // A copy behind a greater number: owping and iperf3 take it for reordering, RFC 4737 doesn't.
  writeFileSync('late-copy.csv', 'sequence\n1\n2\n3\n2\n4\n5\n')
  assert.deepEqual(
    values(
      await report('late-copy.csv'),
      'reorderedRatio',
      'nReordering[1]',
      'owping.nReordering[1]',
      'iperf3.outOfOrder',
    ),
    [[0, 5], [0, 5], [1, 6], 1],
  )
})

test('numbers that wrap are unwound when their width is given or certain, and not with --sequence-bits none', async () => {
  const numbers = Array.from({ length: 400 }, (_, i) => (65_400 + i) % 65_536)
  ;[numbers[10], numbers[11]] = [numbers[11]!, numbers[10]!]
  ;[numbers[135], numbers[136]] = [numbers[136]!, numbers[135]!]
  writeFileSync('rtp.csv', `sequence\n${numbers.join('\n')}\n`)
  const found = await report('rtp.csv --sequence-bits 16')
  assert.deepEqual(values(found, 'reorderedRatio', 'lostRatio'), [
    [2, 400],
    [0, 400],
  ])
  assert.deepEqual(found.notes, [])
  assert.equal(found.assumptions.sequenceBits, 16)
  const alone = await report('rtp.csv')
  assert.deepEqual(alone.records, found.records)
  assert.equal(alone.assumptions.sequenceBits, 16)
  assert.deepEqual(alone.notes, [
    "sequence numbers go from 65534 to 0: taken as 16 bits wide, which wrap - if they don't: --sequence-bits none",
  ])
  const plain = await report('rtp.csv --sequence-bits none')
  assert.deepEqual(
    [plain.notes, plain.assumptions.sequenceBits, plain.packets.lost],
    [[], null, 65_536 - 400],
  )
  const narrow = await measure('rtp.csv --sequence-bits 8')
  assert.equal(narrow.exitCode, 2)
  assert.match(narrow.stderr, /^--sequence-bits 8: there is the sequence 65400, which needs more bits - give/)
})

test('a counter that begins again is judged as it stands, and a line says what would tell the keys apart', async () => {
  const numbers = [...Array(500).keys(), ...Array(30).keys()]
  writeFileSync('rekey.csv', `wg.counter,ip.id\n${numbers.map((number) => `${number},0`).join('\n')}\n`)
  const { exitCode, stderr } = await measure('rekey.csv -o rekey')
  assert.equal(exitCode, 0)
  assert.match(
    stderr,
    /^sequence numbers go from 499 to 0 and on from there - if a new key or stream counts/m,
  )
})

test('translated addresses match with --nat, and without it the message names it', async () => {
  const sent = Array.from({ length: 20 }, (_, i) => udpPacket(i))
  const arrived = [0, 1, 4, 2, 3, 5, 6, 7, 9, 8].map((i) => translated(sent[i]!))
  bench.write(
    'lan.pcap',
    sent.map((packet, i) => ({ packet, ns: i * MS })),
  )
  bench.write(
    'wan.pcap',
    arrived.map((packet, i) => ({ packet, ns: i * MS + 20 * MS })),
  )
  const words = `--sent ${bench.path('lan.pcap')} --received ${bench.path('wan.pcap')}`
  assert.deepEqual(values(await report(`${words} --nat`), 'reorderedRatio', 'lostRatio'), [
    [3, 10],
    [10, 20],
  ])
  const plain = await measure(words)
  assert.equal(plain.exitCode, 1)
  assert.match(plain.stderr, /wan\.pcap: none of its 10 packets is in .*lan\.pcap - .*: --nat\n$/)
})

test('TCP is judged by its segments with payload, numbered apart, and UDP by the rules of QUIC', async () => {
  // Four acknowledgements overtake segment 1: reordered, but TCP's rules never see it.
  const data = [0, 100, 200].map((sequence, i) => tcpPacket(sequence, 100, i + 1))
  const acks = [1, 2, 3, 4].map((i) => tcpPacket(900 + i, 0, 100 + i))
  const datagrams = [0, 1, 2, 3, 4].map((i) => udpPacket(i, 500 + i, 7))
  const sent = [data[0]!, data[1]!, ...acks, data[2]!, ...datagrams]
  const arrived = [data[0]!, ...acks, data[1]!, data[2]!, ...[1, 2, 3, 0, 4].map((i) => datagrams[i]!)]
  bench.write(
    'sent.pcap',
    sent.map((packet, i) => ({ packet, ns: i * MS })),
  )
  bench.write(
    'received.pcap',
    arrived.map((packet, i) => ({ packet, ns: i * MS + 9 * MS })),
  )
  const found = await report(`--sent ${bench.path('sent.pcap')} --received ${bench.path('received.pcap')}`)
  assert.equal(found.judgesAll, false)
  assert.deepEqual(
    values(
      found,
      'reorderedRatio',
      'sackLostRatio',
      'quicLostRatio',
      'tcptrace.outOfOrder',
      'iperf3.outOfOrder',
      'linux.sackReorder',
    ),
    // What a Linux sender counts, only the sender knows.
    [[2, 12], [0, 3], [1, 5], 0, 1, null],
  )
  const [udp, tcp] = [/udp$/, /tcp$/].map((kind) => found.worstFlows.find(({ flow }) => kind.test(flow))!)
  assert.deepEqual(udp!.metrics.sackLostRatio, null)
  assert.deepEqual(udp!.metrics.quicLostRatio, { count: 1, of: 5 })
  assert.deepEqual([tcp!.metrics['iperf3.lost'], tcp!.metrics['tcptrace.outOfOrder']], [null, 0])
})

test('each format says the same, files are as in a comparison, and a second run gives the same bytes', async () => {
  writeFileSync('all.csv.gz', gzipSync('flow,sequence\na,0\na,2\nb,0\na,1\nb,1\n'))
  const run = (format: string) => measure(`all.csv.gz -f ${format} -q`)
  const file = (name: string) => readFileSync(`results/all-measured/${name}`, 'utf8')
  const json = await run('json')
  assert.equal(json.stdout, file('report.json'))
  const files = ['report.json', 'summary.csv', 'flows.csv', 'distributions.csv']
  const first = files.map(file)
  const csv = await run('csv')
  assert.equal(csv.stdout, file('summary.csv'))
  assert.deepEqual(files.map(file), first)
  assert.match(csv.stdout, /^point,policy,reorderedRatio,reorderedRatio\.low95,.*\n0,measured,0\.2,/)
  assert.match(
    file('flows.csv'),
    /^flow,sent,arrived,lost,duplicated,reordered,reorderedRatio,.*\na,3,3,0,0,1,0\.333.*\nb,2,2,0,0,0,0,/,
  )
  const { inputs, argv } = JSON.parse(file('provenance.json'))
  assert.equal(inputs[0].path, 'all.csv.gz')
  assert.deepEqual(argv.slice(0, 2), ['measure', 'all.csv.gz'])
  const markdown = await run('markdown')
  assert.match(markdown.stdout, /^\*\*all\.csv\.gz\*\*\n\n- read: .*5 packets of 2 flows/)
  assert.match(
    markdown.stdout,
    /\n\| most reordered flows \| reordered \|.*\n\| --- \| --: \|.*\n\| a \| 1 \| 33\.3% \|/,
  )
  const table = await run('table')
  assert.match(table.stdout, /\norder within flows\n {2}reordered {3}20% of 5 packets, in 1 of 2 flows\n/)
  for (const line of table.stdout.split('\n')) assert.ok(line.length <= 80, line)
  assert.equal((await report('all.csv.gz --flows 1')).worstFlows.length, 1)
})
