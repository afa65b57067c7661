/**
 * Gaps between successive packets of the same flow (or address pair): what a flow table's time to live cuts.
 * A table with TTL t forgets a flow before every packet whose gap is t or more, and may place it anew there.
 */
import { Histogram } from '../../metrics/delay/histogram.ts'
import type { TimedPackets } from './timed-packets.ts'

/** Times to live of interest, by the names that the results use. */
export const TTLS = [
  ['1ms', 1e6],
  ['10ms', 10e6],
  ['100ms', 100e6],
  ['1s', 1e9],
  ['5s', 5e9],
  ['30s', 30e9],
] as const

/** 1ms .. 30s */
export type TtlName = (typeof TTLS)[number][0]

const SHORTEST_NS = TTLS[0][1]

export class Gaps {
  private readonly histogram = new Histogram()
  private readonly cut = new Float64Array(TTLS.length)

  /** @param seenNs the column of `packets` with the time of the packet before */
  add({ count, arrivalNs }: TimedPackets, seenNs: Float64Array): void {
    const { histogram } = this
    for (let i = 0; i < count; i++) {
      const beforeNs = seenNs[i]!
      if (beforeNs < 0) continue
      const gapNs = arrivalNs[i]! - beforeNs
      histogram.record(gapNs)
      if (gapNs >= SHORTEST_NS) this.countCuts(gapNs)
    }
  }

  /** Number of gaps: packets that aren't the first of their flow. */
  get count(): number {
    return this.histogram.count
  }

  get maxNs(): number | null {
    return this.count === 0 ? null : this.histogram.max
  }

  /** To 0.1 %; gaps above 104 days count as the longest one. */
  quantileNs(share: number): number | null {
    return this.histogram.quantile(share)
  }

  /** How many gaps are TTLS[index] or longer. */
  cutBy(index: number): number {
    return this.cut[index]!
  }

  private countCuts(gapNs: number): void {
    for (let i = 0; i < TTLS.length && gapNs >= TTLS[i]![1]; i++) this.cut[i]!++
  }
}
