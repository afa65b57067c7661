/**
 * OpenVPN over UDP with AEAD ciphers: the packet id stands in the clear, in P_DATA_V2 (opcode 9) behind 3
 * bytes of peer id, in P_DATA_V1 (opcode 6) right behind the opcode. Every key counts for itself. With other
 * ciphers that place holds a checksum, which doesn't count and so isn't taken for a number; neither are the
 * 64-bit ids of epoch keys (2.7). Control packets have numbers of their own, which aren't these. Source:
 * OpenVPN, doc/doxygen/doc_protocol_overview.h and src/openvpn/crypto.c.
 */
import { UDP } from '../../model/packets/flow-table.ts'
import { ASIDE, NONE, NUMBERED, type NumberKind, usual } from './kind.ts'

const DATA_V1 = 6
const DATA_V2 = 9
/** Control, acknowledgements, hard and soft resets. */
const CONTROL = new Set([1, 2, 3, 4, 5, 7, 8, 10, 11])
/** Of the control packets: begin a session, both sides' first packets; and a key. */
const HARD_RESETS = new Set([1, 2, 7, 8, 10])
const SOFT_RESET = 3
const TAG_BYTES = 16
/** In place of a peer id; ids have 24 bits. */
const NO_PEER = 2 ** 24

export const openvpn: NumberKind = {
  ...usual,
  name: 'openvpn',
  says: "OpenVPN's packet id, by peer and key",
  protocols: [UDP],
  bits: 32,
  stepsMin: 4,
  read(packet, into) {
    const { view, at, bytes } = packet
    if (!packet.has(1)) return NONE
    const first = view.getUint8(at)
    const opcode = first >>> 3
    if (opcode !== DATA_V1 && opcode !== DATA_V2) return CONTROL.has(opcode) ? ASIDE : NONE
    const headerBytes = opcode === DATA_V2 ? 8 : 5
    if (!packet.has(headerBytes) || bytes <= headerBytes + TAG_BYTES) return NONE
    const peer = opcode === DATA_V2 ? view.getUint32(at) % 2 ** 24 : NO_PEER
    into.part = peer * 8 + (first & 7)
    into.number = view.getUint32(at + headerBytes - 4)
    return NUMBERED
  },
  renews({ view, at }) {
    const first = view.getUint8(at)
    if (HARD_RESETS.has(first >>> 3)) return () => true
    return first >>> 3 === SOFT_RESET ? (part) => part % 8 === (first & 7) : undefined
  },
  describe(flows, flow, part) {
    const peer = Math.floor(part / 8)
    return `${flows.describe(flow)}${peer === NO_PEER ? '' : ` peer ${peer}`} key ${part % 8}`
  },
  protocolOf: () => undefined,
}
