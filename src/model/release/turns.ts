/**
 * Threads that write in turn, like pistons: lanes write in index order, `packets` packets each. A lane that
 * has been given nothing since its last turn is skipped, a working one is waited for. Restores the order of
 * round-robin and of nothing else. One of the three techniques that the OpenVPN fork's author tried (post of
 * 2026-05-29).
 */
import { PacketQueue } from '../packets/packet-store.ts'
import type { Release, ReleaseHost } from './release.ts'

export class TurnsRelease implements Release {
  private readonly host: ReleaseHost
  private readonly packetsPerTurn: number
  /** Per lane: finished packets that wait for its turn, and packets that it was given and hasn't written. */
  private readonly finished: readonly PacketQueue[]
  private readonly owed: number[]
  private turn = 0
  private written = 0

  constructor(packetsPerTurn: number, host: ReleaseHost, lanes: number) {
    this.packetsPerTurn = packetsPerTurn
    this.host = host
    this.finished = Array.from({ length: lanes }, () => new PacketQueue(host.store))
    this.owed = new Array<number>(lanes).fill(0)
  }

  onHandOver(lane: number): void {
    this.owed[lane]!++
  }

  onDrop(_turn: number, lane: number): void {
    this.owed[lane]!--
    this.write()
  }

  enter(row: number): void {
    this.finished[this.host.store.lane[row]!]!.push(row)
    this.write()
  }

  flush(): void {
    this.write()
  }

  /** Lets the lanes write as far as the turns go now. */
  private write(): void {
    for (let skipped = 0; skipped < this.owed.length; ) {
      const lane = this.turn
      if (this.finished[lane]!.count > 0) {
        this.owed[lane]!--
        this.host.released(this.finished[lane]!.shift())
        skipped = 0
        if (++this.written < this.packetsPerTurn) continue
      } else if (this.owed[lane]! > 0) return
      else skipped++
      this.written = 0
      this.turn = lane + 1 === this.owed.length ? 0 : lane + 1
    }
  }
}
