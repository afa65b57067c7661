/**
 * What Linux's symmetric flow hash looks at: addresses, protocol and ports of the packet that its flow
 * dissector ends at. It goes on inside GRE (also with Ethernet inside), IP-in-IP, 6in4 and their like, 15
 * headers at most, but not inside UDP. The ports field holds those of TCP, UDP, UDP-Lite, SCTP and DCCP and
 * the SPI of ESP and AH. Dissection ends at any fragment, the first one too, and its ports aren't looked at.
 * Not modelled: which protocol stands inside GRE where that is no IP. Source: Linux 6.12
 * net/core/flow_dissector.c (__skb_flow_dissect with flow_keys_dissector_symmetric and no flags).
 * Validation: packet-keys.test.ts (every protocol), live/flow-keys.slow.test.ts (a real kernel).
 */
import { NO_PORT } from '../../../model/packets/flow-table.ts'
import { ETHERNET, type GrePayload, IPV4, IPV6, readGre } from './tunnel-headers.ts'

const HEADERS_MAX = 15
const VLAN = 0x8100
const VLAN_OUTER = 0x88a8
const PPPOE_SESSION = 0x8864

/** Protocols and extension headers, by number. */
const HOP_BY_HOP = 0
const IN_IPV4 = 4
const IN_IPV6 = 41
const ROUTING = 43
const FRAGMENT = 44
const GRE = 47
const AH = 51
const DESTINATION_OPTIONS = 60

/** Where the 32 bits of ports or SPI stand in the header: proto_ports_offset. TCP, UDP, DCCP, ESP ... */
const PORTS_AT: ReadonlyMap<number, number> = new Map([
  ...[6, 17, 33, 50, 132, 136].map((protocol) => [protocol, 0] as const),
  [AH, 4],
])

/** What a key takes a packet for. */
export class Tuple {
  version = 0
  protocol = 0
  sourcePort = NO_PORT
  destinationPort = NO_PORT
  /** 4 words of source, 4 of destination, as in the flow table. */
  readonly address = new Uint32Array(8)
}

/** Used again for every packet. */
const gre: GrePayload = { protocol: 0, at: -1 }

/**
 * @param at where the outer IP header begins, which is there
 * @param limit end of the captured bytes of the packet
 */
export function linuxTuple(view: DataView, at: number, limit: number, into: Tuple): void {
  into.sourcePort = NO_PORT
  into.destinationPort = NO_PORT
  let etherType = view.getUint8(at) >>> 4 === 4 ? IPV4 : IPV6
  let next = at
  let headers = 0
  while (headers++ < HEADERS_MAX) {
    if (etherType === VLAN || etherType === VLAN_OUTER) {
      if (limit - next < 4) return
      etherType = view.getUint16(next + 2)
      next += 4
      continue
    }
    if (etherType === PPPOE_SESSION) {
      if (limit - next < 8) return
      const carried = view.getUint16(next + 6)
      if (carried !== 0x21 && carried !== 0x57) return
      etherType = carried === 0x21 ? IPV4 : IPV6
      next += 8
      continue
    }
    if (etherType === IPV4) {
      if (limit - next < 20) return
      const headerBytes = (view.getUint8(next) & 15) * 4
      if (headerBytes < 20) return
      takeIpv4(view, next, into)
      if ((view.getUint16(next + 6) & 0x3fff) !== 0) return
      next += headerBytes
    } else if (etherType === IPV6) {
      if (limit - next < 40) return
      takeIpv6(view, next, into)
      next += 40
      while (isOptions(into.protocol) && headers++ < HEADERS_MAX) {
        if (limit - next < 2) return
        into.protocol = view.getUint8(next)
        next += 8 + view.getUint8(next + 1) * 8
      }
      if (into.protocol === FRAGMENT) {
        if (limit - next >= 8) into.protocol = view.getUint8(next)
        return
      }
    } else {
      return
    }
    switch (into.protocol) {
      case IN_IPV4:
        etherType = IPV4
        break
      case IN_IPV6:
        etherType = IPV6
        break
      case GRE:
        readGre(view, next, limit, gre)
        if (gre.at < 0) return
        etherType = gre.protocol
        next = gre.at
        if (etherType === ETHERNET) {
          if (limit - next < 14) return
          etherType = view.getUint16(next + 12)
          next += 14
        }
        break
      default:
        takePorts(view, next, limit, into)
        return
    }
  }
}

function isOptions(protocol: number): boolean {
  return protocol === HOP_BY_HOP || protocol === ROUTING || protocol === DESTINATION_OPTIONS
}

function takeIpv4(view: DataView, at: number, into: Tuple): void {
  into.version = 4
  into.protocol = view.getUint8(at + 9)
  into.address.fill(0)
  into.address[0] = view.getUint32(at + 12)
  into.address[4] = view.getUint32(at + 16)
}

function takeIpv6(view: DataView, at: number, into: Tuple): void {
  into.version = 6
  into.protocol = view.getUint8(at + 6)
  for (let word = 0; word < 8; word++) into.address[word] = view.getUint32(at + 8 + word * 4)
}

function takePorts(view: DataView, at: number, limit: number, into: Tuple): void {
  const offset = PORTS_AT.get(into.protocol)
  if (offset === undefined || limit - at < offset + 4) return
  into.sourcePort = view.getUint16(at + offset)
  into.destinationPort = view.getUint16(at + offset + 2)
}
