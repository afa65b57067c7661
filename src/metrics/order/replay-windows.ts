/**
 * What replay windows of given sizes would drop (RFC 6479, WireGuard's counter): a late packet when the
 * window, which ends at the highest number received, has moved past it. Every packet that arrives moves the
 * window.
 */

export class ReplayWindows {
  /** In the order of the sizes: packets that came when the window had moved past them. */
  readonly dropped: Float64Array
  private readonly sizesPackets: readonly number[]
  private readonly smallestPackets: number

  constructor(sizesPackets: readonly number[]) {
    this.sizesPackets = sizesPackets
    this.smallestPackets = Math.min(...sizesPackets)
    this.dropped = new Float64Array(sizesPackets.length)
  }

  /** A late packet. @param distance highest number received before it, minus its own */
  judge(distance: number): void {
    if (distance < this.smallestPackets) return
    for (let i = 0; i < this.dropped.length; i++) if (distance >= this.sizesPackets[i]!) this.dropped[i]!++
  }
}
