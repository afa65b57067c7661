/**
 * A number at a place in UDP's payload that the user tells: `udp-offset=N:BYTES:be` or `:le`. It wraps where
 * its width is 1 to 6 bytes; each direction of a 5-tuple counts for itself.
 */
import { UDP } from '../../model/packets/flow-table.ts'
import { NONE, NUMBERED, type NumberKind, usual } from './kind.ts'

const WRAPPING_BYTES_MAX = 6

/** @param offset from the start of the payload @param bytes 1 to 8 */
export function udpOffset(offset: number, bytes: number, isLittle: boolean): NumberKind {
  const range = bytes > 1 ? 4096 : 16
  return {
    ...usual,
    name: `udp-offset=${offset}:${bytes}:${isLittle ? 'le' : 'be'}`,
    says: `the number in bytes ${offset} to ${offset + bytes - 1} of UDP's payload`,
    protocols: [UDP],
    bits: bytes > WRAPPING_BYTES_MAX ? 0 : bytes * 8,
    nearBack: range,
    nearAhead: range,
    farPackets: bytes > 3 ? usual.farPackets : undefined,
    stepsMin: 1,
    isPlace: true,
    read(packet, into) {
      if (!packet.has(offset + bytes)) return NONE
      const from = packet.at + offset
      let number = 0
      for (let i = 0; i < bytes; i++)
        number = number * 256 + packet.view.getUint8(isLittle ? from + bytes - 1 - i : from + i)
      if (number > Number.MAX_SAFE_INTEGER) return NONE
      into.part = 0
      into.number = number
      return NUMBERED
    },
    describe: (flows, flow) => flows.describe(flow),
    protocolOf: () => UDP,
  }
}
