/**
 * Questions of people who do this job, as they were found beside the repository, if they are there: a small
 * input each, and the right values by key. The table says which command answers a key, and where.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { runProgram, withOneJob } from './cli/run-program.testing.ts'
import { sharedPath, skipWithout } from './shared.testing.ts'

const FIELD = 'cases/field'
const out = mkdtempSync(path.join(tmpdir(), 'lanewise-field-'))
after(() => rmSync(out, { recursive: true, force: true }))

/** What a command has left to look at. */
interface Answer {
  readonly exitCode: number
  readonly stderr: string
  /** report.json, or what went to stdout as JSON. */
  readonly json: unknown
  /** Rows of the trace, by column. */
  readonly trace: readonly Readonly<Record<string, string>>[]
}
type Look = (answer: Answer) => unknown

const at =
  (...names: readonly (string | number)[]): Look =>
  ({ json }) =>
    names.reduce((value: unknown, name) => (value as Record<string, unknown> | null)?.[name], json)
const metric = (name: string, of: 'mean' | 'count' | 'of' = 'mean') => at('records', 0, 'metrics', name, of)
const packets = (name: string) => at('packets', name)
const distinct = (values: readonly unknown[]) => new Set(values).size
const lanes: Look = ({ trace }) => distinct(trace.map(({ lane }) => lane))
const lane: Look = ({ trace }) => Number(trace[0]!.lane)

const ORDER = {
  sent: packets('sent'),
  sentSegments: packets('sent'),
  arrived: packets('arrived'),
  lost: packets('lost'),
  corrupted: packets('corrupted'),
  reordered: metric('reorderedRatio', 'count'),
  of: metric('reorderedRatio', 'of'),
  extentMax: metric('extentMax'),
  'iperf3.outOfOrder': metric('iperf3.outOfOrder'),
  lateTimeMaxMs: (answer: Answer) => Number((Number(metric('lateTimeNsMax')(answer)) / 1e6).toFixed(3)),
  gateExit: ({ exitCode }: Answer) => exitCode,
} satisfies Record<string, Look>
const INSPECTED = {
  packets: at('packets'),
  flows: at('flows'),
  innerFlows: at('innerFlows'),
  outerFlows: at('outerFlows'),
  durationNs: at('durationNs'),
} satisfies Record<string, Look>

/** A datagram's fragments follow each other: which have the first on another lane than the second. */
const splitDatagrams: Look = ({ trace }) => {
  const lanesOf = new Map<string, string>()
  let split = 0
  for (const row of trace) {
    const index = Number(row.index)
    const key = `${row.run} ${Math.floor(index / 3)}`
    if (index % 3 === 0) lanesOf.set(key, row.lane!)
    if (index % 3 === 1 && lanesOf.get(key) !== row.lane) split++
  }
  return split
}

const BOTH = 'measure --sent sent.pcap --received received.pcap -q'
const MLX5 = '2cc681d15bdbf4f7fca28319db1a3e946b9e38d92c9c03d1ad9944a7d9563d59063c25f3fc1fdc2a'
const TUN = (file: string) => `compare ${file} -p linux-tun -r 1 --trace t.csv -q`
const RSS = (udp: string) =>
  `compare one-flow.pcap -p rss:key=${MLX5},udp=${udp} --set lanes.count=8 -r 1 --trace t.csv -q`

/** Per case: each command, and where its keys are found. A key may have a path within expected.json. */
const CASES: Readonly<
  Record<string, readonly (readonly [words: string, looks: Readonly<Record<string, Look>>])[]>
> = {
  '01-tso-small-superframes': [[BOTH, ORDER]],
  '02-gro-receiver-no-hint': [[BOTH, ORDER]],
  '05-fragmented-on-the-way': [[BOTH, ORDER]],
  '06-wireguard-counter': [['measure received.pcap -q', ORDER]],
  '08-openvpn-packet-id': [['measure received.pcap -q', ORDER]],
  '10-iperf3-udp-payload': [['measure received.pcap -q', ORDER]],
  '12-linux-tun-fragments': [
    [TUN('fragments.pcap'), { splitDatagrams, of: ({ trace }) => trace.length / 3 }],
  ],
  '13-linux-tun-esp-and-gre': [
    [TUN('esp.pcap'), { 'esp.lanes': lanes }],
    [TUN('gre.pcap'), { 'gre.lanes': lanes }],
  ],
  '16-inner-flows-of-vxlan-and-gtp': [
    ['inspect -f json vxlan.pcap', INSPECTED],
    ['inspect -f json gtpu.pcap', INSPECTED],
  ],
  '17-rss-key-and-udp-fields': [
    [RSS('4-tuple'), { 'mlx5 key, 4-tuple/queue of 8': lane }],
    [RSS('2-tuple'), { 'mlx5 key, addresses/queue of 8': lane }],
  ],
  '18-two-esp-sas': [[BOTH, ORDER]],
  '20-rotated-captures-last-wins': [
    ['measure --sent sent.pcap0 --sent sent.pcap1 --received received.pcap -q', ORDER],
  ],
  '21-compare-rotated': [['inspect -f json cap.pcap0 cap.pcap1', INSPECTED]],
  '22-two-interfaces-in-one-pcapng': [['measure both.pcapng -q', ORDER]],
  '24-nflog': [['inspect -f json nflog.pcap', INSPECTED]],
  '26-other-links-with-ip': [
    'ppp-hdlc50',
    'pppoe51',
    'ppi-ethernet192',
    'ipoib242',
    'openbsd-enc109',
    'frame-relay107',
  ].map((name) => [`inspect -f json ${name}.pcap`, { [name]: INSPECTED.packets }] as const),
  '28-wrap-without-sequence-bits': [['measure rtp.csv -q', { ...ORDER, orHint: () => '--sequence-bits 16' }]],
  // Refused, with the name that the columns should have; by which it is read.
  '29-seconds-in-a-nanosecond-column': [
    ['measure arrivals.csv --max-late-time 1ms', { gateExit: ORDER.gateExit }],
    ['measure arrivals.csv --map sentS=sentNs,receivedS=receivedNs --max-late-time 1ms', ORDER],
  ],
  '30-tshark-field-names': [['measure wg.csv -q', ORDER]],
  '31-cat-of-two-pcaps': [['inspect -f json joined.pcap', INSPECTED]],
  '32-zstd-lz4': [
    ['inspect -f json c.pcap.zst', INSPECTED],
    ['inspect -f json c.pcap.lz4', INSPECTED],
  ],
  '33-firewall-rewrites-tcp-numbers': [[BOTH, ORDER]],
  '34-owping-raw': [['measure owping-raw.txt -q', ORDER]],
}

async function answer(words: string, folder: string): Promise<Answer> {
  const results = path.join(out, 'r')
  const trace = path.join(out, 't.csv')
  const isInspection = words.startsWith('inspect')
  const argv = withOneJob(words)
    .map((word) =>
      word === 't.csv' ? trace : existsSync(path.join(folder, word)) ? path.join(folder, word) : word,
    )
    .filter((word, i, all) => (!words.startsWith('compare') ? word !== '-j' && all[i - 1] !== '-j' : true))
  rmSync(results, { recursive: true, force: true })
  const { exitCode, stdout, stderr } = await runProgram(isInspection ? argv : [...argv, '-o', results])
  const report = path.join(results, 'report.json')
  const text = isInspection ? stdout : existsSync(report) ? readFileSync(report, 'utf8') : 'null'
  return {
    exitCode,
    stderr,
    json: JSON.parse(text === '' ? 'null' : text),
    trace: words.includes('--trace') && exitCode === 0 ? rowsOf(readFileSync(trace, 'utf8')) : [],
  }
}

function rowsOf(csv: string): Record<string, string>[] {
  const [head, ...rows] = csv
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(/"[^"]*"/g, 'quoted').split(','))
  return rows.map((cells) => Object.fromEntries(head!.map((name, i) => [name, cells[i]!])))
}

for (const [name, commands] of Object.entries(CASES)) {
  const folder = sharedPath(`${FIELD}/${name}`)
  test(name, { skip: skipWithout(`${FIELD}/${name}`) }, async () => {
    const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8'))
    const isLooked = new Set<string>()
    for (const [words, looks] of commands) {
      const found = await answer(words, folder)
      for (const [key, look] of Object.entries(looks)) {
        const names = key in expected ? [key] : key.split('/')
        const right = names.reduce((value, one) => value?.[one], expected)
        if (right === undefined) continue
        isLooked.add(names[0]!)
        assert.deepEqual(look(found), right, `${words}: ${key}, ${found.stderr}`)
      }
    }
    assert.deepEqual(
      Object.keys(expected).filter((key) => !isLooked.has(key)),
      [],
    )
  })
}
