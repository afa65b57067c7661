/**
 * Packet duplication of one stream (RFC 5560 sections 4 and 5): copies per packet and share of packets with
 * copies. Of each number it is remembered whether it came once or more often, over a window of recent
 * numbers.
 */
import { RecentNumbers } from './recent-numbers.ts'

export class Duplication {
  /** Packets of which at least one copy arrived. */
  received = 0
  /** Copies of them, the first ones included. */
  copies = 0
  /** Packets that arrived more than once. */
  replicated = 0
  /** Arrivals older than the window, of which nothing can be said; in none of the other counts. */
  beyondWindow = 0

  private readonly recent: RecentNumbers

  /** @param windowPackets numbers that are remembered */
  constructor(windowPackets?: number) {
    this.recent = new RecentNumbers(windowPackets)
  }

  /**
   * A packet arrives. @param number of the packet in its stream @returns whether it is known to be a further
   * copy
   */
  record(number: number): boolean {
    const before = this.recent.note(number)
    if (before < 0) {
      this.beyondWindow++
      return false
    }
    this.copies++
    if (before === 0) this.received++
    if (before === 1) this.replicated++
    return before > 0
  }

  /** Superfluous copies per packet received, 0 without duplicates, may exceed 1; null without packets. */
  get duplicationFraction(): number | null {
    return this.received === 0 ? null : this.copies / this.received - 1
  }

  /** Share of the packets received that arrived more than once, 0..1; null without packets. */
  get replicatedPacketRate(): number | null {
    return this.received === 0 ? null : this.replicated / this.received
  }
}
