/**
 * ICMP echo, requests and replies apart: a 16-bit sequence number that wraps, counted by each identifier.
 * Sources: RFC 792, RFC 4443 section 4.
 */
import { ASIDE, addressesOf, ICMP, ICMPV6, NUMBERED, type NumberKind, usual } from './kind.ts'

const ECHO: Readonly<Record<number, { request: number; reply: number }>> = {
  [ICMP]: { request: 8, reply: 0 },
  [ICMPV6]: { request: 128, reply: 129 },
}
const REPLY = 2 ** 16

export const icmpEcho: NumberKind = {
  ...usual,
  name: 'icmp-echo',
  says: 'the sequence number of ICMP echoes, by identifier',
  protocols: [ICMP, ICMPV6],
  bits: 16,
  nearBack: 1000,
  nearAhead: 3000,
  farPackets: undefined,
  stepsMin: 2,
  read(packet, into) {
    const { view, at, headers } = packet
    const { request, reply } = ECHO[headers.protocol]!
    if (!packet.has(8) || view.getUint8(at + 1) !== 0) return ASIDE
    const type = view.getUint8(at)
    if (type !== request && type !== reply) return ASIDE
    into.part = view.getUint16(at + 4) + (type === reply ? REPLY : 0)
    into.number = view.getUint16(at + 6)
    return NUMBERED
  },
  describe(flows, flow, part) {
    const what = part >= REPLY ? 'reply' : 'request'
    return `${addressesOf(flows, flow)}/icmp echo ${what} ${part % REPLY}`
  },
  protocolOf: (flows, flow) => flows.protocol[flow],
}
