import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserError } from '../../errors.ts'
import {
  enhancedPacket,
  ethernet,
  ipv4,
  networkInterface,
  pcap,
  readAll,
  section,
  u32,
  udp,
} from './captures.testing.ts'

const frame = ethernet(0x0800, ipv4(17, udp(1, 2, 10)))
const records = [
  { seconds: 1_700_000_000, fraction: 7, frame },
  { seconds: 1_700_000_000, fraction: 999_999, frame },
  { seconds: 4_294_967_295, fraction: 0, frame, originalBytes: 1500 },
]
const micro = [
  '1700000000.000007000 10.0.0.1:1 > 10.0.0.2:2/udp size 38 payload 10 flags 0',
  '1700000000.999999000 10.0.0.1:1 > 10.0.0.2:2/udp size 38 payload 10 flags 0',
  '4294967295.000000000 10.0.0.1:1 > 10.0.0.2:2/udp size 38 payload 10 flags 0',
]
const nano = [
  micro[0]!.replace('000007000', '000000007'),
  micro[1]!.replace('999999000', '000999999'),
  micro[2]!,
]

const variants = [
  { name: 'little-endian microseconds', magic: 0xa1b2c3d4, little: true, recordHeaderBytes: 16, want: micro },
  { name: 'big-endian microseconds', magic: 0xa1b2c3d4, little: false, recordHeaderBytes: 16, want: micro },
  { name: 'little-endian nanoseconds', magic: 0xa1b23c4d, little: true, recordHeaderBytes: 16, want: nano },
  { name: 'big-endian nanoseconds', magic: 0xa1b23c4d, little: false, recordHeaderBytes: 16, want: nano },
  { name: "Kuznetzov's little-endian", magic: 0xa1b2cd34, little: true, recordHeaderBytes: 24, want: micro },
  { name: "Kuznetzov's big-endian", magic: 0xa1b2cd34, little: false, recordHeaderBytes: 24, want: micro },
]
for (const { name, want, ...fields } of variants) {
  test(`a ${name} pcap gives its packets with exact times`, async () => {
    const { packets, reader } = await readAll(pcap(records, fields))
    assert.deepEqual(packets, want)
    assert.equal(reader.stats.wireBytes, 2 * frame.length + 1500)
    assert.equal(reader.stats.cutFrames, 1)
    assert.deepEqual(reader.problems, [])
  })
}

test('a fraction of a second or more is carried to the seconds', async () => {
  const { packets } = await readAll(pcap([{ seconds: 5, fraction: 4_000_000_123, frame }]))
  assert.match(packets[0]!, /^4005\.000123000 /)
})

test('versions before 2.4 may have captured and original length the other way round', async () => {
  for (const minor of [2, 3]) {
    const bytes = pcap([{ frame }, { frame }], { version: [2, minor] })
    // The first record says 1500 bytes captured of frame.length.
    u32(1500, true).copy(bytes, 24 + 8)
    u32(frame.length, true).copy(bytes, 24 + 12)
    const { reader } = await readAll(bytes)
    assert.equal(reader.stats.frames, 2)
    assert.equal(reader.stats.wireBytes, 1500 + frame.length)
  }
})

test('a link type with the length of a frame check sequence above it is still that link type', async () => {
  const { reader } = await readAll(pcap([{ frame }], { linkType: 0x24000001 }))
  assert.deepEqual([...reader.stats.linkTypes], [[1, 1]])
})

test('a version other than 2 and a link type beyond 16 bits are refused', async () => {
  await assert.rejects(readAll(pcap([{ frame }], { version: [512, 1024] })), {
    name: 'UserError',
    message:
      'made.pcap: damaged at byte 0: its header says pcap version 512.1024, not 2.x - copy or record the file again',
  })
  await assert.rejects(readAll(pcap([{ frame }], { linkType: 0x202020 })), /names no link type \(0x202020\)/)
})

test('a record of 2^31 bytes is damage, and the packets before it are used', async () => {
  const bytes = Buffer.concat([
    pcap([{ frame }]),
    u32(1, true),
    u32(0),
    u32(0x80000000, true),
    u32(0x80000000, true),
  ])
  const { packets, reader } = await readAll(bytes)
  assert.equal(packets.length, 1)
  assert.deepEqual(reader.problems, [
    `made.pcap: damaged at byte ${24 + 16 + frame.length}: a record claims 2147483648 bytes, ` +
      'more than the 262144 a frame can have - the frame before it is used',
  ])
})

test('a file that ends within a record gives the packets before it, and says at which byte', async () => {
  const whole = pcap(records)
  const last = 24 + 2 * (16 + frame.length)
  for (const missing of [1, frame.length, frame.length + 15]) {
    const { packets, reader } = await readAll(whole.subarray(0, whole.length - missing))
    assert.deepEqual(packets, micro.slice(0, 2))
    assert.deepEqual(reader.problems, [
      `made.pcap: cut off at byte ${last}, in the last record: the file ends within it - the 2 frames before it are used`,
    ])
  }
})

test('a pcap that ends within its file header is refused', async () => {
  await assert.rejects(readAll(pcap([]).subarray(0, 23)), (error) => {
    assert.ok(error instanceof UserError)
    assert.equal(error.exitCode, 1)
    assert.equal(
      error.message,
      'made.pcap: cut off at byte 23, within the 24-byte file header - copy the file again',
    )
    return true
  })
})

const joined = 'made.pcap: two captures were joined, the second begins at byte'
const kept = 'join them with mergecap - the 3 frames before it are used'
const sectionHeader = section()
const second: readonly (readonly [name: string, bytes: Buffer])[] = [
  ...variants.map(({ name, want, ...fields }) => [name, pcap(records, fields)] as const),
  ['empty little-endian', pcap([])],
  ['pcapng', Buffer.concat([sectionHeader, networkInterface(1), enhancedPacket(0, 1n, frame)])],
]
for (const { name, want, ...fields } of variants) {
  for (const [other, bytes] of second) {
    test(`a ${name} pcap with a ${other} one behind it gives its own packets, and says so`, async () => {
      const own = pcap(records, fields)
      for (const pieceBytes of [1, 65_536]) {
        const { packets, reader } = await readAll(Buffer.concat([own, bytes]), pieceBytes)
        assert.deepEqual(packets, want)
        assert.deepEqual(reader.problems, [`${joined} ${own.length}: ${kept}`])
      }
    })
  }
}

test('a pcap behind a pcapng is no block of it', async () => {
  const own = Buffer.concat([
    sectionHeader,
    networkInterface(1),
    ...[1n, 2n, 3n].map((time) => enhancedPacket(0, time, frame)),
  ])
  for (const { name, want, ...fields } of variants) {
    const { packets, reader } = await readAll(Buffer.concat([own, pcap(records, fields)]))
    assert.equal(packets.length, 3, name)
    assert.deepEqual(reader.problems, [`${joined} ${own.length}: ${kept}`])
  }
})

test('the magic number alone is a time: a second in 2055', async () => {
  const { packets, reader } = await readAll(pcap([{ seconds: 0xa1b2c3d4, fraction: 7, frame }]))
  assert.match(packets[0]!, /^2712847316\.000007000 /)
  assert.deepEqual(reader.problems, [])
})

test('a capture without packets before another one is refused by that', async () => {
  await assert.rejects(readAll(Buffer.concat([pcap([]), pcap(records)])), {
    message:
      'made.pcap: two captures were joined, the second begins at byte 24: join them with mergecap - ' +
      'no packet comes before it; copy or record the file again',
  })
})
