/**
 * Which packets a sender would wrongly declare lost because they were reordered. Open loop: original
 * transmissions only, one acknowledgement per arrival, over a return path of constant delay and in order,
 * segments of equal size. Not modelled: limited transmit, retransmissions and the recoveries that they end,
 * GRO, thinned acknowledgements.
 *
 *   Reno fast retransmit (RFC 5681 3.2)
 *     3 later packets arrive while the packet is the lowest missing one
 *   SACK recovery entry (RFC 6675 5)
 *     an arrival above the lowest missing packet, and 3 such or 3 received above it
 *   SACK IsLost (RFC 6675 4)
 *     3 later packets have arrived
 *   RACK (RFC 8985 6.2)
 *     sent longer ago than the delay of the newest acknowledged packet + reo_wnd
 *   QUIC packet threshold (RFC 9002 6.1.1)
 *     a packet numbered 3 or more higher has arrived
 *   QUIC time threshold (RFC 9002 6.1.2)
 *     sent longer ago than 9/8 of the larger of smoothed and latest RTT
 *   Linux reordering (tcp_input.c, tcp_check_sack_reordering)
 *     distance from the highest packet received, at most 300
 *
 * The time rules look at every instant between a packet's first overtaker and its own arrival. Each such
 * instant gives a sending time up to which packets still missing would be declared lost; a packet asks for
 * the latest of them since it was overtaken (SuffixMaximum).
 */
import type { Arrival, MissingIntervals } from './missing.ts'
import { SuffixMaximum } from './suffix-maximum.ts'

/** kPacketThreshold (RFC 9002 6.1.1) and DupThresh (RFC 6675 section 2). */
const THRESHOLD_PACKETS = 3
const QUIC_TIME_THRESHOLD = 9 / 8
const QUIC_GRANULARITY_NS = 1e6
/** net.ipv4.tcp_reordering and tcp_max_reordering. */
const LINUX_REORDERING_MIN = 3
const LINUX_REORDERING_MAX = 300

/** Which loss rules a packet is judged by. */
export const Transport = { none: 0, tcp: 1, quic: 2, both: 3 } as const

/** What the time rules assume, ns; without it they aren't judged. */
export interface RoundTrip {
  /** Smoothed and smallest round-trip time. */
  readonly rttNs: number
  /** The part of it that the acknowledgement takes. */
  readonly reverseDelayNs: number
}

/** What the rules remember of one stream while numbers are missing. */
export class Pending {
  /**
   * Arrivals above the lowest missing number since it became the lowest: each acknowledges what is before it
   * once more.
   */
  duplicateAcks = 0
  /** When the last packet arrived. */
  lastNs = 0
  /** Sending times up to which a packet would be declared lost, by index of the arrival they hold after. */
  readonly rackNs = new SuffixMaximum()
  readonly quicNs = new SuffixMaximum()

  /** Nothing is missing any more. */
  clear(): void {
    this.rackNs.clear()
    this.quicNs.clear()
  }
}

export class LossRules {
  renoLost = 0
  sackEntered = 0
  sackLost = 0
  rackLost = 0
  quicLost = 0
  quicTimeLost = 0
  /** Late packets judged as TCP: Linux counts each in TCPSACKReorder. */
  linuxReorderEvents = 0
  private distanceMax = 0
  private readonly roundTrip: RoundTrip | undefined

  constructor(roundTrip?: RoundTrip) {
    this.roundTrip = roundTrip
  }

  /** Do the time rules judge? */
  get judgesTime(): boolean {
    return this.roundTrip !== undefined
  }

  /** The largest `reordering` that a flow's socket has reached, segments. */
  get linuxReordering(): number {
    return Math.min(LINUX_REORDERING_MAX, Math.max(LINUX_REORDERING_MIN, this.distanceMax))
  }

  /**
   * Until this packet nothing has arrived since the one before: what would the time rules have declared lost?
   * @param hasReordered was a packet of the stream reordered before?
   */
  passTime(pending: Pending, missing: MissingIntervals, packet: Arrival, hasReordered: boolean): void {
    if (this.roundTrip === undefined) return
    const { rttNs, reverseDelayNs } = this.roundTrip
    const { nowNs, received, highestDelayNs } = packet
    // Time is whole nanoseconds; at the same instant an acknowledgement comes before a timer.
    const lastNs = Math.max(pending.lastNs, nowNs - 1)
    const waits = hasReordered || missing.receivedAbove(received) < THRESHOLD_PACKETS
    pending.rackNs.note(received, lastNs - highestDelayNs - (waits ? rttNs / 4 : 0))
    const latestRttNs = highestDelayNs + reverseDelayNs
    const quicWaitNs = Math.max(QUIC_TIME_THRESHOLD * Math.max(rttNs, latestRttNs), QUIC_GRANULARITY_NS)
    pending.quicNs.note(received, lastNs + reverseDelayNs - quicWaitNs)
  }

  /**
   * A late packet has arrived; `pending` is from before it.
   * @param distance highest number received before it, minus its own; @param overtakers packets sent later
   * that came before it
   */
  judgeLate(
    pending: Pending,
    transport: number,
    distance: number,
    overtakers: number,
    wasLowest: boolean,
  ): void {
    const isLost = Number(overtakers >= THRESHOLD_PACKETS)
    // Counted without branches, because every one of these would surprise the processor often.
    if ((transport & Transport.tcp) !== 0) {
      const { duplicateAcks } = pending
      const lowest = Number(wasLowest)
      this.linuxReorderEvents++
      if (distance + 1 > this.distanceMax) this.distanceMax = distance + 1
      this.sackLost += isLost
      this.renoLost += lowest & Number(duplicateAcks >= THRESHOLD_PACKETS)
      this.sackEntered += lowest & isLost & Number(duplicateAcks > 0)
    }
    if ((transport & Transport.quic) !== 0) this.quicLost += Number(distance >= THRESHOLD_PACKETS)
  }

  /** The same for the rules about time. @param openedAt index of the arrival that jumped over it */
  judgeTime(pending: Pending, { transport, sentNs }: Arrival, openedAt: number): void {
    if ((transport & Transport.tcp) !== 0 && sentNs <= pending.rackNs.since(openedAt)) this.rackLost++
    if ((transport & Transport.quic) !== 0 && sentNs <= pending.quicNs.since(openedAt)) this.quicTimeLost++
  }

  /** Numbers were given up: the lowest missing one may have moved. */
  forget(pending: Pending, missing: MissingIntervals): void {
    pending.duplicateAcks = 0
    pending.rackNs.forgetBefore(missing.firstOpenedAt)
    pending.quicNs.forgetBefore(missing.firstOpenedAt)
  }
}
