import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { UserError } from '../../errors.ts'
import { openCapture } from '../../node/open-capture.ts'
import {
  enhancedPacket,
  ethernet,
  hex,
  ipv4,
  networkInterface,
  pcap,
  readAll,
  section,
  udp,
} from './captures.testing.ts'
import { packetColumns } from './columns.ts'

const frame = ethernet(0x0800, ipv4(17, udp(1, 2, 10)))
const arp = ethernet(0x0806, Buffer.alloc(28))

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lanewise-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The one line that refusing these bytes gives. */
async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await readAll(bytes)
  } catch (error) {
    assert.ok(error instanceof UserError, String(error))
    assert.equal(error.exitCode, 1)
    assert.equal(error.lines.length, 1)
    assert.doesNotMatch(error.message, /\n/)
    return error.message
  }
  return assert.fail('the capture was read')
}

test('a file is read in columns, again after it was closed', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'three.pcap')
    await writeFile(path, pcap([0, 1, 2].map((seconds) => ({ seconds, frame }))))
    for (const _ of [1, 2]) {
      const reader = await openCapture(path)
      const columns = packetColumns(2)
      assert.equal(await reader.read(columns), 2)
      assert.deepEqual([...columns.seconds], [0, 1])
      assert.equal(await reader.read(columns), 1)
      assert.equal(columns.seconds[0], 2)
      assert.equal(await reader.read(columns), 0)
      assert.equal(await reader.read(columns), 0)
      await reader.close()
      await reader.close()
    }
  }))

test('a missing file and a directory are refused with one line each', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'missing.pcap')
    await assert.rejects(openCapture(path), {
      name: 'UserError',
      message: `${path}: no such file - check the path`,
    })
    await assert.rejects(openCapture(folder), {
      name: 'UserError',
      message: `${folder}: this is a directory - name one capture file in it`,
    })
  }))

const refused: readonly (readonly [name: string, bytes: Uint8Array, message: string])[] = [
  ['an empty file', Buffer.alloc(0), 'the file is empty - give a pcap or pcapng file'],
  ['three bytes', hex('d4c3b2'), '3 bytes are too few for a capture - give a pcap or pcapng file'],
  [
    'a text file',
    Buffer.from('hello world'),
    'not a capture (it begins with 68656c6c) - give a pcap or pcapng file, plain or compressed',
  ],
  [
    'gzip in gzip',
    gzipSync(gzipSync(pcap([{ frame }]))),
    'this is gzip inside of what was decompressed - decompress it once: gunzip',
  ],
  [
    'zstd in gzip',
    gzipSync(hex('28b52ffd 00000000')),
    'this is zstd inside of what was decompressed - decompress it once: zstd -d',
  ],
  ['a zip archive', hex('504b0304 00000000'), 'this is a zip archive - unpack it first: unzip'],
  [
    'a capture without packets',
    pcap([]),
    'the capture holds no packets - record it again, with a wider filter or for longer',
  ],
  [
    '802.11',
    pcap([{ frame }, { frame }], { linkType: 105 }),
    'all 2 frames are 802.11 (link type 105), which lanewise does not read - capture on an Ethernet, tun or "any" interface',
  ],
  [
    'a capture of ARP and a cut IP header',
    pcap([{ frame: arp }, { frame: arp }, { frame: frame.subarray(0, 30) }]),
    'no usable IP packet in 3 frames (2 without IP, 1 with a cut or damaged IP header) - capture on an Ethernet, tun or "any" interface',
  ],
]
for (const [name, bytes, message] of refused) {
  test(`${name} is refused with one line that says why`, async () => {
    assert.equal(await refusal(bytes), `made.pcap: ${message}`)
  })
}

test('damage before any usable packet is part of the refusal', async () => {
  const bytes = pcap([{ frame: arp }, { frame }])
  assert.equal(
    await refusal(bytes.subarray(0, bytes.length - 1)),
    `made.pcap: cut off at byte ${24 + 16 + arp.length}, in the last record: the file ends within it; ` +
      'no usable IP packet in 1 frame (1 without IP) - capture on an Ethernet, tun or "any" interface',
  )
})

test('frames of a link type that is not read are left out, and one line says so', async () => {
  const { packets, reader } = await readAll(
    Buffer.concat([
      section(),
      networkInterface(1),
      networkInterface(189),
      enhancedPacket(0, 0n, frame),
      enhancedPacket(1, 1n, frame),
      enhancedPacket(0, 2n, arp),
    ]),
  )
  assert.equal(packets.length, 1)
  assert.deepEqual(reader.problems, [
    'made.pcap: 1 of 3 frames are USB (Linux) (link type 189), which lanewise does not read - they are left out',
  ])
  assert.equal(reader.stats.unreadFrames, 1)
  assert.equal(reader.stats.framesWithoutIp, 1)
})

test('times are kept in file order, and steps back are counted', async () => {
  const times = [5, 7, 6, 6, 9, 1]
  const { packets, reader } = await readAll(pcap(times.map((seconds) => ({ seconds, fraction: 3, frame }))))
  assert.deepEqual(
    packets.map((line) => Number.parseInt(line, 10)),
    times,
  )
  const { stats } = reader
  assert.equal(stats.backwardTimes, 2)
  const all = [stats.first, stats.last, stats.earliest, stats.latest]
  assert.deepEqual(
    all,
    [5, 1, 1, 9].map((seconds) => ({ seconds, nanoseconds: 3000 })),
  )
})

test('a wire length beyond any packet is taken for 1 MiB', async () => {
  const zeroLength = ethernet(0x0800, ipv4(17, udp(1, 2, 10), { totalBytes: 0 }))
  const { packets } = await readAll(pcap([{ frame: zeroLength, originalBytes: 0xffffffff }]))
  assert.match(packets[0]!, / size 1048562 payload 1048534 /)
})
