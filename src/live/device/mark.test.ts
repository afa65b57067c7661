import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { CaptureWriter } from '../../node/pcap-writer.ts'
import { ipv4, ipv6, tcp, udp } from '../../traffic/capture/captures.testing.ts'
import { IpHeaders, readIp } from '../../traffic/capture/ip.ts'
import { markCases as cases, extension, marked, summed } from './mark.testing.ts'
import { MarkPlace, PADDING_BYTES_MAX, prepareMark, readMark, writeMark } from './mark.ts'

const RUN = 0xdeadbeef

/** The Internet checksum as RFC 1071 states it, word by word with end-around carry: 0 when it is right. */
function checksum(...parts: readonly Buffer[]): number {
  const bytes = Buffer.concat(parts)
  let total = 0
  for (let i = 0; i < bytes.length; i += 2) {
    total += bytes[i]! * 256 + (bytes[i + 1] ?? 0)
    if (total > 0xffff) total = total - 0x10000 + 1
  }
  return 0xffff - total
}

/** Addresses, length and protocol that the transport checksum covers too. */
function pseudoHeader(packet: Buffer, transportAt: number, protocol: number): Buffer {
  const tail = Buffer.alloc(8)
  tail.writeUInt32BE(packet.length - transportAt, 0)
  tail.writeUInt32BE(protocol, 4)
  const isIpv6 = packet[0]! >>> 4 === 6
  return Buffer.concat([packet.subarray(isIpv6 ? 8 : 12, isIpv6 ? 40 : 20), tail])
}

for (const one of cases) {
  test(`${one.name}: marked, read back, lengths and checksums right`, () => {
    const { place, result, bytes, at } = marked(one, RUN, 0x01020304)
    assert.equal(place.markAt, one.markAt)
    assert.equal(place.paddedBytes, one.paddedBytes ?? 0)
    assert.equal(result.length, one.packet.length + place.paddedBytes)
    assert.equal(result.subarray(one.markAt, one.markAt + 8).toString('hex'), 'deadbeef01020304')
    assert.equal(readMark(bytes, at, result.length, RUN), 0x01020304)
    assert.equal(readMark(bytes, at, result.length, RUN + 1), -1)
    // The reader of captures agrees about all that a policy sees, and about the new length.
    const [before, after] = [headersOf(one.packet), headersOf(result)]
    const growth = after.headers.payloadBytes - before.headers.payloadBytes
    const isCounted = [6, 17].includes(before.headers.protocol) && !before.headers.isLaterFragment
    assert.equal(growth, isCounted ? place.paddedBytes : 0)
    const { sizeBytes, payloadBytes } = before.headers
    assert.deepEqual({ ...after.headers, sizeBytes, payloadBytes }, { ...before.headers })
    assert.equal(after.headers.sizeBytes, result.length)
    assert.deepEqual(after.key, before.key)

    if (result[0]! >>> 4 === 4) {
      assert.equal(result.readUInt16BE(2), result.length)
      assert.equal(checksum(result.subarray(0, (result[0]! & 15) * 4)), 0)
    } else assert.equal(result.readUInt16BE(4), result.length - 40)
    const { protocol, transportAt, isFragment } = after.headers
    if (protocol === 17 && !isFragment) {
      assert.equal(result.readUInt16BE(transportAt + 4), result.length - transportAt)
    }
    if (one.checksumAt === undefined) assert.equal(place.checksumAt, -1)
    else {
      assert.equal(place.checksumAt, one.checksumAt)
      const transport = result.subarray(transportAt)
      const covered = protocol === 1 ? [] : [pseudoHeader(result, transportAt, protocol)]
      assert.equal(checksum(...covered, transport), 0)
    }
    // Nothing behind the packet was touched.
    const behind = bytes.subarray(at + result.length)
    assert.ok(behind.every((byte) => byte === 0xaa))
  })
}

function headersOf(packet: Buffer): { headers: IpHeaders; key: Uint32Array } {
  const headers = new IpHeaders()
  const key = new Uint32Array(8)
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length)
  assert.ok(readIp(view, 0, packet.length, packet.length, headers, key))
  return { headers, key }
}

test('what a snaplen cut off is zeros', () => {
  const packet = ipv4(17, summed(udp(1, 2, 70))).fill(5, 28)
  const { result } = marked({ packet, capturedBytes: 40 }, RUN, 9)
  assert.equal(result.subarray(36).toString('hex'), `05050505${'00'.repeat(58)}`)
})

test('a first fragment of UDP over IPv4 says that it has no checksum', () => {
  const { result } = marked(cases.find(({ name }) => name === 'a first fragment of UDP')!, RUN, 1)
  assert.equal(result.readUInt16BE(26), 0)
  // The length is that of the whole datagram and stays.
  assert.equal(result.readUInt16BE(24), 72)
})

test('a TCP header length that can not be is made 20 bytes, so that the packet can be read', () => {
  const packet = ipv4(6, tcp(1, 2, 4))
  packet[32] = 0xf0
  assert.equal(marked({ packet }, RUN, 1).result[32], 0x50)
})

test('a packet takes one mark after the other, with a right checksum each time', () => {
  const packet = ipv4(17, summed(udp(1, 2, 30)))
  const { bytes, at, place, result } = marked({ packet }, RUN, 0)
  for (const number of [1, 0xffff, 0x10000, 0xffffffff]) {
    writeMark(bytes, at, place, RUN, number)
    assert.equal(readMark(bytes, at, result.length, RUN), number)
    assert.equal(checksum(pseudoHeader(result, 20, 17), result.subarray(20)), 0)
  }
})

test('a UDP checksum that comes out as 0 is written as 0xffff: 0 would mean none', () => {
  const packet = ipv4(17, summed(udp(1, 2, 30)))
  const { bytes, at, place } = marked({ packet }, RUN, 0)
  // The sum of run id and number that completes the rest to 0xffff.
  writeMark(bytes, at, place, 0xffff - place.checksumSum, 0)
  assert.equal(bytes.readUInt16BE(at + 26), 0xffff)
})

test('what is no IP packet, too long, or cut within its headers is refused and stays as it was', () => {
  const refused: ReadonlyArray<readonly [string, Buffer, number, number]> = [
    ['version 5', Buffer.alloc(60, 0x55), 60, 60],
    ['19 bytes', ipv4(17, udp(1, 2, 30)).subarray(0, 19), 19, 19],
    ['IPv4 header of 16 bytes', Buffer.alloc(60, 0x44), 60, 60],
    ['39 bytes of IPv6', ipv6(17, udp(1, 2, 30)).subarray(0, 39), 39, 39],
    ['longer than IP can say', ipv4(17, udp(1, 2, 30)), 58, 65_536],
    ['cut within extension headers', ipv6(0, extension(60, extension(6, tcp(1, 2, 3)))), 50, 79],
    ['extension header beyond the end', ipv6(0, Buffer.from([6, 255, 0, 0, 0, 0, 0, 0])), 48, 48],
  ]
  for (const [name, packet, capturedBytes, sizeBytes] of refused) {
    const bytes = Buffer.concat([packet, Buffer.alloc(PADDING_BYTES_MAX)])
    const before = Buffer.from(bytes)
    assert.equal(prepareMark(bytes, 0, capturedBytes, sizeBytes, new MarkPlace()), false, name)
    assert.ok(bytes.equals(before), name)
  }
})

test('of a received packet that is too short for a mark, or no IP packet, nothing is read', () => {
  const { result } = marked({ packet: ipv4(17, udp(1, 2, 30)) }, RUN, 5)
  assert.equal(readMark(result, 0, 36, RUN), 5)
  assert.equal(readMark(result, 0, 35, RUN), -1)
  assert.equal(readMark(result, 0, 0, RUN), -1)
  assert.equal(readMark(Buffer.alloc(100), 0, 100, RUN), -1)
})

test('whatever the bytes, either they are refused or the mark comes back, within the room', () => {
  const bytesLike = fc.uint8Array({ minLength: 20, maxLength: 150 })
  const fields = fc.record({
    random: bytesLike,
    first: fc.constantFrom(0x45, 0x46, 0x4f, 0x60),
    protocol: fc.constantFrom(0, 1, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 132),
    cut: fc.nat(150),
    number: fc.nat(0xffffffff),
  })
  let accepted = 0
  fc.assert(
    fc.property(fields, ({ random, first, protocol, cut, number }) => {
      const bytes = Buffer.concat([random, Buffer.alloc(PADDING_BYTES_MAX)])
      bytes[0] = first
      bytes[first >>> 4 === 6 ? 6 : 9] = protocol
      const capturedBytes = Math.max(20, Math.min(cut, random.length))
      const place = new MarkPlace()
      if (!prepareMark(bytes, 0, capturedBytes, random.length, place)) return
      accepted++
      assert.ok(place.lengthBytes <= bytes.length)
      writeMark(bytes, 0, place, RUN, number)
      assert.equal(readMark(bytes, 0, place.lengthBytes, RUN), number)
    }),
    { seed: 1, numRuns: 3000 },
  )
  assert.ok(accepted > 1000, `${accepted} accepted`)
})

const hasTshark = spawnSync('tshark', ['--version']).status === 0
test('tshark finds no wrong checksum and no wrong length', {
  skip: hasTshark ? false : 'tshark is not installed',
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lanewise-'))
  try {
    const path = join(folder, 'marked.pcap')
    const writer = new CaptureWriter(path)
    for (const one of cases) writer.write(0, 0, marked(one, RUN, 1).result)
    writer.close()
    const names = ['ip', 'tcp', 'udp', 'icmp', 'icmpv6']
    const options = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`])
    const columns = [...names.map((name) => `${name}.checksum.status`), 'udp.length'].flatMap((name) => [
      '-e',
      name,
    ])
    const noReassembly = ['-o', 'ip.defragment:FALSE', '-o', 'ipv6.defragment:FALSE']
    const { stdout } = spawnSync(
      'tshark',
      ['-r', path, ...options, ...noReassembly, '-T', 'fields', '-E', 'occurrence=f', ...columns],
      { encoding: 'utf8' },
    )
    const rows = stdout.split('\n').slice(0, -1)
    assert.equal(rows.length, cases.length)
    // 1 is good, 2 not verified; 0 would be bad.
    const good = cases.map(({ checksumAt }, i) => {
      const [ip, ...transports] = rows[i]!.split('\t').slice(0, names.length)
      assert.ok(ip === '1' || ip === '', `${cases[i]!.name}: IP header checksum ${ip}`)
      assert.ok(!transports.includes('0') || checksumAt === undefined, `${cases[i]!.name}: ${rows[i]}`)
      return transports.includes('1')
    })
    cases.forEach(({ name, checksumAt }, i) => {
      assert.equal(good[i], checksumAt !== undefined, `${name}: ${rows[i]}`)
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
