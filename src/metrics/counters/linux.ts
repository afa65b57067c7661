/**
 * What a Linux sender makes of the order in which its segments arrived (net/ipv4/tcp_input.c,
 * tcp_check_sack_reordering): the counter TCPSACKReorder, and tp->reordering, its estimate in segments, which
 * starts at net.ipv4.tcp_reordering and only grows, up to net.ipv4.tcp_max_reordering. Assumed are original
 * transmissions of equal size and one acknowledgement per arrival, none of them lost. Not modelled:
 * retransmissions, the reset of the estimate at a time-out, DSACK; arrivals older than the window of
 * remembered numbers count as first copies.
 */
import { RecentNumbers } from '../order/recent-numbers.ts'

/** Defaults of net.ipv4.tcp_reordering and net.ipv4.tcp_max_reordering. */
const REORDERING_INITIAL = 3
const REORDERING_MAX = 300

export interface LinuxOptions {
  readonly initialSegments?: number
  readonly maxSegments?: number
  /** Numbers that are remembered. */
  readonly windowPackets?: number
}

export class LinuxCounter {
  /** tp->reordering. */
  reorderingSegments: number
  /** TcpExt TCPSACKReorder. */
  sackReorder = 0

  private readonly maxSegments: number
  private readonly recent: RecentNumbers

  constructor(options: LinuxOptions = {}) {
    this.reorderingSegments = options.initialSegments ?? REORDERING_INITIAL
    this.maxSegments = options.maxSegments ?? REORDERING_MAX
    this.recent = new RecentNumbers(options.windowPackets)
  }

  /** A segment arrives. @param number of the segment in its stream */
  record(number: number): void {
    const metric = this.recent.highest + 1 - number
    if (this.recent.note(number) > 0 || metric <= 1) return
    this.sackReorder++
    if (metric > this.reorderingSegments) this.reorderingSegments = Math.min(metric, this.maxSegments)
  }
}
