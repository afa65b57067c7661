/**
 * `outoforder pkts` and `rexmt data pkts` of tcptrace for one direction of a connection (tcptrace 6.6.7,
 * rexmit.c): a segment below one already seen is out of order, one whose bytes were all seen before is
 * retransmitted, however much time has passed. Packets stand for segments of equal size. Not modelled:
 * segments that overlap in part, and that tcptrace remembers whole quadrants of sequence space, here a
 * window; what is older counts as unseen.
 */
import { RecentNumbers } from '../order/recent-numbers.ts'

export class TcptraceCounter {
  outOfOrder = 0
  retransmitted = 0

  private readonly recent: RecentNumbers

  /** @param windowPackets numbers that are remembered */
  constructor(windowPackets?: number) {
    this.recent = new RecentNumbers(windowPackets)
  }

  /** A segment arrives. @param number of the segment in its stream */
  record(number: number): void {
    const isBelow = number < this.recent.highest
    if (this.recent.note(number) > 0) this.retransmitted++
    else if (isBelow) this.outOfOrder++
  }
}
