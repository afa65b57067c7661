/**
 * A capture cut into windows of equal width, aligned to time zero (the whole second at or before the first
 * packet): the most packets and bytes in one, and how many different flows each holds. The mean is over the
 * windows that hold a packet, so that silence, however long, doesn't change it.
 */
import type { TimedPackets } from './timed-packets.ts'

export class Windows {
  readonly widthNs: number
  packetsMax = 0
  bytesMax = 0
  flowsMax = 0
  private startNs = 0
  private packets = 0
  private bytes = 0
  private flows = 0
  private closedFlows = 0
  private closed = 0

  constructor(widthNs: number) {
    this.widthNs = widthNs
  }

  /** Packets must come with `flowSeenNs` filled in. */
  add({ count, columns, arrivalNs, flowSeenNs }: TimedPackets): void {
    const { widthNs } = this
    const { sizeBytes } = columns
    let { startNs, packets, bytes, flows } = this
    let endNs = startNs + widthNs
    for (let i = 0; i < count; i++) {
      const nowNs = arrivalNs[i]!
      if (nowNs >= endNs) {
        this.close(packets, bytes, flows)
        packets = bytes = flows = 0
        startNs = Math.floor(nowNs / widthNs) * widthNs
        endNs = startNs + widthNs
      }
      packets++
      bytes += sizeBytes[i]!
      // Its packet before lies before this window, or there was none.
      if (flowSeenNs[i]! < startNs) flows++
    }
    this.startNs = startNs
    this.packets = packets
    this.bytes = bytes
    this.flows = flows
  }

  /** Ends the last window. */
  finish(): void {
    this.close(this.packets, this.bytes, this.flows)
    this.packets = this.bytes = this.flows = 0
  }

  /** Different flows per window that holds a packet; null without packets. */
  get flowsMean(): number | null {
    return this.closed === 0 ? null : this.closedFlows / this.closed
  }

  private close(packets: number, bytes: number, flows: number): void {
    if (packets === 0) return
    this.packetsMax = Math.max(this.packetsMax, packets)
    this.bytesMax = Math.max(this.bytesMax, bytes)
    this.flowsMax = Math.max(this.flowsMax, flows)
    this.closedFlows += flows
    this.closed++
  }
}
