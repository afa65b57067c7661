/**
 * Stalls of one lane: times at which its thread is not running, whatever it has to do (preemption,
 * interrupts, a garbage collector). A renewal process over virtual time: a gap, a stall, a gap, a stall. A
 * stall suspends the service in progress; it never reorders a lane's own packets.
 */
import type { Sampler } from '../../sim/distributions/distribution.ts'

/**
 * Stalls that are drawn one by one in an idle time or within one service. What is beyond takes hours to draw
 * and changes nothing: gaps have no memory, so the process may as well begin anew there.
 */
const STALLS_AT_ONCE_MAX = 100_000

export class Stalls {
  private readonly gapNs: Sampler
  private readonly lengthNs: Sampler
  /** Begin and end of the stalls that still matter, alternating, in order. */
  private readonly edges: number[] = []
  private lastEndNs = 0

  /** @param gapNs from the end of a stall to the begin of the next; @param lengthNs how long one lasts */
  constructor(gapNs: Sampler, lengthNs: Sampler) {
    this.gapNs = gapNs
    this.lengthNs = lengthNs
  }

  /** When a thread that wants to begin at `fromNs` does: then, or at the end of the stall that is on. */
  beginNs(fromNs: number): number {
    this.forgetBefore(fromNs)
    return this.edges[0]! <= fromNs ? this.edges[1]! : fromNs
  }

  /** When `workNs` of work that begins at `fromNs`, outside of a stall, is done. */
  finishNs(fromNs: number, workNs: number): number {
    let finishNs = fromNs + workNs
    for (let i = 0; ; i += 2) {
      if (i === this.edges.length) {
        if (i > 2 * STALLS_AT_ONCE_MAX) return this.skipTo(this.stretched(fromNs, workNs, finishNs))
        this.extend()
      }
      const begin = this.edges[i]!
      const end = this.edges[i + 1]!
      if (end <= fromNs) continue
      if (begin >= finishNs) return finishNs
      finishNs += end - begin
    }
  }

  /** What was worked of the time from `fromNs`, given to {@link finishNs} before, to `toNs`. */
  workedNs(fromNs: number, toNs: number): number {
    let workedNs = Math.max(0, toNs - fromNs)
    for (let i = 0; i < this.edges.length; i += 2) {
      const heldNs = Math.min(toNs, this.edges[i + 1]!) - Math.max(fromNs, this.edges[i]!)
      if (heldNs > 0) workedNs -= heldNs
    }
    return workedNs
  }

  /** The rest of a very long service is held up as much as its beginning was. */
  private stretched(fromNs: number, workNs: number, finishNs: number): number {
    const seenNs = this.lastEndNs - fromNs
    const workedNs = seenNs - (finishNs - fromNs - workNs)
    return fromNs + workNs * Math.max(1, seenNs / Math.max(1, workedNs))
  }

  /** Outside of a stall then, whatever was before. */
  private skipTo(timeNs: number): number {
    this.edges.length = 0
    this.lastEndNs = timeNs
    return timeNs
  }

  private forgetBefore(timeNs: number): void {
    let past = 0
    for (let drawn = 0; ; drawn++) {
      if (past === this.edges.length) {
        if (past > 0) this.edges.length = past = 0
        if (drawn > STALLS_AT_ONCE_MAX) this.skipTo(timeNs)
        this.extend()
      }
      if (this.edges[past + 1]! > timeNs) break
      past += 2
    }
    if (past > 0) this.edges.splice(0, past)
  }

  private extend(): void {
    const begin = Math.round(this.lastEndNs + this.gapNs())
    this.lastEndNs = begin + Math.round(this.lengthNs())
    this.edges.push(begin, this.lastEndNs)
  }
}
