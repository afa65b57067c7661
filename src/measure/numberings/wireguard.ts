/**
 * WireGuard: data messages (type 4) carry the receiver's index in bytes 4 to 7 and a 64-bit counter in bytes
 * 8 to 15, little-endian. The receiver chooses an index for each session, so a rekey is a new count, and one
 * index counts on when the sender's address changes. Handshakes and cookies (types 1 to 3) have no number.
 * Source: Donenfeld, WireGuard, NDSS 2017, section 5.4.
 */
import { UDP } from '../../model/packets/flow-table.ts'
import { ASIDE, hexName, NONE, NUMBERED, type NumberKind, usual } from './kind.ts'

const DATA = 4
/** Of types 1 to 3: initiation, response, cookie. */
const HANDSHAKE_BYTES = [148, 92, 64]
/** A keepalive: header and tag. */
const DATA_BYTES_MIN = 32

export const wireguard: NumberKind = {
  ...usual,
  name: 'wireguard',
  says: "WireGuard's counter, by receiver index",
  protocols: [UDP],
  bits: 0,
  stepsMin: 2,
  densityMin: 0,
  isMarked: true,
  read(packet, into) {
    const { view, at, bytes } = packet
    if (!packet.has(16) || view.getUint32(at) % 2 ** 24 !== 0) return NONE
    const type = view.getUint8(at)
    if (type !== DATA) return HANDSHAKE_BYTES[type - 1] === bytes ? ASIDE : NONE
    const high = view.getUint32(at + 12, true)
    if (bytes < DATA_BYTES_MIN || high >= 2 ** 21) return NONE
    into.part = view.getUint32(at + 4, true)
    into.number = high * 2 ** 32 + view.getUint32(at + 8, true)
    return NUMBERED
  },
  group: ({ address, version }, flow) =>
    `${version[flow]} ${address.subarray(flow * 8 + 4, flow * 8 + 8).join()}`,
  describe: (flows, flow, part) => `${flows.describe(flow)} receiver ${hexName(part)}`,
  protocolOf: () => undefined,
}
