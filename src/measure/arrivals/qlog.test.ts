/** qlogs in each of their forms: the packets that came, by number space, in the order of their events. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { bytesOf } from '../../traffic/capture/captures.testing.ts'
import type { Measured } from './arrivals.ts'
import { arrivalsFrom } from './arrivals-file.ts'

function read(text: string | Buffer, pieceBytes?: number): Promise<Measured> {
  return arrivalsFrom(bytesOf(Buffer.from(text as string), pieceBytes), 'q.qlog')
}
function rows({ arrivals, flows }: Measured): string[] {
  return Array.from({ length: arrivals.count }, (_, i) => {
    const { flow, sequence, receivedNs, sizeBytes } = arrivals
    return `${flows.describe(flow[i]!)} ${sequence[i]} ${receivedNs[i]} ${sizeBytes[i]}`
  })
}

const received = (time: number | string, type: string, number: unknown, length: number) =>
  `{"time":${time},"name":"transport:packet_received","data":{"header":{"packet_type":"${type}","packet_number":${JSON.stringify(number)}},"raw":{"length":${length}}}}`
const EVENTS = [
  received(0.25, 'initial', 0, 1200),
  '{"time":0.3,"name":"recovery:metrics_updated","data":{"smoothed_rtt":30}}',
  '{"time":0.4,"name":"transport:packet_sent","data":{"header":{"packet_type":"initial","packet_number":0}}}',
  received('1.000001', '0RTT', 0, 300),
  received(1.5, '1RTT', 2, 301),
  received(1.75, '1RTT', '1', 302),
  '{"time":2,"name":"transport:packet_received","data":{"header":{"packet_type":"retry"}}}',
]
const EXPECTED = [
  'server c1 initial 0 250000 1200',
  'server c1 application 0 1000001 300',
  'server c1 application 2 1500000 301',
  'server c1 application 1 1750000 302',
]
const TRACE =
  '"vantage_point":{"type":"server"},"common_fields":{"ODCID":"c1","time_format":"relative","reference_time":5}'
const HEAD = `{"qlog_version":"0.3","qlog_format":"JSON-SEQ","trace":{${TRACE}}}`
const DOCUMENT = `{"qlog_version":"0.3","traces":[{${TRACE},"events":[${EVENTS.join(',')}]}]}`

for (const [what, text] of [
  ['a JSON document', DOCUMENT],
  ['a JSON document of many lines', JSON.stringify(JSON.parse(DOCUMENT), null, 2)],
  ['JSON text sequences', [HEAD, ...EVENTS].map((record) => `\x1e${record}\n`).join('')],
  [
    'JSON text sequences of many lines each',
    [HEAD, ...EVENTS].map((record) => `\x1e${JSON.stringify(JSON.parse(record), null, 1)}\n`).join(''),
  ],
  ['a JSON value per line', [HEAD, ...EVENTS].join('\r\n')],
  ['names of the current draft', [HEAD, ...EVENTS].join('\n').replaceAll('transport:', 'quic:')],
  ['gzip', gzipSync(DOCUMENT)],
] as const) {
  test(`${what}, in pieces of any size`, async () => {
    for (const pieceBytes of [7, 65_536]) {
      const found = await read(text as string, pieceBytes)
      assert.deepEqual(rows(found), EXPECTED)
      assert.deepEqual([found.numbering, found.sequenceBits, found.notes], ['qlog', 'none', []])
    }
  })
}

test('lines of events without a head, as jq makes them', async () => {
  assert.deepEqual(
    rows(await read(EVENTS.join('\n'))),
    EXPECTED.map((row) => row.replace('server c1 ', '')),
  )
})

test('times are exact beyond a double where records are read, and may count from the event before', async () => {
  const absolute = [
    received('1700000000123.456789', '1RTT', 1, 9),
    received('1700000000124.000001', '1RTT', 2, 9),
  ]
  assert.deepEqual(rows(await read(absolute.join('\n'))), [
    'application 1 123456789 9',
    'application 2 124000001 9',
  ])
  const head = '{"qlog_version":"0.4","trace":{"common_fields":{"time_format":"relative_to_previous_event"}}}'
  const other = '{"time":2.5,"name":"quic:parameters_set","data":{}}'
  const delta = [head, received(1, '1RTT', 1, 9), other, received(0.5, '1RTT', 2, 9)]
  assert.deepEqual(rows(await read(delta.join('\n'))), ['application 1 1000000 9', 'application 2 4000000 9'])
})

test('events as arrays, of the first drafts', async () => {
  const text = JSON.stringify({
    qlog_version: 'draft-01',
    traces: [
      {
        vantage_point: { type: 'client' },
        configuration: { time_units: 'us' },
        event_fields: ['relative_time', 'CATEGORY', 'EVENT_TYPE', 'DATA'],
        events: [
          [
            '10',
            'TRANSPORT',
            'PACKET_RECEIVED',
            { packet_type: '1RTT', header: { packet_number: '4', packet_size: 40 } },
          ],
          ['12', 'TRANSPORT', 'PACKET_SENT', { packet_type: '1RTT', header: { packet_number: '0' } }],
        ],
      },
    ],
  })
  assert.deepEqual(rows(await read(text)), ['client application 4 10000 40'])
})

test('two traces are two flows, and so are connections that share one', async () => {
  const trace = `{"events":[${received(1, '1RTT', 5, 9)}]}`
  assert.deepEqual(rows(await read(`{"qlog_version":"0.3","traces":[${trace},${trace}]}`)), [
    'application 5 1000000 9',
    'trace 2 application 5 1000000 9',
  ])
  const grouped = ['a', 'b'].map((group) => received(1, '1RTT', 5, 9).replace('{', `{"group_id":"${group}",`))
  assert.deepEqual(rows(await read(grouped.join('\n'))), [
    'a application 5 1000000 9',
    'b application 5 1000000 9',
  ])
})

test('a last record that is cut is left out and said', async () => {
  const text = [HEAD, ...EVENTS].join('\n')
  const found = await read(text.slice(0, -10))
  assert.deepEqual(rows(found), EXPECTED)
  assert.deepEqual(found.notes, ['q.qlog:8: the last record is cut - those before are used'])
})

for (const [what, text, message] of [
  ['other JSON', '{"a":1,"traces":5}', /q\.qlog: JSON, but no qlog - give a qlog, a CSV or a capture$/],
  ['an array', '[1,2]', /q\.qlog: JSON, but no qlog/],
  ['a cut document', DOCUMENT.slice(0, -9), /q\.qlog: not JSON, or cut - copy the file again$/],
  [
    'a broken record',
    [HEAD, '{"time"', ...EVENTS].join('\n'),
    /q\.qlog:2: not JSON - give a qlog with an event/,
  ],
  [
    'a sender',
    [HEAD, EVENTS[2]].join('\n'),
    /no received packets with a number among 1 events, only sent ones: give the qlog of the other side$/,
  ],
  ['no packets', [HEAD, EVENTS[1]].join('\n'), /among 1 events - log transport:packet_received$/],
  [
    'a bad number',
    [HEAD, received(1, '1RTT', -1, 9)].join('\n'),
    /q\.qlog:2: packet_number is -1 - expected/,
  ],
  ['a bad time', [HEAD, received('"x"', '1RTT', 1, 9)].join('\n'), /q\.qlog:2: time is "x" - expected milli/],
  [
    'a large document',
    `{"traces":[${' '.repeat(65 << 20)}]}`,
    /q\.qlog: one JSON document of more than 64 MB - make a line of each event: jq -c/,
  ],
  ['a large record', `${HEAD}\n"${'x'.repeat(2 << 20)}"`, /q\.qlog: a record of more than 1 MB - give/],
] as const) {
  test(`${what} is one line`, async () => {
    await assert.rejects(read(text), message)
  })
}
