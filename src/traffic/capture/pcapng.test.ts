import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  block,
  enhancedPacket,
  ethernet,
  ipv4,
  networkInterface,
  readAll,
  section,
  u16,
  u32,
  udp,
} from './captures.testing.ts'

const frame = ethernet(0x0800, ipv4(17, udp(1, 2, 10)))
const time = (line: string | undefined) => line?.split(' ')[0]

for (const little of [true, false]) {
  test(`enhanced, obsolete and simple packets of a ${little ? 'little' : 'big'}-endian section`, async () => {
    const words = (...values: number[]) => Buffer.concat(values.map((value) => u32(value, little)))
    const obsolete = Buffer.concat([
      u16(0, little),
      u16(9, little),
      words(0x5f5e1, 0x00000005, frame.length, 1500),
      frame,
    ])
    const { packets, reader } = await readAll(
      Buffer.concat([
        section(little),
        networkInterface(1, [], little),
        block(3, Buffer.concat([words(frame.length), frame]), little),
        enhancedPacket(0, 1_700_000_000_000_007n, frame, little),
        block(2, obsolete, little),
        block(3, Buffer.concat([words(frame.length), frame]), little),
      ]),
    )
    const second = (0x5f5e1n * 0x1_0000_0000n + 5n) / 1_000_000n
    const micro = (0x5f5e1n * 0x1_0000_0000n + 5n) % 1_000_000n
    const third = `${second}.${String(micro * 1000n).padStart(9, '0')}`
    // An untimed packet has the time of the frame before; the first one has 0.
    assert.deepEqual(packets.map(time), ['0.000000000', '1700000000.000007000', third, third])
    assert.equal(reader.stats.timedFrames, 2)
    assert.equal(reader.stats.wireBytes, 3 * frame.length + 1500)
  })
}

test('each interface has its own link type, resolution and offset', async () => {
  const offset = Buffer.alloc(8)
  offset.writeBigInt64LE(-3600n)
  const { packets, reader } = await readAll(
    Buffer.concat([
      section(),
      networkInterface(1, [[9, Buffer.from([9])]]),
      networkInterface(101, [
        [2, Buffer.from('eth0')],
        [9, Buffer.from([0x80 | 10])],
        [14, offset],
      ]),
      networkInterface(1),
      enhancedPacket(0, 1_700_000_000_123_456_789n, frame),
      enhancedPacket(1, 7200n * 1024n + 513n, frame.subarray(14)),
      enhancedPacket(2, 1_000_001n, frame),
    ]),
  )
  assert.deepEqual(packets.map(time), ['1700000000.123456789', '3600.500976562', '1.000001000'])
  assert.deepEqual(
    [...reader.stats.linkTypes],
    [
      [1, 2],
      [101, 1],
    ],
  )
})

test('a new section may have the other byte order and forgets the interfaces', async () => {
  const { packets, reader } = await readAll(
    Buffer.concat([
      section(true),
      networkInterface(1),
      enhancedPacket(0, 1n, frame),
      section(false),
      networkInterface(101, [], false),
      enhancedPacket(0, 2n, frame.subarray(14), false),
      section(true),
      enhancedPacket(0, 3n, frame),
    ]),
  )
  assert.equal(packets.length, 2)
  assert.match(
    reader.problems[0]!,
    /damaged at byte \d+: a packet names interface 0, its section has 0 - the 2 frames/,
  )
})

test('unknown and custom blocks are skipped, also those larger than any buffer', async () => {
  const { packets, reader } = await readAll(
    Buffer.concat([
      section(),
      block(0x0bad, Buffer.alloc(40)),
      networkInterface(1),
      block(5, Buffer.alloc(8)),
      enhancedPacket(0, 1n, frame),
      block(0x40000bad, Buffer.alloc(3_000_000)),
      enhancedPacket(0, 2n, frame),
    ]),
  )
  assert.deepEqual(packets.map(time), ['0.000001000', '0.000002000'])
  assert.deepEqual(reader.problems, [])
})

test('a simple packet is cut at the snaplen of interface 0', async () => {
  const { reader } = await readAll(
    Buffer.concat([
      section(),
      networkInterface(1, [], true, 44),
      block(3, Buffer.concat([u32(1500, true), frame.subarray(0, 44)])),
    ]),
  )
  assert.equal(reader.stats.capturedBytes, 44)
  assert.equal(reader.stats.wireBytes, 1500)
})

const good = Buffer.concat([section(), networkInterface(1), enhancedPacket(0, 1n, frame)])
const blockWithLength = (length: number) => Buffer.concat([u32(6, true), u32(length, true), Buffer.alloc(40)])
const twoLengths = enhancedPacket(0, 2n, frame)
twoLengths.writeUInt32LE(64, twoLengths.length - 4)
const tooLong = enhancedPacket(0, 2n, frame)
tooLong.writeUInt32LE(frame.length + 100, 20)
const damages: readonly (readonly [name: string, bytes: Buffer, message: RegExp])[] = [
  ['a block length of 0', blockWithLength(0), /a block of type 6 has length 0, the least is 32/],
  [
    'a block of 2^31 bytes',
    blockWithLength(0x80000000),
    /a block of type 6 claims 2147483648 bytes, too many/,
  ],
  ['two different block lengths', twoLengths, /a block of type 6 has two different lengths/],
  ['a packet longer than its block', tooLong, /a packet claims 152 bytes, its block has 52/],
  ['an unknown interface', enhancedPacket(5, 2n, frame), /a packet names interface 5, its section has 1/],
  [
    'an option longer than its block',
    networkInterface(1, [[2, u32(0)]]).fill(255, 18, 20),
    /option 2 claims 65535/,
  ],
  ['a byte-order mark that is none', section().fill(7, 8, 12), /no valid byte-order mark \(0x7070707\)/],
  ['version 2', section().fill(2, 12, 13), /a section has pcapng version 2, not 1/],
]
for (const [name, bytes, message] of damages) {
  test(`${name} is damage; the packet before it is used`, async () => {
    const { packets, reader } = await readAll(Buffer.concat([good, bytes]))
    assert.equal(packets.length, 1)
    assert.equal(reader.problems.length, 1)
    assert.match(reader.problems[0]!, message)
    assert.match(
      reader.problems[0]!,
      new RegExp(`^made.pcap: damaged at byte ${good.length}: .* - the frame before`),
    )
  })
}

test('a file cut within a block that is skipped says where it ends', async () => {
  const bytes = Buffer.concat([good, block(0x0bad, Buffer.alloc(4000))])
  const { reader } = await readAll(bytes.subarray(0, bytes.length - 100))
  assert.match(
    reader.problems[0]!,
    new RegExp(`: cut off at byte ${bytes.length - 100}: the file ends within it`),
  )
})
