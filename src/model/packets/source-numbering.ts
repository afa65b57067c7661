/**
 * The sample: packets that arrive at the source at or after the end of the warm-up and meet the policy. Each
 * gets its number within its flow here, before anything can drop it, so that numbers are the sender's and the
 * same for every policy.
 */
import { grown } from '../../sim/grown.ts'
import { BLOCK_PACKETS, type PacketChunk } from './chunk.ts'
import { Way } from './direction.ts'

export class SourceNumbering {
  private readonly warmupNs: number
  /** Number of its first packet at the source; NaN before. */
  firstIndex = Number.NaN
  /** Per flow: packets of the sample so far. */
  private sent = new Int32Array(1024)
  /** Per flow: those of them with payload. */
  private sentData = new Int32Array(1024)
  private readonly numbersData: boolean

  /** @param numbersData whether packets with payload are numbered apart: not where all have some */
  constructor(warmupNs: number, numbersData: boolean) {
    this.warmupNs = warmupNs
    this.numbersData = numbersData
  }

  /** Fills the chunk's flowNumber column, and dataNumber. */
  number(chunk: PacketChunk): void {
    chunk.hasDataNumbers = this.numbersData
    const { count } = chunk
    for (let from = 0; from < count; from += BLOCK_PACKETS) {
      this.numberBlock(chunk, from, Math.min(count, from + BLOCK_PACKETS))
    }
  }

  private numberBlock(chunk: PacketChunk, from: number, to: number): void {
    const { arrivalNs, flow: flows, flowNumber, dataNumber, payloadBytes, hasWays, way } = chunk
    const { warmupNs, numbersData } = this
    let { sent } = this
    for (let i = from; i < to; i++) {
      const flow = flows[i]!
      if (flow >= sent.length) {
        this.grow(flow + 1)
        sent = this.sent
      }
      if (arrivalNs[i]! < warmupNs || (hasWays && way[i] !== Way.out)) {
        flowNumber[i] = -1
        continue
      }
      if (Number.isNaN(this.firstIndex)) this.firstIndex = chunk.firstIndex + i
      flowNumber[i] = sent[flow]!++
      if (numbersData && payloadBytes[i]! > 0) dataNumber[i] = this.sentData[flow]!++
    }
  }

  /** Packets of the sample that the flow has sent. */
  sentBy(flow: number): number {
    return this.sent[flow] ?? 0
  }

  private grow(flows: number): void {
    this.sent = grown(this.sent, flows)
    this.sentData = grown(this.sentData, flows)
  }
}
