import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from './captures.testing.ts'
import { NO_IP } from './ether-types.ts'
import { ipHeaderAt, unreadLinkOf } from './link-layers.ts'
import { linkTypeName } from './link-names.ts'

const MACS = '0202020202020202020202 02'
/** First byte of an IPv4 and of an IPv6 header. */
const V4 = '45'
const V6 = '60'

/** A frame's bytes up to and with the first byte of its IP header, which is then found at the last byte. */
const found: readonly (readonly [name: string, linkType: number, frame: string])[] = [
  ['Ethernet with IPv4', 1, `${MACS} 0800 ${V4}`],
  ['Ethernet with IPv6', 1, `${MACS} 86dd ${V6}`],
  ['an 802.1Q tag', 1, `${MACS} 8100 0007 0800 ${V4}`],
  ['an 802.1ad tag', 1, `${MACS} 88a8 0007 86dd ${V6}`],
  ['QinQ', 1, `${MACS} 88a8 0007 8100 0008 0800 ${V4}`],
  ['old QinQ', 1, `${MACS} 9100 0007 8100 0008 0800 ${V4}`],
  ['PPPoE with IPv4', 1, `${MACS} 8864 1100 0001 0016 0021 ${V4}`],
  ['PPPoE with IPv6 below a tag', 1, `${MACS} 8100 0007 8864 1100 0001 0016 0057 ${V6}`],
  ['PPPoE with a compressed protocol', 1, `${MACS} 8864 1100 0001 0016 21 ${V4}`],
  ['one MPLS label', 1, `${MACS} 8847 00010140 ${V4}`],
  ['three MPLS labels, multicast', 1, `${MACS} 8848 00010040 00020040 00030140 ${V6}`],
  ['SNAP', 1, `${MACS} 0030 aaaa03 000000 0800 ${V4}`],
  ['raw IP with IPv4', 101, V4],
  ['raw IP with IPv6', 101, V6],
  ["raw IP by BSD's number", 12, V4],
  ["raw IP by OpenBSD's number", 14, V6],
  ['IPv4', 228, V4],
  ['IPv6', 229, V6],
  ['BSD loopback, little-endian, IPv4', 0, `02000000 ${V4}`],
  ['BSD loopback, big-endian, IPv4', 0, `00000002 ${V4}`],
  ['BSD loopback, little-endian, IPv6 of Darwin', 0, `1e000000 ${V6}`],
  ['BSD loopback, big-endian, IPv6 of FreeBSD', 0, `0000001c ${V6}`],
  ['BSD loopback, IPv6 of OpenBSD', 0, `18000000 ${V6}`],
  ['BSD loopback, IPv6 of Linux', 0, `0a000000 ${V6}`],
  ['BSD loopback, IPv6 of Windows', 0, `17000000 ${V6}`],
  ['OpenBSD loopback, big-endian', 108, `00000002 ${V4}`],
  ['OpenBSD loopback, little-endian', 108, `18000000 ${V6}`],
  ['Linux cooked with IPv4', 113, `0000 0001 0006 0202020202020000 0800 ${V4}`],
  ['Linux cooked with a tag', 113, `0000 0001 0006 0202020202020000 8100 0007 86dd ${V6}`],
  ['Linux cooked v2', 276, `0800 0000 00000002 0001 00 06 0202020202020000 ${V4}`],
  ['Linux cooked v2 with IPv6', 276, `86dd 0000 00000002 fffe 00 00 0000000000000000 ${V6}`],
  ['PPP', 9, `0021 ${V4}`],
  ['PPP with address and control', 9, `ff03 0057 ${V6}`],
  ['PPP with a compressed protocol', 9, `ff03 57 ${V6}`],
  ['PPP with MPLS', 9, `0281 00010140 ${V4}`],
]
for (const [name, linkType, frame] of found) {
  test(`the IP header is found in ${name}`, () => {
    const bytes = hex(frame)
    const view = new DataView(new Uint8Array([9, 9, 9, ...bytes, 0x45]).buffer)
    assert.equal(ipHeaderAt(linkType, view, 3, 3 + bytes.length), 3 + bytes.length - 1)
    // However little of the frame was captured, no byte behind it counts.
    for (let end = 0; end < bytes.length; end++) assert.equal(ipHeaderAt(linkType, view, 3, 3 + end), NO_IP)
  })
}

const missing: readonly (readonly [name: string, linkType: number, frame: string])[] = [
  ['ARP', 1, `${MACS} 0806 0001`],
  ['spanning tree (802.3)', 1, `${MACS} 0026 424203 00000000000000`],
  ['SNAP with an organisation', 1, `${MACS} 0030 aaaa03 00000c 0800 45`],
  ['IPv6 under the EtherType of IPv4', 1, `${MACS} 0800 60`],
  ['PPPoE discovery', 1, `${MACS} 8863 1109 0000 0004 01010000`],
  ['a PPPoE code that is no session', 1, `${MACS} 8864 11a7 0001 0016 0021 45`],
  ['MPLS without a bottom label', 1, `${MACS} 8847 00010040 00020040`],
  ['MPLS over something else than IP', 1, `${MACS} 8847 00010140 0000`],
  ['PPP LCP', 9, 'c021 0101'],
  ['AppleTalk on BSD loopback', 0, '10000000 45'],
  ['IPv6 in an IPv4 capture', 228, '60'],
  ['version 7', 101, '70'],
  ["Cisco's discovery on Cisco HDLC", 104, '8f00 2000 45'],
  ['keep-alive on Cisco HDLC', 104, '8f00 8035 45'],
  ['a length on Cisco HDLC', 104, '0f00 0026 aaaa0300 00000800 45'],
  ['Frame Relay management', 107, '0001 03 08 00 75'],
  ['Frame Relay with SNAP of an organisation', 107, '1841 03 00 80 00000c 0800 45'],
  ['Frame Relay without an end of its address', 107, '00000000 00000000'],
  ['NFLOG of ARP', 239, '07000005 0800 0100 0806 0300 0800 0900 45004500'],
  ['NFLOG without a payload', 239, '02000005 0800 0100 0800 0300 0800 0500 02000000'],
  ['NFLOG with an attribute of no length', 239, '02000005 0000 0100 0800 0900 45000000'],
  ['an acknowledgement on InfiniBand', 247, '0002000100080002 1100ffff0000000100000007 08000000 45'],
  ['PPI whose header is longer than the frame', 192, '0000ffff 01000000 45'],
  ['PPI that claims less than its header', 192, '00000400 0c000000 45'],
  ['PKTAP of something else than a packet', 258, `6c000000 00000000 0c000000 ${'00'.repeat(96)} 45`],
  ['the control channel of a pseudowire', 1, `${MACS} 8847 00010140 10000007 0000000000000000`],
  ['MPLS within a pseudowire', 1, `${MACS} 8847 00010140 00000000 ${MACS} 8847 00010140 45`],
]
for (const [name, linkType, frame] of missing) {
  test(`${name} is no IP`, () => {
    const bytes = hex(frame)
    const view = new DataView(new Uint8Array(bytes).buffer)
    assert.equal(ipHeaderAt(linkType, view, 0, bytes.length), NO_IP)
  })
}

test('a link type within another is the one that is not read', () => {
  const within: readonly (readonly [linkType: number, frame: string, unread: number])[] = [
    [192, '00000800 69000000 0802', 105],
    [192, '00000800 c0000000 00000800 01000000', 192],
    [258, `6c000000 01000000 69000000 ${'00'.repeat(96)} 0802`, 105],
    [149, 'ffffffff 01000000 69000000', 149],
  ]
  for (const [linkType, frame, unread] of within) {
    const bytes = new Uint8Array(hex(frame))
    assert.equal(unreadLinkOf(ipHeaderAt(linkType, new DataView(bytes.buffer), 0, bytes.length)), unread)
  }
})

test('other link types are told apart and have names', () => {
  for (const linkType of [105, 127, 189, 4711, 65_535]) {
    assert.equal(unreadLinkOf(ipHeaderAt(linkType, new DataView(new ArrayBuffer(64)), 0, 64)), linkType)
  }
  assert.equal(linkTypeName(105), '802.11 (link type 105)')
  assert.equal(linkTypeName(4711), 'link type 4711')
})
