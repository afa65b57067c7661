/**
 * The variant of a packet: what other keys than the judged flow take it for. Most packets, plain TCP and UDP
 * among them, have none and aren't looked into.
 */
import { type FlowTable, NO_PORT, TCP, UDP } from '../../../model/packets/flow-table.ts'
import { SAME } from '../../../model/packets/flow-variants.ts'
import type { IpHeaders } from '../ip.ts'
import { InnerHeaders, isTunnel } from './inner-key.ts'
import { linuxTuple, Tuple } from './linux-key.ts'

const SCTP = 132
const ICMP = 1
const ICMPV6 = 58

export class PacketKeys {
  private readonly flows: FlowTable
  private readonly tuple = new Tuple()
  private readonly inner = new InnerHeaders()

  constructor(flows: FlowTable) {
    this.flows = flows
  }

  /**
   * The number of the packet's variant; 0 where all keys take it for its flow.
   * @param at where its IP header begins
   * @param end end of the captured bytes
   * @param flow its judged flow
   */
  variantOf(view: DataView, at: number, end: number, headers: IpHeaders, flow: number): number {
    const { protocol, isFragment } = headers
    if (!isFragment) {
      if (protocol === TCP || protocol === ICMP || protocol === ICMPV6) return 0
      if (protocol === UDP && !isTunnel(headers)) return 0
    }
    const { variants } = this.flows
    const wireEnd = at + headers.sizeBytes
    const limit = Math.min(end, wireEnd)
    linuxTuple(view, at, limit, this.tuple)
    const linux = this.numberOf(this.tuple, flow)
    const rss = this.rssTuple(view, headers, limit, flow)
    let inner = SAME
    if (this.inner.read(view, headers, limit, wireEnd)) {
      const { tuple } = this
      const found = this.inner.headers
      tuple.version = found.version
      tuple.protocol = found.protocol
      tuple.sourcePort = found.sourcePort
      tuple.destinationPort = found.destinationPort
      tuple.address.set(this.inner.address)
      inner = this.numberOf(tuple, flow)
    }
    if (linux === SAME && rss === SAME && inner === SAME) return 0
    const { wanted } = variants
    wanted[0] = flow
    wanted[1] = linux
    wanted[2] = rss
    wanted[3] = inner
    return variants.intern()
  }

  /** Outer addresses; ports of SCTP, and none of fragments. */
  private rssTuple(view: DataView, headers: IpHeaders, limit: number, flow: number): number {
    const { tuple, flows } = this
    const { isFragment, protocol, transportAt } = headers
    const isWholeSctp = protocol === SCTP && !isFragment && limit - transportAt >= 4
    if (!isWholeSctp && !(isFragment && headers.sourcePort !== NO_PORT)) return SAME
    tuple.version = headers.version
    tuple.protocol = protocol
    tuple.address.set(flows.address.subarray(flow * 8, flow * 8 + 8))
    tuple.sourcePort = isWholeSctp ? view.getUint16(transportAt) : NO_PORT
    tuple.destinationPort = isWholeSctp ? view.getUint16(transportAt + 2) : NO_PORT
    return this.numberOf(tuple, flow)
  }

  private numberOf(tuple: Tuple, flow: number): number {
    const { flows } = this
    const { version, protocol, sourcePort, destinationPort, address } = tuple
    const isSame =
      flows.sourcePort[flow] === sourcePort &&
      flows.destinationPort[flow] === destinationPort &&
      flows.protocol[flow] === protocol &&
      flows.version[flow] === version &&
      address.every((word, i) => flows.address[flow * 8 + i] === word)
    if (isSame) return SAME
    flows.keyTuples.key.set(address)
    return flows.keyTuples.intern(version, protocol, sourcePort, destinationPort)
  }
}
