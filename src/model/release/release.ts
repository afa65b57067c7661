/**
 * Release (egress order): what stands between lanes and links, or links and sink, to give packets back an
 * order. It is given packets as they come and hands them on through its host. Turns are numbers that the
 * reader gives at hand-over, 0, 1, 2, ... over all packets.
 */
import type { PacketStore } from '../packets/packet-store.ts'

/** What a release needs of the pipeline around it. */
export interface ReleaseHost {
  readonly store: PacketStore
  /** Hands a packet on. */
  released(row: number): void
}

export interface Release {
  /** A packet has come. */
  enter(row: number, nowNs: number): void
  /** The reader gave a packet to this lane, as its next turn. */
  onHandOver?(lane: number): void
  /** The packet with this turn, given to this lane, will never come: the lane dropped it. */
  onDrop?(turn: number, lane: number, nowNs: number): void
  /** When something is given up, ns; Infinity for never. */
  nextTimerNs?(): number
  onTimer?(nowNs: number): void
  /** Nothing else will come: lets everything go that is held. */
  flush(nowNs: number): void
}

export type ReleaseFactory = (host: ReleaseHost, lanes: number) => Release
