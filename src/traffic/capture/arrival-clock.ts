/**
 * A capture's times as a run uses them: ns from the whole second at or before the first packet, never going
 * back. A packet earlier than one before it arrives together with that one, and is counted. Exact while the
 * packets lie within 104 days; beyond that rounded to what a double holds.
 */
import type { PacketColumns } from './columns.ts'

export class ArrivalClock {
  /** Packets so far. */
  packets = 0
  firstNs = 0
  latestNs = 0
  /** Packets that were earlier than one before them. */
  clampedPackets = 0
  /** The most that such a packet was too early by. */
  backwardNsMax = 0
  private baseSeconds = 0

  /** Sets `arrivalNs` from the start for the next packets of the capture. */
  read({ count, seconds, nanoseconds }: PacketColumns, arrivalNs: Float64Array): void {
    if (count === 0) return
    if (this.packets === 0) {
      this.baseSeconds = seconds[0]!
      this.firstNs = this.latestNs = nanoseconds[0]!
    }
    this.packets += count
    const { baseSeconds } = this
    let { latestNs } = this
    for (let i = 0; i < count; i++) {
      const ns = (seconds[i]! - baseSeconds) * 1e9 + nanoseconds[i]!
      if (ns >= latestNs) latestNs = ns
      else this.clamp(latestNs - ns)
      arrivalNs[i] = latestNs
    }
    this.latestNs = latestNs
  }

  /** From the first arrival to the last. */
  get spanNs(): number {
    return this.latestNs - this.firstNs
  }

  private clamp(backwardNs: number): void {
    this.clampedPackets++
    if (backwardNs > this.backwardNsMax) this.backwardNsMax = backwardNs
  }
}
