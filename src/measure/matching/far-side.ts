/**
 * Packets that the received capture holds and that never crossed, since the far side sent them: ICMP errors
 * of the far end, answers that were captured there only. They go back, so they aren't packets that "were not
 * sent". Told by addresses: those that only send on the way out are near, those that are only sent to are
 * far. A flow from a far address is the far side's, and so is an ICMP error to a near one (routers beyond
 * send them). Where both directions enter on one side no address is near or far.
 */
import type { FlowTable } from '../../model/packets/flow-table.ts'
import type { JudgedFlows } from './judged-flows.ts'
import { MATCHED, type Pairing, UNMATCHED } from './pairing.ts'

const ICMP = 1
const ICMPV6 = 58

/** 1 for flows of the received capture of which nothing was sent because the far side sends it. */
export function findFarFlows(
  { sent, received, kind, partner }: Pairing,
  judged: JudgedFlows,
  flowOf: Int32Array,
  isReturn: Uint8Array,
): Uint8Array {
  const { table, base } = judged
  const result = new Uint8Array(judged.count)
  if (!kind.includes(UNMATCHED)) return result
  // By the addresses as they are on the far side: translated ones count as what they became.
  const isOut = new Uint8Array(judged.count)
  const isMatched = new Uint8Array(judged.count)
  for (let row = 0; row < received.count; row++) {
    if (kind[row] === UNMATCHED) continue
    isMatched[received.flow[row]!] = 1
    if (kind[row] === MATCHED && isReturn[sent.flow[partner[row]!]!] !== 1) isOut[received.flow[row]!] = 1
  }
  const senders = new Set<string>()
  const receivers = new Set<string>()
  for (let flow = 0; flow < judged.count; flow++) {
    if (isOut[flow] !== 1) continue
    senders.add(addressOf(table, base[flow]!, 0))
    receivers.add(addressOf(table, base[flow]!, 4))
  }
  const wasSent = new Uint8Array(judged.count)
  for (let row = 0; row < sent.count; row++) wasSent[sent.flow[row]!] = 1
  for (let row = 0; row < received.count; row++) {
    const flow = received.flow[row]!
    if (kind[row] !== UNMATCHED || isMatched[flow] === 1 || result[flow] === 1) continue
    if (flowOf[row]! >= 0 && wasSent[flowOf[row]!] === 1) continue
    const source = addressOf(table, base[flow]!, 0)
    const destination = addressOf(table, base[flow]!, 4)
    const isFromFar = receivers.has(source) && !senders.has(source)
    const protocol = judged.protocol(flow)
    const isIcmp = protocol === ICMP || protocol === ICMPV6
    const goesBack = isIcmp && senders.has(destination) && !receivers.has(destination) && !senders.has(source)
    if (isFromFar || goesBack) result[flow] = 1
  }
  return result
}

function addressOf({ address, version }: FlowTable, flow: number, from: 0 | 4): string {
  return `${version[flow]} ${address.subarray(flow * 8 + from, flow * 8 + from + 4).join('.')}`
}
