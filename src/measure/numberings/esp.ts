/**
 * ESP, alone or within UDP port 4500: SPI and 32-bit sequence number, of each security association. With
 * extended sequence numbers the high half isn't sent, so a number that wraps is counted on. Within UDP four
 * zero bytes instead of an SPI are IKE, and one byte 0xff is a keepalive. Sources: RFC 4303 section 2, RFC
 * 3948 section 2.
 */
import { UDP } from '../../model/packets/flow-table.ts'
import { ASIDE, addressesOf, ESP, hexName, NONE, NUMBERED, type NumberKind, usual } from './kind.ts'

const NAT_PORT = 4500
/** SPIs up to this are reserved (RFC 4303 section 2.1). */
const RESERVED_SPI = 255

export const esp: NumberKind = {
  ...usual,
  name: 'esp',
  says: "ESP's sequence number, by SPI",
  protocols: [ESP, UDP],
  bits: 32,
  stepsMin: 2,
  densityMin: 0,
  isMarked: true,
  read(packet, into) {
    const { view, at, headers } = packet
    if (headers.protocol === UDP) {
      if (headers.sourcePort !== NAT_PORT && headers.destinationPort !== NAT_PORT) return NONE
      if (packet.bytes === 1) return ASIDE
      if (packet.has(4) && view.getUint32(at) === 0) return ASIDE
    }
    if (!packet.has(8)) return NONE
    const spi = view.getUint32(at)
    if (spi <= RESERVED_SPI) return NONE
    into.part = spi
    into.number = view.getUint32(at + 4)
    return NUMBERED
  },
  describe: (flows, flow, part) =>
    flows.protocol[flow] === UDP
      ? `${flows.describe(flow)} esp ${hexName(part)}`
      : `${addressesOf(flows, flow)}/esp ${hexName(part)}`,
  protocolOf: () => undefined,
}
