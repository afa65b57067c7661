/**
 * Captures on both sides of a system hold both directions, and a packet on the way back is in the "received"
 * capture first. Which flows are on the way back follows from the differences of the two clocks: they are
 * offset + delay on the way out and offset - delay on the way back, so in every conversation the flow out
 * lies above the flow back, whatever the offset. Told only where a single limit parts all conversations, and
 * where the differences could be delays of one clock only by many packets; otherwise every flow counts as
 * out, as where a middlebox was captured with both directions entering on one side. Clocks that drift by more
 * than the round trip while the capture lasts can't be told either. Link-local and multicast flows don't help
 * to tell, since both sides send them under the same addresses.
 */
import type { FlowTable } from '../../model/packets/flow-table.ts'
import { DELAY_NS_MAX } from './clock.ts'

/**
 * Flow by flow, the least and the greatest difference received - sent; infinite the wrong way where none
 * matched.
 */
export interface Differences {
  readonly least: Float64Array
  readonly most: Float64Array
  /** How many packets these are of. */
  readonly packets: Float64Array
}

export interface ReturnFlows {
  /** 1 for the flows on the way back. */
  readonly isReturn: Uint8Array
  /** Least time out and back between the capture points; undefined where nothing comes back. */
  readonly roundTripNsMin: number | undefined
  /** The greatest difference of the flows on the way back. */
  readonly differenceNsMax: number
  /** All differences could be delays of one clock: the system may also be slower in one direction. */
  readonly isDoubtful: boolean
}

/** Packets that either direction must have, where the differences alone don't tell. */
const PACKETS_MIN = 20

export function noReturnFlows(flows: FlowTable): ReturnFlows {
  const isReturn = new Uint8Array(flows.count)
  return { isReturn, roundTripNsMin: undefined, differenceNsMax: Number.NEGATIVE_INFINITY, isDoubtful: false }
}

/**
 * 1 for flows that more than one host may send, or that stay on their link: multicast, link-local,
 * unspecified.
 */
export function localFlows({ count, version, address }: FlowTable): Uint8Array {
  return Uint8Array.from({ length: count }, (_, flow) => {
    const source = address[flow * 8]!
    const destination = address[flow * 8 + 4]!
    if (version[flow] === 4) return source === 0 || destination >>> 28 >= 14 ? 1 : 0
    const isUnspecified = address.subarray(flow * 8, flow * 8 + 4).every((word) => word === 0)
    return isUnspecified || source >>> 22 === 0xfe80 >>> 6 || destination >>> 24 === 0xff ? 1 : 0
  })
}

/** @param isLocal from {@link localFlows} */
export function findReturnFlows(
  flows: FlowTable,
  { least, most, packets }: Differences,
  isLocal: Uint8Array,
): ReturnFlows {
  const isReturn = new Uint8Array(flows.count)
  const isDoubtful =
    least.every((ns, flow) => isLocal[flow] === 1 || ns >= 0) &&
    most.every((ns, flow) => isLocal[flow] === 1 || ns <= DELAY_NS_MAX)
  let backMost = Number.NEGATIVE_INFINITY
  let outLeast = Number.POSITIVE_INFINITY
  let outPackets = 0
  let backPackets = 0
  const reverse = Int32Array.from({ length: flows.count }, (_, flow) => flows.reverseOf(flow))
  const isMatched = (flow: number) => flow >= 0 && least[flow]! < Number.POSITIVE_INFINITY
  for (let flow = 0; flow < flows.count; flow++) {
    const other = reverse[flow]!
    if (other <= flow || !isMatched(flow) || !isMatched(other) || isLocal[flow] === 1) continue
    const isOut = least[flow]! > least[other]!
    backMost = Math.max(backMost, most[isOut ? other : flow]!)
    outLeast = Math.min(outLeast, least[isOut ? flow : other]!)
    outPackets += packets[isOut ? flow : other]!
    backPackets += packets[isOut ? other : flow]!
  }
  // Without a conversation both are infinite the wrong way round.
  if (backMost === Number.NEGATIVE_INFINITY || backMost >= outLeast) return noReturnFlows(flows)
  if (isDoubtful && Math.min(outPackets, backPackets) < PACKETS_MIN) return noReturnFlows(flows)
  const limit = (backMost + outLeast) / 2
  for (let flow = 0; flow < flows.count; flow++) {
    if (!isMatched(flow)) continue
    if (isLocal[flow] === 1) {
      if (most[flow]! < limit) isReturn[flow] = 1
      continue
    }
    const middle = (least[flow]! + most[flow]!) / 2
    if (middle < limit) {
      isReturn[flow] = 1
      backMost = Math.max(backMost, most[flow]!)
    } else {
      outLeast = Math.min(outLeast, least[flow]!)
      const other = reverse[flow]!
      if (other >= 0 && !isMatched(other)) isReturn[other] = 1
    }
  }
  const roundTripNsMin = Math.max(outLeast - backMost, 0)
  return { isReturn, roundTripNsMin, differenceNsMax: backMost, isDoubtful }
}
