/**
 * TCP segments of one capture, judged by their sequence numbers: a segment below the highest number seen
 * either fills a gap (its bytes weren't seen before) or repeats. A segment that fills a gap was overtaken, or
 * it is the retransmission of one that was lost before the capture: where the sender counts its IPv4
 * identifications up, one that is older than that of the segment which opened the gap says overtaken, a newer
 * one says sent again. Gaps are kept per flow, at most 1,024, the oldest is forgotten. Source: RFC 9293
 * section 3.4 (numbers modulo 2^32).
 */

const GAPS_MAX = 1024
/** IPv4 identification of packets that have none. */
export const NO_ID = -1

interface Gap {
  /** First byte that is missing, and the one behind the last, counted up without wrapping. */
  start: number
  end: number
  /** IPv4 identification of the segment behind the gap, or NO_ID. */
  readonly id: number
}

/** What a segment is among those of its flow. */
export type SegmentKind = 'none' | 'next' | 'fill' | 'repeat'

export interface TcpGapCounts {
  /** Segments with payload. */
  segments: number
  /** Of those: below the highest number seen, and none of their bytes was all seen before. */
  fillGap: number
  /**
   * Of those that fill a gap: sent before or after the segment that opened it, by IP-ID; the rest can't be
   * told.
   */
  fillGapOlderId: number
  fillGapNewerId: number
  /** Below the highest number seen, all bytes seen before. */
  repeat: number
}

export class TcpGaps implements TcpGapCounts {
  segments = 0
  fillGap = 0
  fillGapOlderId = 0
  fillGapNewerId = 0
  repeat = 0
  /** By flow: the number behind the highest byte seen, counted up without wrapping. */
  private readonly next: number[] = []
  private readonly gaps = new Map<number, Gap[]>()

  /**
   * The next segment of a flow.
   * @param sequence its TCP sequence number
   * @param isOpening it has SYN: the flow's numbers begin anew
   * @param id IPv4 identification, or NO_ID
   * @returns `none` without payload, `next` at or above the highest number seen, `fill` and `repeat` below it
   */
  add(flow: number, sequence: number, payloadBytes: number, isOpening: boolean, id: number): SegmentKind {
    const known = this.next[flow]
    if (isOpening) {
      this.next[flow] = sequence + 1
      this.gaps.delete(flow)
      return 'none'
    }
    if (payloadBytes === 0) return 'none'
    this.segments++
    if (known === undefined) {
      this.next[flow] = sequence + payloadBytes
      return 'next'
    }
    // The number nearest to the highest one: numbers wrap at 2^32.
    const start = known + ((sequence - known) | 0)
    const end = start + payloadBytes
    if (start > known) this.open(flow, { start: known, end: start, id })
    if (end > known) this.next[flow] = end
    return start < known ? this.below(flow, start, end, id) : 'next'
  }

  private open(flow: number, gap: Gap): void {
    const gaps = this.gaps.get(flow)
    if (gaps === undefined) this.gaps.set(flow, [gap])
    else if (gaps.push(gap) > GAPS_MAX) gaps.shift()
  }

  private below(flow: number, start: number, end: number, id: number): 'fill' | 'repeat' {
    const gaps = this.gaps.get(flow) ?? []
    const filled = gaps.filter((gap) => gap.start < end && start < gap.end)
    const gap = filled.at(-1)
    if (gap === undefined) {
      this.repeat++
      return 'repeat'
    }
    this.fillGap++
    if (id !== NO_ID && gap.id !== NO_ID && id !== gap.id) {
      const isOlder = ((id - gap.id) << 16) >> 16 < 0
      if (isOlder) this.fillGapOlderId++
      else this.fillGapNewerId++
    }
    const rest = gaps.flatMap((one) => {
      if (!filled.includes(one)) return [one]
      const parts = [
        { ...one, end: Math.min(one.end, start) },
        { ...one, start: Math.max(one.start, end) },
      ]
      return parts.filter((part) => part.start < part.end)
    })
    if (rest.length === 0) this.gaps.delete(flow)
    else this.gaps.set(flow, rest)
    return 'fill'
  }
}
