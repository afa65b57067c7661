/**
 * The sample: packets that arrive at the source at or after the end of the warm-up and meet the policy. Each gets its number within
 * its flow here, before anything can drop it, so that numbers are the sender's and the same for every policy.
 */
import type { PacketChunk } from './chunk.ts'
import { Way } from './direction.ts'

export class Sample {
  private readonly warmupNs: number
  /** Per flow: packets of the sample so far. */
  private sent = new Int32Array(1024)

  constructor(warmupNs: number) {
    this.warmupNs = warmupNs
  }

  /** Fills the chunk's flowNumber column. */
  number(chunk: PacketChunk): void {
    for (let i = 0; i < chunk.count; i++) {
      const flow = chunk.flow[i]!
      if (flow >= this.sent.length) this.grow(flow + 1)
      const isJudged = chunk.arrivalNs[i]! >= this.warmupNs && (!chunk.hasWays || chunk.way[i] === Way.out)
      chunk.flowNumber[i] = isJudged ? this.sent[flow]!++ : -1
    }
  }

  /** Packets of the sample that the flow has sent. */
  sentBy(flow: number): number {
    return this.sent[flow] ?? 0
  }

  private grow(flows: number): void {
    const sent = new Int32Array(Math.max(flows, this.sent.length * 2))
    sent.set(this.sent)
    this.sent = sent
  }
}
