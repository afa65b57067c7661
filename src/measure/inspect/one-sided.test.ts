/** What one capture tells, by sequences worked out by hand and by a recorded one that tshark has judged. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { readSharedJson, sharedPath, skipWithout } from '../../shared.testing.ts'
import { MatchBench, tcp6Packet, tcpPacket, udpPacket } from '../matching/match.testing.ts'
import { NO_ID, TcpGaps } from '../tcp/tcp-gaps.ts'
import { IdOrder } from './id-order.ts'
import { judgeOneSide } from './one-sided.ts'

const bench = new MatchBench()
after(() => bench.remove())

type Segment = readonly [sequence: number, payloadBytes: number, id?: number]

/** [segments, fillGap, older ID, newer ID, repeat] of one flow. */
function judged(segments: readonly Segment[]): number[] {
  const gaps = new TcpGaps()
  for (const [sequence, payloadBytes, id = NO_ID] of segments) gaps.add(0, sequence, payloadBytes, false, id)
  return [gaps.segments, gaps.fillGap, gaps.fillGapOlderId, gaps.fillGapNewerId, gaps.repeat]
}

const cases: ReadonlyArray<
  readonly [what: string, segments: readonly Segment[], expected: readonly number[]]
> = [
  [
    'in order',
    [
      [0, 10],
      [10, 10],
      [20, 10],
    ],
    [3, 0, 0, 0, 0],
  ],
  [
    'one overtaken',
    [
      [0, 10, 1],
      [20, 10, 3],
      [10, 10, 2],
      [30, 10, 4],
    ],
    [4, 1, 1, 0, 0],
  ],
  [
    'one lost and sent again',
    [
      [0, 10, 1],
      [20, 10, 3],
      [10, 10, 4],
    ],
    [3, 1, 0, 1, 0],
  ],
  [
    'older across the wrap of the IP-ID',
    [
      [0, 10, 65_534],
      [20, 10, 1],
      [10, 10, 65_535],
    ],
    [3, 1, 1, 0, 0],
  ],
  [
    'no IP-ID, no hint',
    [
      [0, 10],
      [20, 10],
      [10, 10],
    ],
    [3, 1, 0, 0, 0],
  ],
  [
    'a repetition',
    [
      [0, 10],
      [10, 10],
      [0, 10],
    ],
    [3, 0, 0, 0, 1],
  ],
  [
    'a gap filled twice is a repetition',
    [
      [0, 10],
      [20, 10],
      [10, 10],
      [10, 10],
    ],
    [4, 1, 0, 0, 1],
  ],
  [
    'a gap filled in two parts, the later first',
    [
      [0, 10],
      [30, 10],
      [20, 10],
      [10, 10],
    ],
    [4, 2, 0, 0, 0],
  ],
  [
    'acknowledgements do not count',
    [
      [0, 10],
      [10, 0],
      [5, 0],
    ],
    [1, 0, 0, 0, 0],
  ],
  [
    'numbers that wrap',
    [
      [2 ** 32 - 10, 10],
      [10, 10],
      [0, 10],
      [20, 10],
    ],
    [4, 1, 0, 0, 0],
  ],
  [
    'far beyond the wrap',
    [
      [2 ** 31, 10],
      [2 ** 32 - 10, 10],
      [2 ** 30, 10],
      [0, 10],
    ],
    [4, 1, 0, 0, 0],
  ],
]
for (const [what, segments, expected] of cases) {
  test(`TCP, ${what}`, () => assert.deepEqual(judged(segments), expected))
}

test('a new connection on the same ports begins anew', () => {
  const gaps = new TcpGaps()
  gaps.add(0, 5000, 10, false, NO_ID)
  gaps.add(0, 99, 0, true, NO_ID)
  gaps.add(0, 100, 10, false, NO_ID)
  assert.deepEqual([gaps.fillGap, gaps.repeat], [0, 0])
})

test('flows are apart, and only those whose IP-IDs count up are judged by them', () => {
  const order = new IdOrder()
  const counting = [1, 2, 3, 5, 4, 6, 7, 8, 9, 10, 11, 12]
  const random = [5, 40_000, 17, 60_000, 3000, 900, 33_333, 1, 50_000, 20_000, 7, 45_000]
  for (let i = 0; i < 12; i++) {
    order.add(0, counting[i]!)
    order.add(1, random[i]!)
    order.add(2, (65_530 + i) & 0xffff)
    if (i < 9) order.add(3, i)
  }
  assert.deepEqual(order.counts, { flows: 2, packets: 24, behind: 1 })
})

test('the explanation says what is not known before what is', async () => {
  const packets = [
    tcpPacket(0, 100, 1),
    tcpPacket(200, 100, 3),
    tcpPacket(100, 100, 2),
    tcpPacket(100, 100, 4),
    tcp6Packet(5),
    udpPacket(1),
  ]
  const path = bench.write(
    'one.pcap',
    packets.map((packet, i) => ({ packet, ns: i })),
  )
  const { lines, ...found } = await judgeOneSide(path)
  assert.deepEqual(found, {
    packets: 6,
    packetsTcp: 5,
    tcp: { segments: 5, fillGap: 1, fillGapOlderId: 1, fillGapNewerId: 0, repeat: 1 },
    id: { flows: 0, packets: 0, behind: 0 },
  })
  assert.equal(lines.length, 4)
  assert.match(
    lines[0]!,
    /one\.pcap: one capture does not tell .* - capture before and after the system: --sent/,
  )
  assert.match(lines[1]!, /segments 5, filling a gap 1 \(20 %\): .* overtaken 1, sent again 0, undecided 0$/)
  assert.match(lines[2]!, /segments seen before 1 \(20 %\)/)
  assert.match(lines[3]!, /^UDP and others: packets 1, /)
})

const skip = skipWithout('captures/lab/lab-tun-reorder.pcap')

test('a capture behind a relay that reorders and drops: as many segments out of order as tshark finds', {
  skip,
}, async () => {
  const { tcp, packets } = await judgeOneSide(sharedPath('captures/lab/lab-tun-reorder.pcap'))
  const truth =
    readSharedJson<Record<string, { packets: number; tcp_analysis: Record<string, number> }>>(
      'captures/truth.json',
    )['lab/lab-tun-reorder.pcap']!
  assert.equal(packets, truth.packets)
  const { out_of_order, retransmission } = truth.tcp_analysis
  // tshark parts the two by a time of 3 ms, so only their sum can be compared.
  const found = tcp.fillGap + tcp.repeat
  assert.ok(Math.abs(found - (out_of_order! + retransmission!)) <= 1, `${found}`)
  assert.deepEqual(tcp, {
    segments: 15_610,
    fillGap: 145,
    fillGapOlderId: 127,
    fillGapNewerId: 18,
    repeat: 51,
  })
})
