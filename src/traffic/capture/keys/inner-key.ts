/**
 * The packet inside a tunnel, and inside that one's tunnel, to the innermost: IP-in-IP, 6in4, GRE, EtherIP,
 * L2TPv3 with Ethernet, and over UDP VXLAN, GENEVE, GTP-U and L2TPv3 again, told by their destination port.
 * ESP and WireGuard can't be opened. Fragments aren't either: only the first one has the inner header.
 */
import { UDP } from '../../../model/packets/flow-table.ts'
import { IpHeaders, readIp } from '../ip.ts'
import { ipHeaderAt } from '../link-layers.ts'
import {
  ETHERNET,
  frameInVxlan,
  type GrePayload,
  IPV4,
  IPV6,
  L2TP_GAPS_BYTES,
  packetInGtp,
  readGeneve,
  readGre,
  sessionInL2tp,
} from './tunnel-headers.ts'

const LINK_ETHERNET = 1
const DEPTH_MAX = 8
const UDP_HEADER_BYTES = 8

const VXLAN_PORT = 4789
/** Linux's, from before the assignment. */
const VXLAN_PORT_LINUX = 8472
const GENEVE_PORT = 6081
const GTP_PORT = 2152
const L2TP_PORT = 1701

const IN_IPV4 = 4
const IN_IPV6 = 41
const GRE = 47
const ETHERIP = 97
const L2TP = 115
/** Short frames are filled up to 60 bytes. */
const PADDING_BYTES_MAX = 46

/** Can the packet be a tunnel's that {@link InnerHeaders} opens? */
export function isTunnel({ protocol, destinationPort, isFragment }: IpHeaders): boolean {
  return !isFragment && tunnelName(protocol, destinationPort) !== undefined
}

/** What people call the tunnel. */
export function tunnelName(protocol: number, destinationPort: number): string | undefined {
  if (protocol === UDP) return udpTunnels.get(destinationPort)
  return ipTunnels.get(protocol)
}

const udpTunnels: ReadonlyMap<number, string> = new Map([
  [VXLAN_PORT, 'VXLAN'],
  [VXLAN_PORT_LINUX, 'VXLAN'],
  [GENEVE_PORT, 'GENEVE'],
  [GTP_PORT, 'GTP-U'],
  [L2TP_PORT, 'L2TPv3'],
])

const ipTunnels: ReadonlyMap<number, string> = new Map([
  [IN_IPV4, 'IP-in-IP'],
  [IN_IPV6, 'IPv6-in-IP'],
  [GRE, 'GRE'],
  [ETHERIP, 'EtherIP'],
  [L2TP, 'L2TPv3'],
])

/** What {@link read} found; one object is used again and again. */
export class InnerHeaders {
  /** Of the innermost packet. */
  headers = new IpHeaders()
  address = new Uint32Array(8)
  private nextHeaders = new IpHeaders()
  private nextAddress = new Uint32Array(8)
  private readonly carried: GrePayload = { protocol: 0, at: -1 }

  /**
   * @param outer headers of the packet
   * @param limit end of its captured bytes
   * @param wireEnd where it ended on the wire, at least `limit`
   * @returns false where there is no packet inside, or not enough of it
   */
  read(view: DataView, outer: IpHeaders, limit: number, wireEnd: number): boolean {
    let above = outer
    for (let depth = 0; depth < DEPTH_MAX && isTunnel(above); depth++) {
      const at = this.packetIn(view, above, limit, wireEnd)
      if (at < 0) break
      if (!readIp(view, at, limit, wireEnd, this.nextHeaders, this.nextAddress)) break
      const { headers, address } = this
      this.headers = this.nextHeaders
      this.address = this.nextAddress
      this.nextHeaders = headers
      this.nextAddress = address
      above = this.headers
    }
    return above !== outer
  }

  /** Where the IP packet inside this one begins, or below 0; a byte of its version is there. */
  private packetIn(view: DataView, above: IpHeaders, limit: number, wireEnd: number): number {
    const { protocol, destinationPort, transportAt } = above
    if (transportAt < 0) return -1
    if (protocol === UDP) {
      const at = transportAt + UDP_HEADER_BYTES
      if (destinationPort === GTP_PORT) return anyIp(view, packetInGtp(view, at, limit), limit)
      if (destinationPort === GENEVE_PORT) {
        readGeneve(view, at, limit, this.carried)
        return this.packetCarried(view, limit)
      }
      if (destinationPort === L2TP_PORT)
        return behindSession(view, sessionInL2tp(view, at, limit, true), limit, wireEnd)
      return inEthernet(view, frameInVxlan(view, at, limit), limit)
    }
    if (protocol === ETHERIP) return inEthernet(view, transportAt + 2, limit)
    if (protocol === L2TP)
      return behindSession(view, sessionInL2tp(view, transportAt, limit, false), limit, wireEnd)
    if (protocol === GRE) {
      readGre(view, transportAt, limit, this.carried)
      return this.packetCarried(view, limit)
    }
    return anyIp(view, transportAt, limit)
  }

  private packetCarried(view: DataView, limit: number): number {
    const { protocol, at } = this.carried
    if (protocol === ETHERNET) return inEthernet(view, at, limit)
    return protocol === IPV4 || protocol === IPV6 ? anyIp(view, at, limit) : -1
  }
}

function inEthernet(view: DataView, at: number, limit: number): number {
  return at < 0 ? -1 : ipHeaderAt(LINK_ETHERNET, view, at, limit)
}

function anyIp(view: DataView, at: number, limit: number): number {
  if (at < 0 || at >= limit) return -1
  const version = view.getUint8(at) >>> 4
  return version === 4 || version === 6 ? at : -1
}

/**
 * Both ends of an L2TPv3 session agree on what stands behind its id, and packets don't say: the first of what
 * is usual where a frame with a packet that ends with the outer one is found.
 */
function behindSession(view: DataView, session: number, limit: number, wireEnd: number): number {
  if (session < 0) return -1
  for (const gapBytes of L2TP_GAPS_BYTES) {
    const at = inEthernet(view, session + 4 + gapBytes, limit)
    if (at >= 0 && endsWith(view, at, limit, wireEnd)) return at
  }
  return -1
}

function endsWith(view: DataView, at: number, limit: number, wireEnd: number): boolean {
  if (limit - at < 6) return false
  const sizeBytes = view.getUint8(at) >>> 4 === 4 ? view.getUint16(at + 2) : 40 + view.getUint16(at + 4)
  const restBytes = wireEnd - at - sizeBytes
  return restBytes >= 0 && restBytes <= PADDING_BYTES_MAX
}
