/** The qlogs of both ends: what went and what came, by connection, number space and number. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { matchQlogs } from './qlog-pair.ts'

const folder = mkdtempSync(join(tmpdir(), 'lanewise-qlogs-'))
after(() => rmSync(folder, { recursive: true }))

type Packet = readonly [ms: number, type: string, number: number]
type Common = Readonly<Record<string, unknown>>

interface Side {
  readonly packets: readonly Packet[]
  readonly common?: Common
  /** Events that the other end's file is read for. */
  readonly others?: readonly Packet[]
}

const event = (name: string, [time, packet_type, packet_number]: Packet) => ({
  time,
  name: `quic:${name}`,
  data: { header: { packet_type, packet_number }, raw: { length: 1200 } },
})

function trace(name: string, other: string, { packets, common = {}, others = [] }: Side) {
  const vantage = { type: name === 'packet_sent' ? 'client' : 'server' }
  const events = [...packets.map((one) => event(name, one)), ...others.map((one) => event(other, one))]
  return { vantage_point: vantage, common_fields: common, events }
}

function written(file: string, traces: readonly object[]) {
  const path = join(folder, file)
  writeFileSync(path, JSON.stringify({ qlog_version: '0.3', traces }))
  return { path, name: file }
}

/** Judges one trace or several of either end. */
async function judged(sent: Side | readonly Side[], received: Side | readonly Side[]) {
  const from = [sent].flat() as Side[]
  const to = [received].flat() as Side[]
  const found = await matchQlogs(
    written(
      'client.qlog',
      from.map((side) => trace('packet_sent', 'packet_received', side)),
    ),
    written(
      'server.qlog',
      to.map((side) => trace('packet_received', 'packet_sent', side)),
    ),
  )
  const { arrivals, flows, counts } = found
  const rows = Array.from({ length: arrivals.count }, (_, row) => {
    const { flow, sequence, tunnelSequence } = arrivals
    return `${flows.describe(flow[row]!)} ${sequence[row]} ${tunnelSequence[row]}`
  })
  const { sent: all, matched, lost, duplicated, unmatched } = counts
  return { ...found, rows, tally: { sent: all, matched, lost, duplicated, unmatched } }
}

const common: Common = { group_id: 'C1', time_format: 'relative', reference_time: 1_700_000_000_000 }
const SENT: readonly Packet[] = [
  [0, 'initial', 0],
  [1, '0RTT', 0],
  [2, 'handshake', 0],
  [3, '1RTT', 1],
  // 2 is skipped on purpose.
  [4, '1RTT', 3],
  [5, '1RTT', 4],
  [6, '1RTT', 5],
]
const RECEIVED: readonly Packet[] = [
  [10, 'initial', 0],
  [11, '0RTT', 0],
  [12, 'handshake', 0],
  [13, '1RTT', 1],
  [15, '1RTT', 4],
  [16, '1RTT', 3],
]

test('packets are told by number space and number, and skipped numbers are not lost', async () => {
  const { rows, tally, counts, numbering, notes } = await judged(
    { packets: SENT, common, others: [[9, '1RTT', 77]] },
    { packets: RECEIVED, common: { ...common, group_id: 'c1' }, others: [[9, '1RTT', 2]] },
  )
  assert.deepEqual(rows, [
    'c1 initial 0 0',
    'c1 application 0 1',
    'c1 handshake 0 2',
    'c1 application 1 3',
    'c1 application 3 5',
    'c1 application 2 4',
  ])
  assert.deepEqual(tally, { sent: 7, matched: 6, lost: 1, duplicated: 0, unmatched: 0 })
  assert.deepEqual([counts.lostAtEdges, counts.lostWholeFlows, counts.corrupted], [1, 0, null])
  assert.deepEqual([numbering, notes], ['qlog', []])
})

test('delays are one-way where both ends count from known times, and else differences only', async () => {
  const delays = async (of: Common, to: Common) => {
    const { arrivals, clock } = await judged({ packets: SENT, common: of }, { packets: RECEIVED, common: to })
    const { count, sentNs, receivedNs } = arrivals
    return [clock.kind, ...Array.from({ length: count }, (_, row) => (receivedNs[row]! - sentNs[row]!) / 1e6)]
  }
  const oneWay = [10, 10, 10, 10, 10, 12]
  assert.deepEqual(await delays(common, common), ['same', ...oneWay])
  const later = { ...common, reference_time: 1_700_000_000_005 }
  assert.deepEqual(await delays(common, later), ['same', ...oneWay.map((ms) => ms + 5)])
  const epoch = { time_format: 'relative_to_epoch', reference_time: { epoch: '2023-11-14T22:13:20.000Z' } }
  assert.deepEqual(await delays({ ...epoch, group_id: 'c1' }, common), ['same', ...oneWay])
  const unknown = { time_format: 'relative_to_epoch', reference_time: { epoch: 'unknown' } }
  for (const [of, to] of [
    [{}, {}],
    [common, {}],
    [unknown, unknown],
  ] as const)
    assert.deepEqual(await delays(of, to), ['offset', 0, 0, 0, 0, 0, 2])
})

test('times since 1970 are exact, whichever second each file begins in', async () => {
  const at = (ms: number) => 1_700_000_000_000 + ms
  const { arrivals, clock } = await judged(
    { packets: [[at(999), '1RTT', 0]], common: { time_format: 'absolute' } },
    { packets: [[at(1004), '1RTT', 0]], common: { time_format: 'absolute' } },
  )
  assert.deepEqual([clock.kind, arrivals.receivedNs[0]! - arrivals.sentNs[0]!], ['same', 5e6])
})

test('connections are told by name; traces with times of their own have no delays', async () => {
  const of = (group_id: string, reference_time: number) => ({
    time_format: 'relative',
    group_id,
    reference_time,
  })
  const { rows, tally, clock, counts } = await judged(
    [
      { packets: SENT.slice(3), common: of('a', 1000) },
      { packets: SENT.slice(3, 5), common: of('b', 2000) },
      { packets: SENT.slice(0, 1), common: of('c', 3000) },
    ],
    [
      {
        packets: [
          [1, '1RTT', 3],
          [2, '1RTT', 1],
        ],
        common: of('b', 2000),
      },
      { packets: [[1, '1RTT', 5]], common: of('a', 1000) },
      { packets: [[1, '1RTT', 5]], common: of('stranger', 1000) },
    ],
  )
  assert.deepEqual(rows, ['b application 1 NaN', 'b application 0 NaN', 'a application 3 NaN'])
  assert.deepEqual(tally, { sent: 7, matched: 3, lost: 4, duplicated: 0, unmatched: 1 })
  assert.deepEqual([clock.kind, counts.lostAtEdges, counts.lostWholeFlows], ['unknown', null, 1])
})

test('a packet that is logged twice is a further copy, and one that never went is not sent', async () => {
  const { rows, tally } = await judged(
    { packets: SENT.slice(3), common },
    {
      packets: [
        [1, '1RTT', 1],
        [2, '1RTT', 1],
        [3, '1RTT', 2],
      ],
      common,
    },
  )
  assert.deepEqual(rows, ['c1 application 0 0', 'c1 application 0 0'])
  assert.deepEqual(tally, { sent: 4, matched: 1, lost: 3, duplicated: 1, unmatched: 1 })
})

test('the only connection of either file is the same one, whatever its name, and that is said', async () => {
  const other = { ...common, group_id: 'f00d' }
  const named = await judged({ packets: SENT, common }, { packets: RECEIVED, common: other })
  assert.equal(named.tally.matched, 6)
  assert.deepEqual(named.notes, [
    'server.qlog: its connection f00d is taken for c1 of client.qlog, since either has only one',
  ])
  const unnamed = await judged({ packets: SENT }, { packets: RECEIVED, common })
  assert.deepEqual([unnamed.tally.matched, unnamed.notes], [6, []])
})

for (const [what, sent, received, message] of [
  [
    'files changed over',
    { packets: [], others: SENT },
    { packets: RECEIVED },
    /^client\.qlog: no sent packets with a number among 7 events, only received ones: give the qlog of the other side$/,
  ],
  [
    'a sender that logs no packets',
    { packets: [] },
    { packets: RECEIVED },
    /^client\.qlog: no sent packets with a number among 0 events - log transport:packet_sent$/,
  ],
  [
    'other connections',
    [
      { packets: SENT, common },
      { packets: SENT, common: { group_id: 'c2' } },
    ],
    { packets: RECEIVED, common: { group_id: 'c3' } },
    /^server\.qlog: none of its connections \(c3\) is in client\.qlog \(c1, c2\) - give the qlogs of both ends of/,
  ],
  [
    'other numbers',
    { packets: SENT, common },
    { packets: [[1, '1RTT', 900]], common },
    /^server\.qlog: none of its 1 packet numbers is in client\.qlog - give the qlogs of both ends of/,
  ],
] as const satisfies readonly (readonly [string, Side | readonly Side[], Side, RegExp])[]) {
  test(`${what}: one line`, () => assert.rejects(judged(sent, received), { message }))
}
