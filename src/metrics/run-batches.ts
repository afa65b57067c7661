/**
 * Headline metrics by batches of packets, for the intervals of a comparison that has a single run
 * (batch-means.ts). Whenever the next packet is of another batch, what was counted since the last such moment
 * belongs to the batch before.
 */
import type { SourceNumbering } from '../model/packets/source-numbering.ts'
import type { Passage } from './cost/passage.ts'
import type { FlowReordering, TunnelReordering } from './order/reordering.ts'
import { Batches, type BatchTable } from './statistics/batches.ts'

const DELIVERED = 0
const LATENCY_NS = 1
const REORDERED = 2
const RECEIVED_TUNNEL = 3
const REORDERED_TUNNEL = 4
const SACK_JUDGED = 5
const SACK_LOST = 6
const QUIC_JUDGED = 7
const QUIC_LOST = 8
const COLUMNS = 9

export class RunBatches {
  private readonly sample: SourceNumbering
  private readonly counters: () => readonly number[]
  private readonly batches = new Batches(COLUMNS)
  private counted: readonly number[] = new Array<number>(COLUMNS).fill(0)
  /** The batch of the packet before: the number of its first packet in the sample. */
  private first = 0
  /** The same by numbers at the source: its first packet, and one past its last. */
  firstIndex = 0
  endIndex = 0

  /** @param watching what counts */
  constructor(
    sample: SourceNumbering,
    watching: { inFlow: FlowReordering; inTunnel: TunnelReordering; passage: Passage },
  ) {
    this.sample = sample
    this.counters = () => {
      const { inFlow, inTunnel, passage } = watching
      const { tracker: flows, segments } = inFlow
      const { tracker: tunnel } = inTunnel
      const { latencyNs } = passage
      const { sackLost } = segments.lossRules
      return [
        flows.received,
        latencyNs.sum,
        flows.reordered,
        tunnel.received,
        tunnel.reordered,
        segments.tcpJudged,
        sackLost,
        flows.quicJudged,
        flows.lossRules.quicLost,
      ]
    }
  }

  /**
   * Is the packet of another batch than the one before? @param index its number at the source, over all
   * packets
   */
  isOther(index: number): boolean {
    return index < this.firstIndex || index >= this.endIndex
  }

  /** Goes on with the batch of a packet, when all before it are counted. */
  turnTo(index: number): void {
    this.close()
    const { firstIndex } = this.sample
    const number = index - firstIndex
    this.batches.rowOf(number)
    const size = this.batches.sizePackets
    this.first = Math.floor(number / size) * size
    this.firstIndex = firstIndex + this.first
    this.endIndex = this.firstIndex + size
  }

  tables(): Record<string, BatchTable> {
    this.close()
    const { batches } = this
    return {
      reorderedRatio: batches.table(REORDERED, DELIVERED),
      sackLostRatio: batches.table(SACK_LOST, SACK_JUDGED),
      quicLostRatio: batches.table(QUIC_LOST, QUIC_JUDGED),
      'tunnel.reorderedRatio': batches.table(REORDERED_TUNNEL, RECEIVED_TUNNEL),
      latencyNsMean: batches.table(LATENCY_NS, DELIVERED),
    }
  }

  /** Gives the batch of the packet before what was counted since it began. */
  private close(): void {
    const counters = this.counters()
    const row = this.batches.rowOf(this.first)
    for (let i = 0; i < COLUMNS; i++) this.batches.sums[row + i]! += counters[i]! - this.counted[i]!
    this.counted = counters
  }
}
