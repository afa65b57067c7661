/**
 * `iperf3 -u`: every datagram opens with the time of sending, seconds and microseconds, and a counter of 32
 * or, with --udp-counters-64bit, 64 bits, all big-endian. The clock is the sender's and often counts from its
 * start, so delays are known up to a constant. Which width it is shows by which one counts. The 4 bytes that
 * open a stream have no number. Source: esnet/iperf, src/iperf_udp.c.
 */
import { UDP } from '../../model/packets/flow-table.ts'
import { ASIDE, NONE, NUMBERED, type NumberKind, usual } from './kind.ts'

const MICROSECONDS = 1_000_000
const OPENING_BYTES = 4

function iperf3(counterBytes: 4 | 8): NumberKind {
  return {
    ...usual,
    name: 'iperf3-udp',
    says: "iperf3's counter and send time",
    protocols: [UDP],
    bits: counterBytes === 4 ? 32 : 0,
    stepsMin: 4,
    read(packet, into) {
      const { view, at, bytes } = packet
      if (bytes === OPENING_BYTES) return ASIDE
      if (!packet.has(8 + counterBytes) || view.getUint32(at + 4) >= MICROSECONDS) return NONE
      const high = counterBytes === 4 ? 0 : view.getUint32(at + 8)
      if (high >= 2 ** 21) return NONE
      into.part = 0
      into.number = high * 2 ** 32 + view.getUint32(at + 4 + counterBytes)
      into.sentUs = view.getUint32(at) * MICROSECONDS + view.getUint32(at + 4)
      return NUMBERED
    },
    describe: (flows, flow) => flows.describe(flow),
    protocolOf: () => UDP,
  }
}

export const iperf3Udp = iperf3(4)
export const iperf3Udp64 = iperf3(8)
