/** Several files as one capture: in which order, with what counts, and when they are one by themselves. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { byteStream } from '../../node/open-bytes.ts'
import { whyApart } from './capture-range.ts'
import { bytesOf, ethernet, ipv4, pcap, udp } from './captures.testing.ts'
import { packetColumns } from './columns.ts'
import { joinedCapture } from './joined-reader.ts'

const frame = (port: number) => ethernet(0x0800, ipv4(17, udp(port, 9, 10)))
/** A file with packets at these microseconds; the time is the source port. */
const file = (...times: number[]) =>
  pcap(
    times.map((time) => ({
      seconds: 1000 + Math.floor(time / 1e6),
      fraction: time % 1e6,
      frame: frame(time % 1e6),
    })),
  )

const opener = (files: Readonly<Record<string, Uint8Array>>) => (path: string) =>
  byteStream(bytesOf(files[path]!, 100))
const named = (files: object) => Object.keys(files).map((path) => ({ path, name: `${path}.pcap` }))

async function read(files: Readonly<Record<string, Uint8Array>>, capacity = 2) {
  const reader = await joinedCapture(named(files), new FlowTable(), opener(files))
  const columns = packetColumns(capacity)
  const ports: number[] = []
  const counts: number[] = []
  while ((await reader.read(columns)) > 0) {
    counts.push(columns.count)
    for (let row = 0; row < columns.count; row++) ports.push(reader.flows.sourcePort[columns.flow[row]!]!)
  }
  await reader.close()
  return { ports, counts, stats: reader.stats, problems: reader.problems, name: reader.name }
}

test('files follow each other by their first times, and all reads but the last are whole', async () => {
  const { ports, counts, name } = await read({ b: file(4, 5, 6), c: file(7), a: file(1, 2, 3) })
  assert.deepEqual(ports, [1, 2, 3, 4, 5, 6, 7])
  assert.deepEqual(counts, [2, 2, 2, 1])
  assert.equal(name, 'a.pcap (3 files as one capture)')
})

test('counts are those of one file, times across the seams too', async () => {
  const times = [1, 3, 2, 5, 5, 5, 9, 8]
  const whole = await read({ all: file(...times) })
  const parts = { c: file(9, 8), b: file(5, 5, 9), a: file(1, 3, 2, 5) }
  const { stats, ports } = await read({ ...parts, b: file(5, 5), c: file(9, 8) })
  assert.deepEqual(ports, times)
  assert.deepEqual(stats, whole.stats)
  assert.deepEqual([stats.backwardTimes, stats.equalTimes, stats.frames], [2, 2, 8])
})

test('what is wrong with a file is said by its name; only a capture without any packet fails', async () => {
  const cut = file(4, 5, 6)
  const found = await read({ a: file(1, 2), empty: file(), cut: cut.subarray(0, cut.length - 1) })
  assert.deepEqual(found.ports, [1, 2, 4, 5])
  assert.equal(found.problems.length, 2)
  assert.match(found.problems[0]!, /^cut\.pcap: cut off at byte \d+, in the last record: .* 2 frames before/)
  assert.match(found.problems[1]!, /^empty\.pcap: the capture holds no packets - /)
  await assert.rejects(read({ a: file(), b: file() }), {
    lines: ['a', 'b'].map(
      (name) =>
        `${name}.pcap: the capture holds no packets - record it again, with a wider filter or for longer`,
    ),
  })
  await assert.rejects(read({ a: file(1), text: Buffer.from('no capture') }), /text\.pcap: not a capture/)
})

const cases: ReadonlyArray<[what: string, files: Record<string, Uint8Array>, why: RegExp | undefined]> = [
  ['a ring', { b: file(3, 4), a: file(1, 2), c: file(5) }, undefined],
  ['a packet on the seam', { a: file(1, 2), b: file(2, 3) }, undefined],
  ['an empty file beside', { a: file(1, 2), b: file(), c: file(3) }, undefined],
  ['a minute between', { a: file(1, 2), b: file(60_000_002) }, undefined],
  [
    'more than a minute between',
    { b: file(60_000_003), a: file(1, 2) },
    /^between a\.pcap and b\.pcap is a gap of more than 60 s$/,
  ],
  ['one within the other', { a: file(1, 9), b: file(2, 3) }, /^a\.pcap and b\.pcap overlap in time$/],
  ['the same twice', { a: file(1, 2), b: file(1, 2) }, /overlap/],
  ['the same packet twice', { a: file(1), b: file(1) }, /overlap/],
  ['times that go back into the one before', { a: file(1, 5), b: file(6, 4) }, /overlap/],
  [
    'another link type',
    { a: file(1), b: pcap([{ seconds: 2000, fraction: 0, frame: frame(1) }], { linkType: 101 }) },
    /^a\.pcap is of Ethernet .* with snap length [\d,]+, b\.pcap of .*101\) with snap length [\d,]+$/,
  ],
]
for (const [what, files, why] of cases) {
  test(`${what}: ${why === undefined ? 'one capture' : 'separate'}`, async () => {
    const found = await whyApart(named(files), opener(files))
    if (why === undefined) assert.equal(found, undefined)
    else assert.match(found!, why)
  })
}

test('another snap length keeps files apart', async () => {
  const short = file(3)
  short.writeUInt32LE(96, 16)
  assert.match((await whyApart(named({ a: 1, b: 2 }), opener({ a: file(1), b: short })))!, /snap length 96$/)
})
