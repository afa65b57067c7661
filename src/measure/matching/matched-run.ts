/** Paired captures as one run: every packet that was sent on the way out, in order of its time. */
import type { SentRun } from '../../traffic/arrivals/sent-run.ts'
import { MATCHED, type Pairing } from './pairing.ts'

/**
 * @param isReturn flows on the way back, which are left out
 * @param movedNs what received times are moved by, so that both captures count from one second
 */
export function matchedRunOf(
  { sent, received, kind, partner }: Pairing,
  isReturn: Uint8Array,
  movedNs: number,
): SentRun {
  const arrivedNs = new Float64Array(sent.count).fill(Number.NaN)
  for (let row = 0; row < received.count; row++)
    if (kind[row] === MATCHED) arrivedNs[partner[row]!] = received.timeNs[row]! + movedNs
  const rows = Int32Array.from({ length: sent.count }, (_, row) => row)
    .filter((row) => isReturn[sent.flow[row]!] === 0)
    .sort((a, b) => sent.timeNs[a]! - sent.timeNs[b]! || a - b)
  const zeroNs = sent.timeNs[rows[0]!] ?? 0
  const numbers = new Map<number, number>()
  const numberOf = (flow: number) => {
    if (!numbers.has(flow)) numbers.set(flow, numbers.size)
    return numbers.get(flow)!
  }
  const { length: count } = rows
  const sentNs = new Float64Array(count)
  const receivedNs = new Float64Array(count)
  const sizeBytes = new Int32Array(count)
  const flow = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const row = rows[i]!
    sentNs[i] = sent.timeNs[row]! - zeroNs
    receivedNs[i] = arrivedNs[row]! - zeroNs
    sizeBytes[i] = sent.sizeBytes[row]!
    flow[i] = numberOf(sent.flow[row]!)
  }
  return { name: sent.name, count, sentNs, receivedNs, sizeBytes, flow, flowCount: numbers.size }
}
