/** Test support: judges a whole list of arrivals with an OrderTracker, and definition-literal rules beside it. */
import { OrderTracker, Transport } from './order.ts'

export interface Verdict {
  readonly number: number
  readonly reordered: boolean
  readonly duplicate: boolean
  readonly extent: number
  readonly lateTimeNs: number
  readonly overtakers: number
  readonly nDegree: number
  readonly sackLost: boolean
  readonly quicLost: boolean
}

/**
 * One verdict per arrival. @param first number of the first packet sent (1 in the RFCs)
 * @param timesNs arrival times; without them arrival i comes at i
 */
export function judge(arrivals: readonly number[], first = 1, timesNs?: readonly number[]): Verdict[] {
  const tracker = new OrderTracker(1)
  return arrivals.map((number, i) => {
    const { repeated, sackLost, quicLost } = tracker
    const reordered = tracker.record(0, number - first, timesNs?.[i] ?? i, true, Transport.both)
    const { extent, lateTimeNs, overtakers, nDegree } = tracker.late
    return {
      number,
      reordered,
      duplicate: tracker.repeated > repeated,
      extent: reordered ? extent : 0,
      lateTimeNs: reordered ? lateTimeNs : 0,
      overtakers: reordered ? overtakers : 0,
      nDegree: reordered ? nDegree : 0,
      sackLost: tracker.sackLost > sackLost,
      quicLost: tracker.quicLost > quicLost,
    }
  })
}

/** RFC 4737 3.3, 4.2, 4.3 and 5, RFC 6675 4 and RFC 9002 6.1.1 word by word, over first copies; quadratic. */
export function judgeLiterally(arrivals: readonly number[], timesNs?: readonly number[]): Verdict[] {
  const seen = new Set<number>()
  const copies: number[] = []
  const times: number[] = []
  return arrivals.map((number, position) => {
    const timeNs = timesNs?.[position] ?? position
    const none = { extent: 0, lateTimeNs: 0, overtakers: 0, nDegree: 0, sackLost: false, quicLost: false }
    if (seen.has(number)) return { number, reordered: false, duplicate: true, ...none }
    const firstGreater = copies.findIndex((other) => other > number)
    let nDegree = 0
    while (nDegree < copies.length && copies[copies.length - 1 - nDegree]! > number) nDegree++
    const overtakers = copies.filter((other) => other > number).length
    const greatest = copies.reduce((most, other) => Math.max(most, other), Number.NEGATIVE_INFINITY)
    const reordered = firstGreater >= 0
    const verdict = {
      number,
      reordered,
      duplicate: false,
      extent: reordered ? copies.length - firstGreater : 0,
      lateTimeNs: reordered ? timeNs - times[firstGreater]! : 0,
      overtakers,
      nDegree,
      sackLost: overtakers >= 3,
      quicLost: greatest - number >= 3,
    }
    seen.add(number)
    copies.push(number)
    times.push(timeNs)
    return verdict
  })
}

/** RFC 5681 3.2: packets that 3 duplicate ACKs in a row ask for, one ACK per arrival; first copies from 1 on. */
export function renoRetransmitted(arrivals: readonly number[]): Set<number> {
  const received = new Set<number>()
  const lost = new Set<number>()
  let next = 1
  let duplicateAcks = 0
  for (const number of arrivals) {
    received.add(number)
    if (number === next) {
      while (received.has(next)) next++
      duplicateAcks = 0
    } else if (number > next && ++duplicateAcks === 3) lost.add(next)
  }
  return lost
}
