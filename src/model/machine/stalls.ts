/**
 * Stalls of one lane: times at which its thread is not running, whatever it has to do (preemption,
 * interrupts, a garbage collector). A renewal process over virtual time: a gap, a stall, a gap, a stall. A
 * stall suspends the service in progress; it never reorders a lane's own packets.
 */
import type { Sampler } from '../../sim/distributions/distribution.ts'

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
      if (i === this.edges.length) this.extend()
      const begin = this.edges[i]!
      const end = this.edges[i + 1]!
      if (end <= fromNs) continue
      if (begin >= finishNs) return finishNs
      finishNs += end - begin
    }
  }

  private forgetBefore(timeNs: number): void {
    let past = 0
    for (;;) {
      if (past === this.edges.length) {
        if (past > 0) this.edges.length = past = 0
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
