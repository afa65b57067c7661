/**
 * Order of a run as few numbers, asked hundreds of times of a search: little of what metrics/order/ judges of
 * each packet (order-moments.test.ts holds both together). Packets are numbered per flow as they were sent;
 * of those that came, one is reordered when a later one of its flow came before it (RFC 4737 section 3.3);
 * its extent is how many arrivals of its flow ago the earliest such one was (4.2.1), its late time how long
 * ago (4.3).
 */
import type { SentRun } from '../traffic/arrivals/sent-run.ts'

export interface OrderMoments {
  readonly arrived: number
  readonly reordered: number
  /** Packets; 0 where nothing was reordered. */
  readonly extentMean: number
  /** Median, ns; 0 where nothing was reordered. */
  readonly lateNsP50: number
}

/** @param receivedNs per packet of the run; NaN: lost */
export function orderMoments(run: SentRun, receivedNs: Float64Array): OrderMoments {
  const order = arrivalOrder(receivedNs)
  const flows = Array.from({ length: run.flowCount }, () => new FlowOrder())
  const numbers = numbersOf(run)
  const lateNs: number[] = []
  let extents = 0
  for (const row of order) {
    const flow = flows[run.flow[row]!]!
    const at = flow.earlierThan(numbers[row]!)
    if (at >= 0) {
      extents += flow.count - at
      lateNs.push(receivedNs[row]! - receivedNs[flow.rows[at]!]!)
    }
    flow.add(numbers[row]!, row)
  }
  lateNs.sort((a, b) => a - b)
  return {
    arrived: order.length,
    reordered: lateNs.length,
    extentMean: lateNs.length === 0 ? 0 : extents / lateNs.length,
    lateNsP50: lateNs[Math.floor((lateNs.length - 1) / 2)] ?? 0,
  }
}

/** Per packet its number within its flow, as sent. */
function numbersOf({ flow, flowCount, count }: SentRun): Int32Array {
  const next = new Int32Array(flowCount)
  const numbers = new Int32Array(count)
  for (let i = 0; i < count; i++) numbers[i] = next[flow[i]!]!++
  return numbers
}

/** Rows that arrived, in order of arrival; at one instant as they were sent. */
export function arrivalOrder(receivedNs: Float64Array): Int32Array {
  const rows = new Int32Array(receivedNs.length)
  let count = 0
  for (let i = 0; i < rows.length; i++) if (!Number.isNaN(receivedNs[i]!)) rows[count++] = i
  const order = rows.subarray(0, count)
  // Nearly in order already: an insertion sort is a pass over it, unless much is far from its place.
  let moves = 0
  for (let k = 1; k < count; k++) {
    const row = order[k]!
    const at = receivedNs[row]!
    let j = k - 1
    while (j >= 0 && receivedNs[order[j]!]! > at) {
      order[j + 1] = order[j]!
      j--
      if (++moves > 20 * count) {
        order[j + 1] = row
        return order.sort((a, b) => receivedNs[a]! - receivedNs[b]! || a - b)
      }
    }
    order[j + 1] = row
  }
  return order
}

/** Arrivals of one flow. */
class FlowOrder {
  count = 0
  readonly rows: number[] = []
  /** Arrivals that had a higher number than any before: their positions and numbers, both ascending. */
  private readonly peakAt: number[] = []
  private readonly peakNumber: number[] = []

  /** Position of the earliest arrival with a higher number; -1 for none. */
  earlierThan(number: number): number {
    const { peakNumber, peakAt } = this
    if (peakNumber.length === 0 || peakNumber[peakNumber.length - 1]! < number) return -1
    let low = 0
    let high = peakNumber.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (peakNumber[middle]! > number) high = middle
      else low = middle + 1
    }
    return peakAt[low]!
  }

  add(number: number, row: number): void {
    if (this.peakNumber.length === 0 || this.peakNumber[this.peakNumber.length - 1]! < number) {
      this.peakNumber.push(number)
      this.peakAt.push(this.count)
    }
    this.rows.push(row)
    this.count++
  }
}
