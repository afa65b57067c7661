/** One inspection in all formats: widths, words, and that the formats agree. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspectCapture } from '../../measure/inspect/inspect.ts'
import type { Inspection } from '../../measure/inspect/inspection.ts'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { captureOf } from '../../node/open-capture.ts'
import {
  bytesOf,
  ethernet,
  hex,
  ipv4,
  ipv6,
  type MadeRecord,
  pcap,
  udp,
} from '../../traffic/capture/captures.testing.ts'
import { inspectionCsv, inspectionJson, inspectionMarkdown } from './inspection-formats.ts'
import { inspectionTable } from './inspection-table.ts'

async function made(records: readonly MadeRecord[]): Promise<Inspection> {
  const bytes = bytesOf(pcap(records, { magic: 0xa1b23c4d }))
  return inspectCapture(await captureOf(bytes, 'dir_1/made|up.pcap', new FlowTable()), false)
}

const start = 1_700_000_000
const packet = ethernet(0x0800, ipv4(17, udp(1, 2, 1000)))
const plain = await made([
  { seconds: start, frame: packet },
  { seconds: start, fraction: 500_000, frame: packet },
  { seconds: start + 2, frame: packet },
])
const rich = await made([
  { seconds: start, frame: ethernet(0x0800, ipv4(17, Buffer.alloc(100), { fragment: 0x00b9 })) },
  { seconds: start, frame: ethernet(0x86dd, ipv6(17, udp(40_000, 50_000, 10))), originalBytes: 1000 },
  { seconds: start + 90_000, fraction: 7, frame: ethernet(0x0806, hex('00')) },
  { seconds: start - 1, frame: packet },
])
const table = (found: Inspection, width = 80) => inspectionTable(found, { width, colour: false })

test('the table of a plain capture', () => {
  assert.equal(
    table(plain),
    `dir_1/made|up.pcap
  time       2023-11-14T22:13:20.000000000Z to 22:13:22.000000000Z, 2 s
  packets    3 IP packets, 3.08 kB (IPv4 3, UDP 3)
  frames     3, Ethernet (link type 1), 3.13 kB on the wire
  flows      1 in one direction each, 1 conversation, 1 3-tuple, 1 address pair

  rate               mean  busiest 1 s  busiest 10 ms
  packets           1.5/s          2/s          200/s
  bits of IP  12.3 kbit/s  16.4 kbit/s    1.64 Mbit/s

                             p50  p90  p99  max
  packets of a flow            3    3    3    3
  lifetime of a flow         2 s  2 s  2 s  2 s
  gap in a flow           500 us  2 s  2 s  2 s
  gap in an address pair  500 us  2 s  2 s  2 s

  flows active within           1 ms  10 ms  100 ms
  mean where there are packets     1      1       1
  max                              1      1       1

  gaps that a TTL would cut  1 ms  10 ms  100 ms  1 s  5 s  30 s
  in a flow (5-tuple)         50%    50%     50%  50%   0%    0%
  in an address pair          50%    50%     50%  50%   0%    0%

  packets  share    bytes  lasts  largest flows
        3   100%  3.08 kB    2 s  10.0.0.1:1 > 10.0.0.2:2/udp
`,
  )
})

test('what was left out, cut, in pieces or out of order is said, nothing else', () => {
  const text = table(rich)
  assert.match(text, /to 2023-11-15T23:13:20\.000000007Z,\n +25 h\n/)
  assert.match(text, /\n {2}frames {5}4, .* captured \(1\n +frame cut short\)\n/)
  assert.match(text, /\n {2}left out {3}1 frame without IP\n/)
  assert.match(text, /\n {2}order {6}1 frame earlier than the one before; 1 frame with the time of the$/m)
  assert.match(text, /\n {2}fragments {2}1, 1 of them without ports \(/)
  assert.doesNotMatch(table(plain), /left out|order|fragments|captured/)
})

test('no line is wider than the terminal, from 70 columns on, and long names wrap', () => {
  for (const width of [70, 80, 120]) {
    for (const found of [plain, rich]) {
      for (const line of table(found, width).split('\n')) assert.ok(line.length <= width, `${width}: ${line}`)
    }
  }
  assert.match(table(rich, 60), /\[2001:db8::1\]:40000 >\n +\[2001:db8::2\]:50000\/udp\n/)
})

test('headings are bold on a terminal with colours', () => {
  const coloured = inspectionTable(plain, { width: 80, colour: true })
  assert.ok(coloured.startsWith('\u001b[1mdir_1/made|up.pcap\u001b[22m\n'))
})

test('JSON is one line with every field, and reads back as it was', () => {
  const text = inspectionJson(rich)
  assert.equal(text.indexOf('\n'), text.length - 1)
  assert.deepEqual(JSON.parse(text), rich)
  assert.equal(JSON.parse(text).schemaVersion, 1)
})

test('CSV is one row under names as in JSON; unknown is empty', async () => {
  const alone = await made([{ seconds: start, frame: packet }])
  const [header, row, end] = inspectionCsv(alone, true).split('\n')
  const names = header!.split(',')
  const cells = row!.split(',')
  assert.equal(end, '')
  assert.equal(names.length, cells.length)
  const value = (name: string) => cells[names.indexOf(name)]
  assert.equal(value('capture'), 'dir_1/made|up.pcap')
  assert.equal(value('packets'), '1')
  assert.equal(value('sorted'), 'false')
  assert.equal(value('ratePpsMean'), '')
  assert.equal(value('linkTypes'), 'Ethernet (link type 1): 1')
  assert.equal(value('largestFlow'), '10.0.0.1:1 > 10.0.0.2:2/udp')
  assert.equal(value('largestFlowPacketsRatio'), '1')
  assert.equal(value('problems'), '0')
  assert.deepEqual(
    Object.keys(alone).filter((name) => !names.includes(name)),
    ['largestFlows'],
  )
  assert.equal(inspectionCsv(alone, false), `${row}\n`)
})

test('markdown has the same facts and tables, with nothing in a name taken for markup', () => {
  const text = inspectionMarkdown(plain)
  assert.ok(text.startsWith('**dir\\_1/made\\|up.pcap**\n\n- time: 2023-11-14T22:13:20'))
  assert.match(text, /\n\| rate \| mean \| busiest 1 s \| busiest 10 ms \|\n\| --- \| --: \| --: \| --: \|\n/)
  assert.match(text, /\n\| 10\.0\.0\.1:1 \\> 10\.0\.0\.2:2\/udp \| 3 \| 100% \| 3\.08 kB \| 2 s \|\n$/)
})
