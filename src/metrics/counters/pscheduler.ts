/**
 * `packets-reordered` and `packets-duplicated` of perfSONAR's latency results (perfsonar/pscheduler,
 * owping_utils.py, parse_raw_owamp_output): after duplicates are taken out, a packet is reordered if its
 * number is below the one received just before. Not modelled: packets-lost, that the program remembers all
 * numbers, here a window (what is older counts as a first copy), and that a version seen looks duplicates up
 * in a table that it never fills.
 */
import { RecentNumbers } from '../order/recent-numbers.ts'

export class PschedulerCounter {
  reordered = 0
  duplicated = 0

  private previous = Number.NEGATIVE_INFINITY
  private readonly recent: RecentNumbers

  /** @param windowPackets numbers that are remembered */
  constructor(windowPackets?: number) {
    this.recent = new RecentNumbers(windowPackets)
  }

  /** A packet arrives. @param number of the packet in its stream */
  record(number: number): void {
    if (this.recent.note(number) > 0) {
      this.duplicated++
      return
    }
    if (number < this.previous) this.reordered++
    this.previous = number
  }
}
