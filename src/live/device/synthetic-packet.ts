/**
 * Headers for packets that no capture holds: IPv4 or IPv6 with the flow's addresses, then TCP or UDP with its
 * ports. Checksums stay 0; they are made when the packet is marked. Sources: RFC 791, RFC 8200, RFC 9293, RFC
 * 768.
 */

import { type FlowTable, TCP, UDP } from '../../model/packets/flow-table.ts'

const HOPS = 64
const DATA_OFFSET_5_WORDS = 0x50
const ACK = 0x10

/** The headers of a packet of the flow; the payload behind them, up to `sizeBytes`, is left out. */
export function syntheticHeaders(
  flows: FlowTable,
  flow: number,
  sizeBytes: number,
  tcpFlags: number,
): Uint8Array {
  const ipBytes = flows.version[flow] === 4 ? 20 : 40
  const protocol = flows.protocol[flow]!
  const transportBytes = protocol === TCP ? 20 : protocol === UDP ? 8 : 0
  const bytes = new Uint8Array(ipBytes + transportBytes)
  const view = new DataView(bytes.buffer)
  const length = Math.max(sizeBytes, bytes.length)
  const words = flows.address.subarray(flow * 8, flow * 8 + 8)
  if (ipBytes === 20) {
    bytes[0] = 0x45
    view.setUint16(2, length)
    bytes[8] = HOPS
    bytes[9] = protocol
    view.setUint32(12, words[0]!)
    view.setUint32(16, words[4]!)
  } else {
    bytes[0] = 0x60
    view.setUint16(4, length - ipBytes)
    bytes[6] = protocol
    bytes[7] = HOPS
    for (let word = 0; word < 8; word++) view.setUint32(8 + 4 * word, words[word]!)
  }
  if (transportBytes > 0) {
    view.setUint16(ipBytes, Math.max(0, flows.sourcePort[flow]!))
    view.setUint16(ipBytes + 2, Math.max(0, flows.destinationPort[flow]!))
  }
  if (protocol === TCP) {
    bytes[ipBytes + 12] = DATA_OFFSET_5_WORDS
    bytes[ipBytes + 13] = tcpFlags === 0 ? ACK : tcpFlags
  } else if (protocol === UDP) view.setUint16(ipBytes + 4, length - ipBytes)
  return bytes
}
