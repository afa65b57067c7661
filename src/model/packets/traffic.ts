/**
 * Where packets come from. A traffic is asked for what it sends before a horizon, again and again; one that
 * reacts hears, between two horizons, which of its packets were delivered. A sender hears of a delivery no
 * sooner than the way back takes: so what it sends in [h, h + W) depends only on deliveries before h, for any
 * W up to that time, and nothing is approximated by asking in windows. Open loop, which hears nothing, is
 * W = Infinity. (Lookahead: R. M. Fujimoto, Parallel discrete event simulation, 1990, section 3.)
 */
import type { PacketChunk } from './chunk.ts'
import type { Deliveries } from './deliveries.ts'
import type { FlowTable } from './flow-table.ts'

export interface Traffic {
  /** The flows of the packets given so far. */
  readonly flows: FlowTable
  /** The longest window that may be asked for at once, ns; Infinity: it hears nothing (open loop). */
  readonly lookaheadNs: number
  /**
   * Without hearing anything it sends no packet before, ns; Infinity: none any more. It is over where it also
   * has nothing left to hear.
   */
  readonly nextNs: number
  /**
   * From where durations and warm-ups count, ns: its first packet where its times are somebody else's, as a
   * capture's are; 0 where it begins with the run.
   */
  readonly firstNs: number
  /**
   * Appends the packets that are sent before the horizon to the chunk, in order of time, until that is full:
   * its columns arrivalNs, flow, sizeBytes, payloadBytes and tcpFlags, and `tag` where `hasTags`. No packet
   * is no end: more may come while `nextNs` is below the horizon.
   */
  fill(chunk: PacketChunk, horizonNs: number): void | Promise<void>
  /**
   * Packets of its that reached the sink, in order of time, all before the horizon that was filled to last.
   */
  hear?(delivered: Deliveries): void
  /** What was left out of it and why, a line each; complete once it is over. */
  readonly problems?: readonly string[]
  /** Releases files. Safe to call twice. */
  close(): Promise<void>
}
