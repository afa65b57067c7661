/**
 * The n-reordering that owping and powstream print of one stream (perfsonar/owamp, owamp/stats.c): the ring
 * of RFC 4737 appendix A example 1, duplicates included, as m/l where the RFC's program has m/(l-n). Not
 * modelled: the loss time-out and skip ranges of a session, and the flag for clocks out of step.
 */

/** OWP_MAX_N of early versions of owping. */
const RING_PACKETS = 100

export class OwpingCounter {
  /** Arrivals, duplicates included: l. */
  arrivals = 0
  /** counts[n]: arrivals before which n in a row had greater numbers, n = 1 .. length - 1: m. */
  readonly counts: Float64Array

  private readonly ring: Float64Array
  private at = 0

  /** @param ringPackets greatest n that is counted */
  constructor(ringPackets = RING_PACKETS) {
    this.ring = new Float64Array(ringPackets)
    this.counts = new Float64Array(ringPackets + 1)
  }

  /** A packet arrives. @param number of the packet in its stream */
  record(number: number): void {
    const { ring, counts } = this
    const known = Math.min(this.arrivals, ring.length)
    let before = this.at
    for (let n = 1; n <= known; n++) {
      before = before === 0 ? ring.length - 1 : before - 1
      if (ring[before]! <= number) break
      counts[n]!++
    }
    ring[this.at] = number
    this.at = this.at + 1 === ring.length ? 0 : this.at + 1
    this.arrivals++
  }

  /**
   * The ratios m/l for n = 1, 2, ..., up to the last that isn't 0: what owping prints, which shows percent.
   */
  get ratios(): number[] {
    const end = this.counts.indexOf(0, 1)
    return Array.from(this.counts.subarray(1, end < 0 ? undefined : end), (count) => count / this.arrivals)
  }
}
