/**
 * RTP: version 2, a 16-bit sequence number that wraps, counted by each SSRC. What shares its ports isn't
 * numbered: RTCP, STUN, DTLS and ZRTP, told apart by their first bytes. Sources: RFC 3550 sections 5.1 and
 * A.1, RFC 5761 section 4, RFC 7983 section 7.
 */
import { UDP } from '../../model/packets/flow-table.ts'
import { ASIDE, hexName, NONE, NUMBERED, type NumberKind, usual } from './kind.ts'

const HEADER_BYTES = 12

export const rtp: NumberKind = {
  ...usual,
  name: 'rtp',
  says: "RTP's sequence number, by SSRC",
  protocols: [UDP],
  bits: 16,
  nearBack: 1000,
  nearAhead: 3000,
  farPackets: 2 ** 13,
  stepsMin: 4,
  read(packet, into) {
    const { view, at, bytes } = packet
    if (!packet.has(4)) return NONE
    const first = view.getUint8(at)
    if (first >>> 6 !== 2) return first < 4 || (first >= 16 && first < 64) ? ASIDE : NONE
    const second = view.getUint8(at + 1)
    if (second >= 192 && second <= 223) return ASIDE
    if (!packet.has(HEADER_BYTES) || bytes < HEADER_BYTES + (first & 15) * 4) return NONE
    into.part = view.getUint32(at + 8)
    into.number = view.getUint16(at + 2)
    return NUMBERED
  },
  describe: (flows, flow, part) => `${flows.describe(flow)} ssrc ${hexName(part)}`,
  protocolOf: () => UDP,
}
