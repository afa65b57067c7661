/**
 * Packets leave in the order of their turns; the head is waited for (WireGuard's per-peer queue, padata's
 * reorder lists). A packet that its lane dropped frees its turn at once. A missing one is given up after
 * `timeoutNs`, counted from the moment at which it holds something up, or when more than `boundPackets` wait
 * for it; it leaves at once should it come later. Without timeout and bound a packet lost on the way holds up
 * everything behind it.
 */
import type { Release, ReleaseHost } from './release.ts'

export interface SequenceSettings {
  /** Infinity for never. */
  readonly timeoutNs: number
  /** Infinity for unlimited. */
  readonly boundPackets: number
}

const MISSING = -1
const DROPPED = -2

export class SequenceRelease implements Release {
  private readonly settings: SequenceSettings
  private readonly host: ReleaseHost
  /** Per turn, at turn modulo the length: the row that waits, MISSING or DROPPED. */
  private waiting = new Int32Array(1024).fill(MISSING)
  /** The turn that is waited for, and the first that nobody has seen yet. */
  private next = 0
  private end = 0
  private held = 0
  private waitsSinceNs = 0

  constructor(settings: SequenceSettings, host: ReleaseHost) {
    this.settings = settings
    this.host = host
  }

  enter(row: number, nowNs: number): void {
    const turn = this.host.store.turn[row]!
    if (turn < this.next) {
      this.host.released(row)
      return
    }
    this.set(turn, row)
    if (this.held++ === 0) this.waitsSinceNs = nowNs
    if (turn === this.next) this.drain(nowNs)
    else if (this.held > this.settings.boundPackets) this.giveUp(nowNs)
  }

  onDrop(turn: number, _lane: number, nowNs: number): void {
    if (turn < this.next) return
    this.set(turn, DROPPED)
    if (turn === this.next) this.drain(nowNs)
  }

  nextTimerNs(): number {
    return this.held === 0 ? Number.POSITIVE_INFINITY : this.waitsSinceNs + this.settings.timeoutNs
  }

  onTimer(nowNs: number): void {
    this.giveUp(nowNs)
  }

  flush(nowNs: number): void {
    while (this.held > 0) this.giveUp(nowNs)
  }

  /** Gives up every missing packet before the first that waits. */
  private giveUp(nowNs: number): void {
    while (this.at(this.next) === MISSING) this.next++
    this.drain(nowNs)
  }

  /** Lets go what is next in turn, as far as it has come. */
  private drain(nowNs: number): void {
    while (this.next < this.end && this.at(this.next) !== MISSING) {
      const row = this.at(this.next)
      this.waiting[this.next & (this.waiting.length - 1)] = MISSING
      this.next++
      if (row === DROPPED) continue
      this.held--
      this.host.released(row)
    }
    this.waitsSinceNs = nowNs
  }

  private at(turn: number): number {
    return this.waiting[turn & (this.waiting.length - 1)]!
  }

  private set(turn: number, value: number): void {
    while (turn - this.next >= this.waiting.length) this.grow()
    this.waiting[turn & (this.waiting.length - 1)] = value
    if (turn >= this.end) this.end = turn + 1
  }

  private grow(): void {
    const longer = new Int32Array(this.waiting.length * 2).fill(MISSING)
    for (let turn = this.next; turn < this.end; turn++) longer[turn & (longer.length - 1)] = this.at(turn)
    this.waiting = longer
  }
}
