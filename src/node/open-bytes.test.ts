import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { bytesOf, ethernet, ipv4, pcap, readAll, udp } from '../traffic/capture/captures.testing.ts'
import { byteStream } from './open-bytes.ts'

const frame = ethernet(0x0800, ipv4(17, udp(1, 2, 10)))
const many = pcap(Array.from({ length: 20_000 }, (_, seconds) => ({ seconds, frame })))

for (const pieceBytes of [1, 7, 4096, 65_536]) {
  test(`a file that comes in pieces of ${pieceBytes} bytes is read the same`, async () => {
    const bytes = pieceBytes === 1 ? many.subarray(0, 24 + 100 * (16 + frame.length)) : many
    const { packets, reader } = await readAll(bytes, pieceBytes, 1000)
    assert.equal(packets.length, pieceBytes === 1 ? 100 : 20_000)
    assert.ok(packets.every((line, i) => line.startsWith(`${i}.000000000 `)))
    assert.deepEqual(reader.problems, [])
  })
}

test('records lie across the ends of pieces at any offset', async () => {
  // 600,000 bytes are more than one piece of the stream; the filler shifts what follows.
  for (const filler of [1000, 1001, 1002, 1003, 1017]) {
    const records = Array.from({ length: 3000 }, (_, seconds) => ({
      seconds,
      frame: Buffer.concat([frame, Buffer.alloc(150)]),
    }))
    const bytes = pcap([{ frame: Buffer.alloc(filler) }, ...records])
    const { packets } = await readAll(bytes, 1 << 20)
    assert.equal(packets.length, 3000)
    assert.ok(packets.every((line, i) => line.startsWith(`${i}.000000000 `)))
  }
})

test('gzip is decompressed whatever the name says, several members as one', async () => {
  const half = 24 + 10_000 * (16 + frame.length) + 5
  for (const bytes of [
    gzipSync(many),
    Buffer.concat([gzipSync(many.subarray(0, half)), gzipSync(many.subarray(half))]),
  ]) {
    const { packets, reader } = await readAll(bytes, 1000, 16_384)
    assert.equal(packets.length, 20_000)
    assert.deepEqual(reader.problems, [])
  }
})

test('gzip that ends early gives the packets before, and one line says so', async () => {
  const bytes = gzipSync(many)
  const { packets, reader } = await readAll(bytes.subarray(0, Math.floor(bytes.length / 2)), 1000)
  assert.ok(packets.length > 5000 && packets.length < 15_000)
  assert.equal(reader.problems.length, 1)
  assert.match(
    reader.problems[0]!,
    /^made.pcap: cut off at byte \d+ of the decompressed data, in the last record: the gzip data is damaged \(unexpected end of file\) - the [\d,]+ frames before it are used$/,
  )
})

test('a wrong checksum at the end of gzip is said, and all but the last piece is used', async () => {
  const bytes = gzipSync(many)
  bytes[bytes.length - 6]! ^= 255
  const { packets, reader } = await readAll(bytes)
  assert.ok(packets.length > 18_000)
  assert.match(reader.problems[0]!, /the gzip data is damaged \(incorrect data check\)/)
})

test('a source that fails gives what came before', async () => {
  const source = bytesOf(many, 1000)
  let reads = 0
  const failing = {
    ...source,
    read: async (target: Uint8Array, at: number, length: number) => {
      if (++reads > 3) throw new Error('EIO: i/o error, read')
      return source.read(target, at, length)
    },
  }
  const stream = await byteStream(failing)
  assert.equal(await stream.ensure(3000), true)
  assert.equal(await stream.ensure(3001), false)
  assert.equal(stream.failure, 'EIO: i/o error, read')
  assert.equal(stream.endOffset, 3000)
  await stream.close()
})
