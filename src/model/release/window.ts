/**
 * DPDK's rte_reorder (lib/reorder/rte_reorder.c): a window of `sizePackets` turns. A packet within it is kept
 * until those before it have come; one up to another window ahead slides the window, letting go what waits
 * and skipping what is missing; anything else (late, or too far ahead) is not reordered and leaves at once,
 * as DPDK's sample application does. There is no timer, and a dropped packet is not known of: only the
 * window's end gives it up.
 */
import type { Release, ReleaseHost } from './release.ts'

const MISSING = -1

export class WindowRelease implements Release {
  private readonly size: number
  private readonly host: ReleaseHost
  private readonly waiting: Int32Array
  /** The first turn of the window; the first packet sets it. */
  private first = -1

  /** @param sizePackets a power of two */
  constructor(sizePackets: number, host: ReleaseHost) {
    this.size = sizePackets
    this.host = host
    this.waiting = new Int32Array(sizePackets).fill(MISSING)
  }

  enter(row: number): void {
    const turn = this.host.store.turn[row]!
    if (this.first < 0) this.first = turn
    const offset = turn - this.first
    if (offset < 0 || offset >= 2 * this.size) {
      this.host.released(row)
      return
    }
    for (let slides = offset - this.size + 1; slides > 0; slides--) this.letGoFirst()
    this.waiting[turn & (this.size - 1)] = row
    while (this.waiting[this.first & (this.size - 1)] !== MISSING) this.letGoFirst()
  }

  flush(): void {
    if (this.first < 0) return
    for (let i = 0; i < this.size; i++) this.letGoFirst()
  }

  /** Moves the window on by one turn, and its packet out if it is there. */
  private letGoFirst(): void {
    const at = this.first & (this.size - 1)
    const row = this.waiting[at]!
    this.waiting[at] = MISSING
    this.first++
    if (row !== MISSING) this.host.released(row)
  }
}
