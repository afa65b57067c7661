import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex, ipv4, ipv6, tcp, u16, u32, udp } from './captures.testing.ts'
import { IpHeaders, readIp } from './ip.ts'

const key = new Uint32Array(8)

/** Reads a packet of which `captured` bytes are there and which had `wireBytes` on the wire. */
function read(packet: Buffer, captured = packet.length, wireBytes = packet.length): IpHeaders | undefined {
  const view = new DataView(new Uint8Array([0, 0, ...packet, 0xff, 0xff]).buffer)
  const headers = new IpHeaders()
  return readIp(view, 2, 2 + captured, 2 + wireBytes, headers, key) ? headers : undefined
}

const plain = {
  version: 4,
  protocol: 17,
  sourcePort: 1,
  destinationPort: 2,
  sizeBytes: 38,
  payloadBytes: 10,
  tcpFlags: 0,
  transportAt: 22,
  isFragment: false,
  isLaterFragment: false,
}
const noPorts = { sourcePort: -1, destinationPort: -1, payloadBytes: 0, tcpFlags: 0 }
const fragmentHeader = (next: number, offset: number) =>
  Buffer.concat([Buffer.from([next, 0]), u16(offset), u32(7)])
const extension = (next: number, words: number) =>
  Buffer.from([next, words, ...new Array(6 + words * 8).fill(1)])

const cases: readonly (readonly [name: string, packet: Buffer, want: Partial<IpHeaders>])[] = [
  ['UDP over IPv4', ipv4(17, udp(1, 2, 10)), {}],
  [
    'TCP with options over IPv4',
    ipv4(6, tcp(1, 2, 10, 0x12, 12)),
    { protocol: 6, sizeBytes: 62, tcpFlags: 0x12 },
  ],
  ['IPv4 options', ipv4(17, udp(1, 2, 10), { optionBytes: 8 }), { sizeBytes: 46, transportAt: 30 }],
  ['a first fragment', ipv4(17, udp(1, 2, 10), { fragment: 0x2000 }), { isFragment: true }],
  [
    'a later fragment',
    ipv4(17, udp(1, 2, 10), { fragment: 0x20b9 }),
    { ...noPorts, transportAt: -1, isFragment: true, isLaterFragment: true },
  ],
  [
    'the last fragment',
    ipv4(17, udp(1, 2, 10), { fragment: 0x00b9 }),
    { ...noPorts, transportAt: -1, isFragment: true, isLaterFragment: true },
  ],
  ['"do not fragment"', ipv4(17, udp(1, 2, 10), { fragment: 0x4000 }), {}],
  ['ICMP', ipv4(1, Buffer.alloc(18)), { ...noPorts, protocol: 1 }],
  ['SCTP', ipv4(132, udp(1, 2, 10)), { ...noPorts, protocol: 132 }],
  ['TSO: a total length of 0', ipv4(17, udp(1, 2, 10), { totalBytes: 0 }), {}],
  ['a total length beyond the frame', ipv4(17, udp(1, 2, 10), { totalBytes: 1500 }), {}],
  ['a total length below the header', ipv4(17, udp(1, 2, 10), { totalBytes: 19 }), {}],
  ['Ethernet padding', Buffer.concat([ipv4(17, udp(1, 2, 10)), Buffer.alloc(8)]), {}],
  ['UDP over IPv6', ipv6(17, udp(1, 2, 10)), { version: 6, sizeBytes: 58, transportAt: 42 }],
  [
    'TCP over IPv6',
    ipv6(6, tcp(1, 2, 10)),
    { version: 6, protocol: 6, sizeBytes: 70, tcpFlags: 0x18, transportAt: 42 },
  ],
  [
    'a jumbogram: a payload length of 0',
    ipv6(17, udp(1, 2, 10), 0),
    { version: 6, sizeBytes: 58, transportAt: 42 },
  ],
  [
    'four IPv6 extension headers',
    ipv6(
      0,
      Buffer.concat([
        extension(60, 0),
        extension(43, 0),
        extension(44, 1),
        fragmentHeader(17, 1),
        udp(1, 2, 10),
      ]),
    ),
    { version: 6, sizeBytes: 98, transportAt: 82, isFragment: true },
  ],
  [
    'a later IPv6 fragment',
    ipv6(44, Buffer.concat([fragmentHeader(17, 8), udp(1, 2, 10)])),
    { ...noPorts, version: 6, sizeBytes: 66, transportAt: -1, isFragment: true, isLaterFragment: true },
  ],
  [
    'ICMPv6 behind hop-by-hop options',
    ipv6(0, Buffer.concat([extension(58, 0), u32(0)])),
    { ...noPorts, version: 6, protocol: 58, sizeBytes: 52, transportAt: 50 },
  ],
  [
    '"no next header"',
    ipv6(59, Buffer.alloc(0)),
    { ...noPorts, version: 6, protocol: 59, sizeBytes: 40, transportAt: 42 },
  ],
  [
    'an extension header longer than the packet',
    ipv6(0, extension(17, 0).fill(200, 1, 2)),
    { ...noPorts, version: 6, sizeBytes: 48, transportAt: 42 + 8 + 200 * 8 },
  ],
]
for (const [name, packet, want] of cases) {
  test(`headers of ${name}`, () => {
    assert.deepEqual({ ...read(packet) }, { ...plain, ...want })
  })
}

test('addresses are put into the key as big-endian words', () => {
  read(ipv6(17, udp(1, 2, 10)))
  assert.deepEqual([...key], [0x20010db8, 0, 0, 1, 0x20010db8, 0, 0, 2])
  read(ipv4(17, udp(1, 2, 10)))
  assert.deepEqual([...key], [0x0a000001, 0, 0, 0, 0x0a000002, 0, 0, 0])
})

test('lengths of a packet that was cut by the snaplen are those on the wire', () => {
  const packet = ipv4(6, tcp(1, 2, 1000, 0x10, 12))
  const whole = read(packet)
  assert.equal(whole?.payloadBytes, 1000)
  assert.deepEqual(read(packet, 52, packet.length), whole)
  assert.deepEqual(read(packet, 34, packet.length), whole)
})

test('without the TCP flags captured the header counts 20 bytes, without the ports there are none', () => {
  const packet = ipv4(6, tcp(1, 2, 1000, 0x10, 12))
  const withPorts = { sourcePort: 1, destinationPort: 2, payloadBytes: 1012, tcpFlags: 0 }
  for (let captured = 24; captured < 34; captured++) {
    assert.deepEqual(
      { ...read(packet, captured, 1052) },
      { ...plain, protocol: 6, sizeBytes: 1052, ...withPorts },
    )
  }
  for (let captured = 20; captured < 24; captured++) {
    assert.deepEqual(
      { ...read(packet, captured, 1052) },
      { ...plain, protocol: 6, sizeBytes: 1052, ...noPorts },
    )
  }
})

test('an IP header of which the fixed part was not captured is not usable', () => {
  for (const [packet, bytes] of [
    [ipv4(17, udp(1, 2, 10)), 20],
    [ipv6(17, udp(1, 2, 10)), 40],
  ] as const) {
    for (let captured = 1; captured < bytes; captured++) assert.equal(read(packet, captured), undefined)
    assert.notEqual(read(packet, bytes), undefined)
  }
})

test('an IPv4 header length below 20 bytes is not usable', () => {
  assert.equal(read(Buffer.concat([hex('44'), ipv4(17, udp(1, 2, 10)).subarray(1)])), undefined)
})
