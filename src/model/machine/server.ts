/**
 * A thread that serves one packet at a time, here or at the far end: what of a service is done, and when it
 * will be over. Stalls suspend it; where threads share cores it goes on in pieces.
 */
import { NO_ROW } from '../packets/packet-store.ts'
import type { Stalls } from './stalls.ts'

export class Server {
  /** The row in service, or NO_ROW. */
  serving = NO_ROW
  finished = 0
  /** Time in service before what is under way, ns. */
  protected servedNs = 0
  /** When what is under way began or went on; Infinity while nothing is done. */
  protected startedNs = 0
  /** How long what is under way takes, or what was left of it when it went on, ns. */
  protected serviceNs = 0
  /**
   * When the last service that is known ends, ns: the one under way, or, looking ahead, that of the last
   * packet given to the thread.
   */
  endNs = Number.NEGATIVE_INFINITY
  readonly stalls: Stalls | undefined

  constructor(stalls: Stalls | undefined) {
    this.stalls = stalls
  }

  /** Works for what the service takes from `readyNs` on, until {@link endNs}; returns when that begins. */
  protected work(readyNs: number): number {
    const { stalls, serviceNs } = this
    const startNs = stalls === undefined ? readyNs : stalls.beginNs(readyNs)
    this.startedNs = startNs
    this.endNs = stalls === undefined ? startNs + serviceNs : stalls.finishNs(startNs, serviceNs)
    return startNs
  }

  /** Interrupts the work on the packet; what is left of it stays to be done. */
  pause(nowNs: number): void {
    const sinceNs = Math.max(0, nowNs - this.startedNs)
    const doneNs = this.stalls === undefined ? sinceNs : this.stalls.workedNs(this.startedNs, nowNs)
    this.servedNs += doneNs
    this.serviceNs -= doneNs
    this.startedNs = Number.POSITIVE_INFINITY
  }

  /** Ends the service under way and returns its row. */
  finish(): number {
    const row = this.serving
    this.serving = NO_ROW
    this.finished++
    this.servedNs += this.serviceNs
    return row
  }
}
