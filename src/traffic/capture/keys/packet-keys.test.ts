import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OtherKey } from '../../../model/packets/flow-key.ts'
import { FlowTable } from '../../../model/packets/flow-table.ts'
import { KeyedFlows } from '../../../model/packets/keyed-flows.ts'
import { ethernet, hex, ipv4, ipv6, tcp, u16, u32, udp } from '../captures.testing.ts'
import { packetColumns } from '../columns.ts'
import { PacketSink } from '../packet-sink.ts'

const RAW_IP = 101

/** The flow that each packet is by a key; each is captured up to `captured` bytes. */
function flowsBy(key: OtherKey | '5-tuple', packets: readonly Buffer[], captured = 65_535): string[] {
  const flows = new FlowTable()
  const sink = new PacketSink(flows)
  sink.columns = packetColumns(packets.length)
  for (const packet of packets) {
    const kept = Math.min(packet.length, captured)
    const view = new DataView(new Uint8Array([0xee, ...packet.subarray(0, kept)]).buffer)
    sink.frame(view, 1, kept, packet.length, RAW_IP, 0, 0)
  }
  const keyed = key === '5-tuple' ? undefined : new KeyedFlows(flows, key)
  return packets.map((_, row) => {
    const flow = sink.columns.flow[row]!
    return (keyed === undefined ? flows.get(flow) : keyed.of(flow, sink.columns.variant[row]!)).toString()
  })
}

const by = (key: OtherKey | '5-tuple', packet: Buffer, captured?: number) =>
  flowsBy(key, [packet], captured)[0]

const body = (head: Buffer, size = 32) => Buffer.concat([head, Buffer.alloc(size)])
const spi = u32(0x00010002)
const inner = ipv4(17, udp(7, 8, 4))
const inner6 = ipv6(6, tcp(7, 8, 4, 0x10, 0))
const gre = (flags: number, protocol: number, options: number, carried: Buffer) =>
  Buffer.concat([u16(flags), u16(protocol), Buffer.alloc(4 * options, 9), carried])
/** UDP from port 1000 to this one. */
const over = (port: number, content: Buffer) => {
  const header = udp(1000, port, content.length).subarray(0, 8)
  return ipv4(17, Buffer.concat([header, content]))
}
const fragmentHeader = (next: number, offset: number) =>
  Buffer.concat([Buffer.from([next, 0]), u16(offset), u32(7)])
const hopByHop = (next: number) => Buffer.from([next, 0, 1, 4, 0, 0, 0, 0])

const V4 = ['10.0.0.1', '10.0.0.2']
const V6 = ['[2001:db8::1]', '[2001:db8::2]']
const flow = (ends: readonly string[], protocol: string, from?: number, to?: number) => {
  const plain = ends.map((end) => (from === undefined ? end.replace(/[[\]]/g, '') : end))
  const [a, b] = plain
  return from === undefined ? `${a} > ${b}/${protocol}` : `${a}:${from} > ${b}:${to}/${protocol}`
}

/** What Linux 6.12 net/core/flow_dissector.c makes of each, read with the source beside it. */
const linux: readonly (readonly [name: string, packet: Buffer, want: string])[] = [
  ['TCP', ipv4(6, tcp(1, 2, 10, 0x10, 0)), flow(V4, 'tcp', 1, 2)],
  ['UDP-Lite', ipv4(136, udp(1, 2, 10)), flow(V4, 'proto-136', 1, 2)],
  ['SCTP', ipv4(132, udp(1, 2, 10)), flow(V4, 'proto-132', 1, 2)],
  ['DCCP', ipv6(33, udp(1, 2, 10)), flow(V6, 'proto-33', 1, 2)],
  ['ESP, whose SPI stands where ports do', ipv4(50, body(spi)), flow(V4, 'proto-50', 1, 2)],
  [
    'AH, whose SPI stands behind four bytes',
    ipv4(51, body(Buffer.concat([u32(9), spi]))),
    flow(V4, 'proto-51', 1, 2),
  ],
  ['ICMP, whose identifier is no port', ipv4(1, body(spi)), flow(V4, 'icmp')],
  ['a first fragment, as later ones', ipv4(17, udp(1, 2, 10), { fragment: 0x2000 }), flow(V4, 'udp')],
  ['a later fragment', ipv4(17, udp(1, 2, 10), { fragment: 0x2001 }), flow(V4, 'udp')],
  [
    'a first fragment over IPv6',
    ipv6(44, Buffer.concat([fragmentHeader(17, 1), udp(1, 2, 10)])),
    flow(V6, 'udp'),
  ],
  [
    'a later fragment over IPv6',
    ipv6(44, Buffer.concat([fragmentHeader(17, 9), udp(1, 2, 10)])),
    flow(V6, 'udp'),
  ],
  ['an atomic fragment', ipv6(44, Buffer.concat([fragmentHeader(17, 0), udp(1, 2, 10)])), flow(V6, 'udp')],
  ['a fragment of GRE', ipv4(47, gre(0, 0x0800, 0, inner), { fragment: 0x2000 }), flow(V4, 'proto-47')],
  ['IP in IP', ipv4(4, inner), flow(V4, 'udp', 7, 8)],
  ['IPv6 in IPv4', ipv4(41, inner6), flow(V6, 'tcp', 7, 8)],
  ['IPv4 in IPv6, behind options', ipv6(0, Buffer.concat([hopByHop(4), inner])), flow(V4, 'udp', 7, 8)],
  ['IP in IP in IP', ipv4(4, ipv4(41, inner6)), flow(V6, 'tcp', 7, 8)],
  ['ESP in IP in IP', ipv4(4, ipv4(50, body(spi))), flow(V4, 'proto-50', 1, 2)],
  [
    'a fragment in IP in IP',
    ipv4(41, ipv6(44, Buffer.concat([fragmentHeader(6, 1), tcp(7, 8, 4, 0, 0)]))),
    flow(V6, 'tcp'),
  ],
  ['GRE', ipv4(47, gre(0, 0x0800, 0, inner)), flow(V4, 'udp', 7, 8)],
  ['GRE with a checksum', ipv4(47, gre(0x8000, 0x86dd, 1, inner6)), flow(V6, 'tcp', 7, 8)],
  ['GRE with a key', ipv4(47, gre(0x2000, 0x0800, 1, inner)), flow(V4, 'udp', 7, 8)],
  ['GRE with a sequence number', ipv4(47, gre(0x1000, 0x0800, 1, inner)), flow(V4, 'udp', 7, 8)],
  ['GRE with all three', ipv4(47, gre(0xb000, 0x0800, 3, inner)), flow(V4, 'udp', 7, 8)],
  ['GRE with Ethernet inside', ipv6(47, gre(0, 0x6558, 0, ethernet(0x0800, inner))), flow(V4, 'udp', 7, 8)],
  [
    'GRE with Ethernet and a VLAN tag inside',
    ipv4(47, gre(0x2000, 0x6558, 1, ethernet(0x8100, Buffer.concat([u16(5), u16(0x86dd), inner6])))),
    flow(V6, 'tcp', 7, 8),
  ],
  ['GRE with source routing', ipv4(47, gre(0x4000, 0x0800, 1, inner)), flow(V4, 'proto-47')],
  ['GRE of version 2', ipv4(47, gre(2, 0x0800, 0, inner)), flow(V4, 'proto-47')],
  ['GRE with ERSPAN inside', ipv4(47, gre(0x1000, 0x88be, 1, ethernet(0x0800, inner))), flow(V4, 'proto-47')],
  ['PPTP', ipv4(47, Buffer.concat([gre(0x3081, 0x880b, 3, hex('ff030021')), inner])), flow(V4, 'udp', 7, 8)],
  [
    'VXLAN, which stays closed',
    over(4789, Buffer.concat([hex('0800000000000500'), ethernet(0x0800, inner)])),
    flow(V4, 'udp', 1000, 4789),
  ],
  [
    'GTP-U, which stays closed',
    over(2152, Buffer.concat([hex('30ff002000000001'), inner])),
    flow(V4, 'udp', 1000, 2152),
  ],
]

for (const [name, packet, want] of linux) {
  test(`Linux's flow hash of ${name}`, () => assert.equal(by('linux', packet), want))
}

test("Linux's dissector ends after 15 headers, and we do", () => {
  const nested = (depth: number): Buffer => (depth === 0 ? inner : ipv4(4, nested(depth - 1)))
  assert.equal(by('linux', nested(14)), flow(V4, 'udp', 7, 8))
  assert.equal(by('linux', nested(15)), flow(V4, 'proto-4'))
})

const option = (words: number) => Buffer.alloc(4 * words, 3)
const insides: readonly (readonly [name: string, packet: Buffer, want: string])[] = [
  [
    'VXLAN',
    over(4789, Buffer.concat([hex('0800000000000500'), ethernet(0x0800, inner)])),
    flow(V4, 'udp', 7, 8),
  ],
  [
    "VXLAN on Linux's port",
    over(8472, Buffer.concat([hex('0800000000000500'), ethernet(0x86dd, inner6)])),
    flow(V6, 'tcp', 7, 8),
  ],
  [
    'GENEVE with options',
    over(6081, Buffer.concat([hex('02006558 00000500'), option(2), ethernet(0x0800, inner)])),
    flow(V4, 'udp', 7, 8),
  ],
  [
    'GENEVE without Ethernet',
    over(6081, Buffer.concat([hex('00000800 00000500'), inner])),
    flow(V4, 'udp', 7, 8),
  ],
  ['GTP-U', over(2152, Buffer.concat([hex('30ff002000000001'), inner6])), flow(V6, 'tcp', 7, 8)],
  [
    'GTP-U with a sequence number',
    over(2152, Buffer.concat([hex('32ff002000000001 00010000'), inner])),
    flow(V4, 'udp', 7, 8),
  ],
  [
    'GTP-U with extension headers, as in 5G',
    over(2152, Buffer.concat([hex('34ff002000000001 00000085 01100085 01100000'), inner])),
    flow(V4, 'udp', 7, 8),
  ],
  [
    'GRE in VXLAN',
    over(
      4789,
      Buffer.concat([hex('0800000000000500'), ethernet(0x0800, ipv4(47, gre(0, 0x86dd, 0, inner6)))]),
    ),
    flow(V6, 'tcp', 7, 8),
  ],
  ['EtherIP', ipv4(97, Buffer.concat([hex('3000'), ethernet(0x0800, inner)])), flow(V4, 'udp', 7, 8)],
  ...['', '11112222', '1111222233334444'].flatMap((cookie) =>
    ['', '40000001'].map((sublayer) => {
      const what = `L2TPv3, a cookie of ${cookie.length / 2} bytes and a sublayer of ${sublayer.length / 2}`
      const content = Buffer.concat([hex(`000000ab ${cookie}${sublayer}`), ethernet(0x0800, inner)])
      return [what, ipv4(115, content), flow(V4, 'udp', 7, 8)] as const
    }),
  ),
  [
    'L2TPv3 over UDP, a short frame that is filled up',
    over(1701, Buffer.concat([hex('00030000 000000ab 40000001'), ethernet(0x86dd, inner6), Buffer.alloc(9)])),
    flow(V6, 'tcp', 7, 8),
  ],
  ['L2TPv2', over(1701, hex('0002000100020003 ff030021')), flow(V4, 'udp', 1000, 1701)],
  ['an L2TPv3 control message', ipv4(115, body(hex('00000000 c8030014'))), flow(V4, 'proto-115')],
  [
    'L2TPv3 with something else than Ethernet',
    ipv4(115, Buffer.concat([hex('000000ab 40000001'), inner])),
    flow(V4, 'proto-115'),
  ],
  ['IP in IP', ipv4(4, inner), flow(V4, 'udp', 7, 8)],
  ['a GTP-U echo', over(2152, hex('3201000400000000 00010000')), flow(V4, 'udp', 1000, 2152)],
  ['ESP', ipv4(50, body(spi)), flow(V4, 'proto-50')],
  ["what isn't VXLAN on its port", over(4789, inner), flow(V4, 'udp', 1000, 4789)],
  ['a first fragment of a tunnel', ipv4(4, inner, { fragment: 0x2000 }), flow(V4, 'proto-4')],
]
for (const [name, packet, want] of insides) {
  test(`the flow inside ${name}`, () => assert.equal(by('inner', packet), want))
}

test("network cards hash fragments without ports, SCTP's ports, and no inner packet", () => {
  assert.equal(by('rss', ipv4(17, udp(1, 2, 10), { fragment: 0x2000 })), flow(V4, 'udp'))
  assert.equal(by('rss', ipv4(132, udp(1, 2, 10))), flow(V4, 'proto-132', 1, 2))
  assert.equal(by('rss', ipv4(132, udp(1, 2, 10), { fragment: 0x2000 })), flow(V4, 'proto-132'))
  assert.equal(by('rss', ipv4(47, gre(0, 0x0800, 0, inner))), flow(V4, 'proto-47'))
  assert.equal(by('rss', ipv4(50, body(spi))), flow(V4, 'proto-50'))
})

test('whatever the keys say, judged flows are as they were', () => {
  for (const [, packet] of [...linux, ...insides]) {
    const outer = by('5-tuple', packet)!
    assert.match(outer, /^(10\.0\.0\.1|\[?2001:db8::1)/)
    // Only inner packets have this port, and only TCP and UDP have any.
    assert.doesNotMatch(outer, /:7 >|\]:\d+\/proto|0\.2:\d+\/proto/)
  }
})

test('one flow by a key is one flow, whichever packets it is made of', () => {
  const first = ipv4(17, udp(1, 2, 10), { fragment: 0x2000 })
  const later = ipv4(17, udp(9, 9, 10), { fragment: 0x2001 })
  const flows = flowsBy('linux', [first, later, ipv4(4, inner), inner])
  assert.deepEqual(flows, [flow(V4, 'udp'), flow(V4, 'udp'), flow(V4, 'udp', 7, 8), flow(V4, 'udp', 7, 8)])
})

test('packets that are cut off anywhere are read as far as they go', () => {
  for (const [, packet] of [...linux, ...insides]) {
    for (let captured = 0; captured <= packet.length; captured++) {
      for (const key of ['linux', 'rss', 'inner'] as const) {
        const flows = new FlowTable()
        const sink = new PacketSink(flows)
        sink.columns = packetColumns(1)
        const view = new DataView(new Uint8Array(packet.subarray(0, captured)).buffer)
        sink.frame(view, 0, captured, packet.length, RAW_IP, 0, 0)
        const row = sink.columns.count - 1
        if (row < 0) continue
        const found = new KeyedFlows(flows, key).of(sink.columns.flow[row]!, sink.columns.variant[row]!)
        assert.ok(found.version === 4 || found.version === 6)
      }
    }
  }
})
