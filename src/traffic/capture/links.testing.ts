/**
 * For tests: an IP packet in a frame of every link type that is read, as the published descriptions have it.
 * Where a type has several forms, each stands here.
 */
import { ethernet, hex, ipv4, u16, u32, udp } from './captures.testing.ts'

export interface MadeLink {
  readonly name: string
  readonly linkType: number
  /** A frame with this packet in it. */
  readonly frame: (packet: Buffer) => Buffer
  /** The file it stands in is big-endian. */
  readonly isBigEndian?: true
  /** Where tshark doesn't know the link type: its dissector, and the bytes before what that takes. */
  readonly dissector?: readonly [name: string, headerBytes: number]
  /** Why tshark reads something else there. */
  readonly notInTshark?: string
}

function isIpv4(packet: Buffer): boolean {
  return packet[0]! >>> 4 === 4
}

function etherType(packet: Buffer): Buffer {
  return isIpv4(packet) ? hex('0800') : hex('86dd')
}

function pppProtocol(packet: Buffer): Buffer {
  return isIpv4(packet) ? hex('0021') : hex('0057')
}

function family(packet: Buffer, ipv6: number, little: boolean): Buffer {
  return u32(isIpv4(packet) ? 2 : ipv6, little)
}

function attribute(type: number, value: Buffer, little: boolean): Buffer {
  const padding = Buffer.alloc((4 - (value.length % 4)) % 4)
  return Buffer.concat([u16(4 + value.length, little), u16(type, little), value, padding])
}

function nflog(packet: Buffer, familyNumber: number, little: boolean): Buffer {
  return Buffer.concat([
    Buffer.from([familyNumber, 0]),
    u16(5),
    attribute(1, Buffer.concat([etherType(packet), hex('0300')]), little),
    attribute(10, Buffer.from('tunnel\0'), little),
    attribute(5, u32(2), little),
    attribute(9, packet, little),
  ])
}

function framed(packet: Buffer): Buffer {
  return ethernet(etherType(packet).readUInt16BE(), packet)
}

function ppi(linkType: number, fields: Buffer, frame: Buffer): Buffer {
  return Buffer.concat([hex('0000'), u16(8 + fields.length, true), u32(linkType, true), fields, frame])
}

function pktap(linkType: number, frame: Buffer): Buffer {
  const header = Buffer.alloc(108)
  header.writeUInt32LE(108, 0)
  header.writeUInt32LE(1, 4)
  header.writeUInt32LE(linkType, 8)
  header.write('en0', 12)
  return Buffer.concat([header, frame])
}

function erf(type: number, content: Buffer): Buffer {
  const head = Buffer.from([...Buffer.alloc(8, 1), type, 4])
  return Buffer.concat([head, u16(16 + content.length), u16(0), u16(content.length), content])
}

const LOCAL_ROUTE = (next: number) => Buffer.concat([Buffer.from([0, next]), hex('0001 0020 0002')])
const GLOBAL_ROUTE = Buffer.concat([hex('60000000 0040 1b 01'), Buffer.alloc(32, 7)])

/** Opcode, and the rest of a base transport header. */
function transport(opcode: number): Buffer {
  return Buffer.concat([Buffer.from([opcode]), hex('00ffff 00000001 00000007')])
}

function ipoib(packet: Buffer): Buffer {
  return Buffer.concat([etherType(packet), hex('0000'), packet])
}

/** An Ethernet frame whose destination address begins with `first`. */
function framedTo(first: number, packet: Buffer): Buffer {
  const frame = framed(packet)
  // The rest of it, and the source: Cisco's, since tshark goes by known makers.
  hex('000c000001 00000c000002').copy(frame, 1)
  frame[0] = first
  return frame
}

const LABELS = hex('00010040 00020140')
const NO_HEURISTIC = 'tshark takes what is below MPLS labels for IP or data by its first bits alone'

const NO_PAYLOAD = 'tshark reads the headers of InfiniBand, not what it carries'

export const madeLinks: readonly MadeLink[] = [
  { name: 'PPP', linkType: 9, frame: (ip) => Buffer.concat([pppProtocol(ip), ip]) },
  {
    name: 'PPP in HDLC framing',
    linkType: 50,
    frame: (ip) => Buffer.concat([hex('ff03'), pppProtocol(ip), ip]),
  },
  {
    name: "Cisco's HDLC as PPP",
    linkType: 50,
    frame: (ip) => Buffer.concat([hex('0f00'), etherType(ip), ip]),
  },
  {
    name: 'PPPoE',
    linkType: 51,
    frame: (ip) => Buffer.concat([hex('11000007'), u16(ip.length + 2), pppProtocol(ip), ip]),
  },
  { name: 'Cisco HDLC', linkType: 104, frame: (ip) => Buffer.concat([hex('0f00'), etherType(ip), ip]) },
  {
    name: 'Cisco HDLC to all',
    linkType: 104,
    frame: (ip) => Buffer.concat([hex('8f00'), etherType(ip), ip]),
  },
  {
    name: 'Cisco HDLC with MPLS',
    linkType: 104,
    frame: (ip) => Buffer.concat([hex('0f008847'), LABELS, ip]),
  },
  {
    name: 'Frame Relay',
    linkType: 107,
    frame: (ip) => Buffer.concat([hex('1841 03'), isIpv4(ip) ? hex('cc') : hex('8e'), ip]),
  },
  {
    name: 'Frame Relay with an address of 4 bytes',
    linkType: 107,
    frame: (ip) => Buffer.concat([hex('18402041 03'), isIpv4(ip) ? hex('cc') : hex('8e'), ip]),
  },
  {
    name: 'Frame Relay with SNAP',
    linkType: 107,
    frame: (ip) => Buffer.concat([hex('1841 03 00 80 000000'), etherType(ip), ip]),
  },
  {
    name: 'Frame Relay with bridged Ethernet',
    linkType: 107,
    frame: (ip) => Buffer.concat([hex('1841 03 00 80 0080c2 0007'), framed(ip)]),
  },
  {
    name: "Frame Relay in Cisco's way",
    linkType: 107,
    frame: (ip) => Buffer.concat([hex('1841'), etherType(ip), ip]),
  },
  {
    name: 'OpenBSD enc, little-endian',
    linkType: 109,
    frame: (ip) => Buffer.concat([family(ip, 24, true), hex('00001234 00000001'), ip]),
  },
  {
    name: 'OpenBSD enc, big-endian',
    linkType: 109,
    frame: (ip) => Buffer.concat([family(ip, 24, false), hex('00001234 00000001'), ip]),
  },
  {
    name: "OpenBSD enc by OpenBSD's number",
    linkType: 13,
    frame: (ip) => Buffer.concat([family(ip, 24, true), hex('00001234 00000001'), ip]),
  },
  {
    name: 'OpenBSD pflog',
    linkType: 117,
    frame: (ip) =>
      Buffer.concat([Buffer.from([61, isIpv4(ip) ? 2 : 24, 0, 0]), Buffer.from('em0'), Buffer.alloc(57), ip]),
  },
  {
    name: 'IP over FireWire',
    linkType: 138,
    frame: (ip) => Buffer.concat([Buffer.alloc(16, 3), etherType(ip), ip]),
  },
  { name: 'PKTAP with Ethernet', linkType: 258, frame: (ip) => pktap(1, framed(ip)) },
  { name: 'PKTAP with raw IP', linkType: 258, frame: (ip) => pktap(12, ip) },
  { name: "PKTAP by Darwin's number", linkType: 149, frame: (ip) => pktap(1, framed(ip)) },
  {
    name: 'PKTAP with BSD loopback',
    linkType: 258,
    frame: (ip) => pktap(0, Buffer.concat([family(ip, 30, true), ip])),
  },
  {
    name: "pppd's PPP",
    dissector: ['ppp', 2],
    linkType: 166,
    frame: (ip) => Buffer.concat([hex('0103'), pppProtocol(ip), ip]),
  },
  { name: 'PPI with Ethernet', linkType: 192, frame: (ip) => ppi(1, Buffer.alloc(0), framed(ip)) },
  {
    name: 'PPI with fields and raw IP',
    linkType: 192,
    frame: (ip) => ppi(12, hex('0300 0400 01020304'), ip),
  },
  {
    name: 'PPP with direction',
    linkType: 204,
    frame: (ip) => Buffer.concat([hex('01 ff03'), pppProtocol(ip), ip]),
  },
  {
    name: 'PPP with direction, without framing',
    linkType: 204,
    frame: (ip) => Buffer.concat([hex('00'), pppProtocol(ip), ip]),
  },
  {
    name: 'Cisco HDLC with direction',
    dissector: ['chdlc', 1],
    linkType: 205,
    frame: (ip) => Buffer.concat([hex('00 0f00'), etherType(ip), ip]),
  },
  {
    name: 'Frame Relay with direction',
    dissector: ['fr', 1],
    linkType: 206,
    frame: (ip) => Buffer.concat([hex('01 1841 03'), isIpv4(ip) ? hex('cc') : hex('8e'), ip]),
  },
  { name: 'NFLOG, little-endian', linkType: 239, frame: (ip) => nflog(ip, isIpv4(ip) ? 2 : 10, true) },
  {
    name: 'NFLOG, big-endian',
    isBigEndian: true,
    linkType: 239,
    frame: (ip) => nflog(ip, isIpv4(ip) ? 2 : 10, false),
  },
  { name: 'NFLOG of a bridge', linkType: 239, frame: (ip) => nflog(ip, 7, true) },
  {
    name: 'IP over InfiniBand',
    linkType: 242,
    frame: (ip) => Buffer.concat([Buffer.alloc(40), ipoib(ip)]),
  },
  {
    name: 'InfiniBand with datagrams',
    notInTshark: NO_PAYLOAD,
    linkType: 247,
    frame: (ip) =>
      Buffer.concat([LOCAL_ROUTE(2), transport(0x64), Buffer.alloc(8, 1), ipoib(ip), Buffer.alloc(6)]),
  },
  {
    name: 'InfiniBand with a global route',
    notInTshark: NO_PAYLOAD,
    linkType: 247,
    frame: (ip) =>
      Buffer.concat([
        LOCAL_ROUTE(3),
        GLOBAL_ROUTE,
        transport(0x64),
        Buffer.alloc(8, 1),
        ipoib(ip),
        Buffer.alloc(6),
      ]),
  },
  {
    name: 'InfiniBand in connected mode',
    notInTshark: NO_PAYLOAD,
    linkType: 247,
    frame: (ip) => Buffer.concat([LOCAL_ROUTE(2), transport(0x04), ipoib(ip), Buffer.alloc(6)]),
  },
  {
    name: 'ERF with Ethernet',
    linkType: 197,
    frame: (ip) => erf(2, Buffer.concat([hex('0000'), framed(ip)])),
  },
  {
    name: 'ERF with an extension and HDLC',
    linkType: 197,
    frame: (ip) => erf(0x81, Buffer.concat([hex('0400000000000000 0f00'), etherType(ip), ip])),
  },
  { name: 'ERF with IP', linkType: 197, frame: (ip) => erf(isIpv4(ip) ? 22 : 23, ip) },
  { name: 'IP below MPLS labels', linkType: 1, frame: (ip) => ethernet(0x8847, Buffer.concat([LABELS, ip])) },
  {
    name: 'an Ethernet pseudowire with a control word',
    linkType: 1,
    frame: (ip) => ethernet(0x8847, Buffer.concat([LABELS, hex('00000007'), framed(ip)])),
  },
  {
    name: 'an Ethernet pseudowire without one',
    linkType: 1,
    frame: (ip) => ethernet(0x8847, Buffer.concat([LABELS, framedTo(0x00, ip)])),
  },
  {
    name: 'an Ethernet pseudowire to an address that looks like IPv4',
    linkType: 1,
    frame: (ip) => ethernet(0x8847, Buffer.concat([LABELS, framedTo(0x4e, ip)])),
    notInTshark: NO_HEURISTIC,
  },
  {
    name: 'an Ethernet pseudowire to an address that looks like IPv6',
    linkType: 1,
    frame: (ip) => ethernet(0x8847, Buffer.concat([LABELS, framedTo(0x60, ip)])),
    notInTshark: NO_HEURISTIC,
  },
  {
    name: 'an Ethernet pseudowire with a VLAN tag, over PPP',
    linkType: 9,
    frame: (ip) =>
      Buffer.concat([
        hex('0281'),
        LABELS,
        hex('00000000'),
        ethernet(0x8100, Buffer.concat([hex('0007'), etherType(ip), ip])),
      ]),
  },
  {
    name: 'a pseudowire with PPPoE',
    linkType: 1,
    frame: (ip) =>
      ethernet(
        0x8847,
        Buffer.concat([
          LABELS,
          hex('00000000'),
          ethernet(0x8864, Buffer.concat([hex('11000007'), u16(ip.length + 2), pppProtocol(ip), ip])),
        ]),
      ),
  },
]

/** An IPv4 packet of UDP with a right header checksum, from 10.0.0.1 to `host` of 10.0.0.0/24. */
export function summedIpv4(host: number, payloadBytes: number): Buffer {
  const packet = ipv4(17, udp(1000 + host, 2000, payloadBytes))
  packet[19] = host
  packet.writeUInt16BE(0, 10)
  let sum = 0
  for (let i = 0; i < 20; i += 2) sum += packet.readUInt16BE(i)
  packet.writeUInt16BE(0xffff - ((sum & 0xffff) + (sum >>> 16)), 10)
  return packet
}
