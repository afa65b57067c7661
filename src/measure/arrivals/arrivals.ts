/**
 * What reached the far side of somebody else's system, one row per packet in order of arrival, duplicates
 * included: the common ground of arrival files (arrivals-file.ts) and matched captures (match.ts), and all
 * that the metrics of `measure` see. Columns are typed arrays that grow; nothing else is kept per packet.
 * What isn't known is NaN, for sizes UNKNOWN_BYTES, and null among the counts.
 */
import { grown } from '../../sim/grown.ts'
import type { SentRun } from '../../traffic/arrivals/sent-run.ts'
import type { ClockStatement } from '../matching/clock.ts'
import type { MeasuredTcp } from '../tcp/tcp-evidence.ts'

/** Size of a packet whose size isn't known. */
export const UNKNOWN_BYTES = -1

/** The flows that `Arrivals.flow` numbers, from 0. Some may have no arrivals. */
export interface ArrivalFlows {
  readonly count: number
  /** "10.0.0.1:80 > 10.0.0.2:4000/tcp", or the name in the arrival file. */
  describe(flow: number): string
  /** IP protocol number; undefined where it isn't known. */
  protocol(flow: number): number | undefined
  /** Packets that were sent; undefined where it isn't known. Numbers run from 0 to this. */
  sent(flow: number): number | undefined
  /** What captures say of a TCP flow by TCP's own numbers; left out or undefined where they don't. */
  tcp?(flow: number): MeasuredTcp | undefined
  /** Of these: arrived with other bytes; left out where nothing tells. */
  corrupted?(flow: number): number
}

/**
 * Rewritten packets are among the matched; sent = matched + corrupted + lost, received = matched + duplicated
 * + corrupted + unmatched. Packets of return traffic and frames without IP are in neither.
 */
export interface ArrivalCounts {
  readonly sent: number | null
  readonly received: number
  /** Sent packets that arrived, each counted once. */
  readonly matched: number | null
  readonly lost: number | null
  /**
   * Of the lost: sent before the first packet that arrived or after the last one. The captures may not
   * overlap there.
   */
  readonly lostAtEdges: number | null
  /** Of the lost: of flows that no packet arrived of. They may not cross the system at all. */
  readonly lostWholeFlows: number | null
  /** Further copies of packets that arrived. They have rows, with the number of the packet they copy. */
  readonly duplicated: number | null
  /** Arrived with other bytes than were sent. They have no rows. */
  readonly corrupted: number | null
  /** Arrived, with what a middlebox changes on purpose (match-notes.ts says what). They are matched. */
  readonly rewritten: number | null
  /** Arrived, but were never sent as far as is known. They have no rows. */
  readonly unmatched: number | null
  /**
   * Sent packets that others equal to the byte were sent of: which of them arrived is taken from their order.
   */
  readonly identical: number | null
  /** Packets on the way back, in the sent and in the received capture. They aren't judged. */
  readonly returnSent: number | null
  readonly returnReceived: number | null
  /** Frames without a readable IP packet, in the sent and in the received capture. */
  readonly otherFramesSent: number | null
  readonly otherFramesReceived: number | null
}

/** Everything that an input gives. */
export interface Measured {
  readonly arrivals: Arrivals
  readonly flows: ArrivalFlows
  readonly counts: ArrivalCounts
  readonly clock: ClockStatement
  /** By which numbers of theirs one capture's packets were ordered, such as "wireguard"; else left out. */
  readonly numbering?: string
  /** Width of the numbers in a file, where it says of which protocol they are; `none`: they don't wrap. */
  readonly sequenceBits?: number | 'none'
  /**
   * Lines for the user, each opened by the file's name: what was left out, what makes the result doubtful.
   */
  readonly notes: readonly string[]
  /** Of two captures: every packet that was sent, whether it arrived or not. */
  readonly sentRun?: () => SentRun
}

/** Rows are all that a file tells; what they are follows from the numbers. */
export function countsOf(received: number): ArrivalCounts {
  return {
    sent: null,
    received,
    matched: null,
    lost: null,
    lostAtEdges: null,
    lostWholeFlows: null,
    duplicated: null,
    corrupted: null,
    rewritten: null,
    unmatched: null,
    identical: null,
    returnSent: null,
    returnReceived: null,
    otherFramesSent: null,
    otherFramesReceived: null,
  }
}

/** Flows of which a file tells no more than the name; without a name there is one. */
export function namedFlows(names: { readonly count: number; describe(name: number): string }): ArrivalFlows {
  return {
    count: Math.max(names.count, 1),
    describe: (flow) => (names.count === 0 ? 'all' : names.describe(flow)),
    protocol: () => undefined,
    sent: () => undefined,
  }
}

export class Arrivals {
  /** Rows in use. */
  count = 0
  flow: Int32Array
  /** Number of the packet in its flow, as sent; from arrival files as it stands there, and so may wrap. */
  sequence: Float64Array
  /**
   * Number of the packet among those of its flow with payload, as sent; NaN for others and where it isn't
   * known.
   */
  dataSequence: Float64Array
  /** Number of the packet over all flows, as sent; NaN where it isn't known. */
  tunnelSequence: Float64Array
  /** From a zero common to both; NaN where it isn't known. */
  sentNs: Float64Array
  receivedNs: Float64Array
  /** Length of the IP packet. */
  sizeBytes: Int32Array
  /** Bytes above the TCP or UDP header. */
  payloadBytes: Int32Array
  /** The TCP header's flag byte; 0 for everything else. */
  tcpFlags: Uint8Array

  constructor(rows = 1024) {
    const capacity = Math.max(rows, 16)
    this.flow = new Int32Array(capacity)
    this.sequence = new Float64Array(capacity)
    this.dataSequence = new Float64Array(capacity)
    this.tunnelSequence = new Float64Array(capacity)
    this.sentNs = new Float64Array(capacity)
    this.receivedNs = new Float64Array(capacity)
    this.sizeBytes = new Int32Array(capacity)
    this.payloadBytes = new Int32Array(capacity)
    this.tcpFlags = new Uint8Array(capacity)
  }

  /** A new last row, of which only flow and sequence are known; its number. */
  add(flow: number, sequence: number): number {
    const row = this.count
    if (row === this.flow.length) this.grow(row * 2)
    this.count = row + 1
    this.flow[row] = flow
    this.sequence[row] = sequence
    this.dataSequence[row] = Number.NaN
    this.tunnelSequence[row] = Number.NaN
    this.sentNs[row] = Number.NaN
    this.receivedNs[row] = Number.NaN
    this.sizeBytes[row] = UNKNOWN_BYTES
    this.payloadBytes[row] = UNKNOWN_BYTES
    return row
  }

  private grow(length: number): void {
    this.flow = grown(this.flow, length)
    this.sequence = grown(this.sequence, length)
    this.dataSequence = grown(this.dataSequence, length)
    this.tunnelSequence = grown(this.tunnelSequence, length)
    this.sentNs = grown(this.sentNs, length)
    this.receivedNs = grown(this.receivedNs, length)
    this.sizeBytes = grown(this.sizeBytes, length)
    this.payloadBytes = grown(this.payloadBytes, length)
    this.tcpFlags = grown(this.tcpFlags, length)
  }
}
