/**
 * A stream that has had a gap: what is missing of it, and what each further packet makes of that. `judge` is
 * the slow path of order.ts, for the run of packets that come one after the other in one stream, and the one
 * loop of the metrics that is written for speed before brevity: the stream's state and its intervals stay in
 * local variables from packet to packet. A late packet finds the interval it is missing from; what that
 * interval remembers is all that RFC 4737 sections 4.2 to 4.4 and 5 ask for. Packets that come when nothing
 * is missing are in order, and only counted.
 */

import type { ArrivalColumns } from '../../model/packets/deliveries.ts'
import type { Histogram } from '../delay/histogram.ts'
import { type Densities, DisorderWindow } from './densities.ts'
import { Discontinuities, type GapSums } from './discontinuities.ts'
import type { FreeRuns } from './free-runs.ts'
import { type LossRules, Pending } from './loss-rules.ts'
import {
  type Arrival,
  BYTES_BELOW,
  COUNT_BELOW,
  DELAY_AFTER_NS,
  DELAY_BEFORE_NS,
  HIGH,
  LAST_BELOW,
  LOW,
  MissingIntervals,
  OPENED_AT,
  OPENED_NS,
  STRIDE,
} from './missing.ts'
import type { ReplayWindows } from './replay-windows.ts'

/** What is known of every stream, also of one in order: cells of {@link OrderTally.cells}. */
export const STREAM_STRIDE = 4
export const NEXT = 0
export const RECEIVED = 1
export const BYTES = 2
/** Delay of the highest number received, ns; meaningless before the first. */
export const HIGHEST_DELAY_NS = 3

export const WINDOW_PACKETS = 65_536
export const WINDOW_NS = 10e9
/** Degrees of n-reordering beyond this count as this. */
export const DEGREE_MAX = 256

/**
 * What a stream's packets are counted in: the part of {@link Disorder}'s caller that all its streams share.
 */
export interface OrderTally {
  /** Per stream {@link STREAM_STRIDE} cells. */
  readonly cells: Float64Array
  readonly streamReordered: Int32Array
  readonly packet: Arrival
  readonly ipdvNs: Histogram
  readonly extent: Histogram
  readonly lateTimeNs: Histogram
  readonly degrees: Float64Array
  readonly gaps: GapSums
  readonly freeRuns: FreeRuns
  readonly replayWindows: ReplayWindows
  readonly judged: Float64Array
  readonly lossRules: LossRules
  readonly densities: Densities
  readonly countsDensities: boolean
  received: number
  reordered: number
  duplicates: number
  lateBeyondWindow: number
  overtakers: number
  inOrder: number
  byteOffsetBytesSum: number
  byteOffsetBytesMax: number
  lastReordered: boolean
}

export class Disorder {
  readonly missing = new MissingIntervals()
  readonly discontinuities = new Discontinuities()
  readonly pending = new Pending()
  readonly window = new DisorderWindow()
  /** Packets in order when the last reordered one came: where the free run began. */
  private inOrder = 0
  /** Is nothing missing or undecided, so that a packet in order need not come here? */
  isQuiet = false

  /**
   * The packets of the columns from `from` on arrive, as far as they are of the same stream, at most up to
   * `to`; what they are counts in `tracker`. Returns the first that is left.
   */
  judge(arrivals: ArrivalColumns, from: number, to: number, tracker: OrderTally): number {
    const { missing, discontinuities, pending, window } = this
    const { packet, ipdvNs, extent, lateTimeNs, degrees, gaps, freeRuns, replayWindows, judged } = tracker
    const { lossRules, densities } = tracker
    const { judgesTime } = lossRules
    const { buffered, displacements, thresholdPackets } = densities
    const stayBack = tracker.countsDensities ? densities.stayBackOf(window) : undefined
    const countsLiterally = tracker.countsDensities && densities.isLiteral
    const stream = arrivals.stream[from]!
    const state = tracker.cells
    const at = stream * STREAM_STRIDE
    let next = state[at + NEXT]!
    let received = state[at + RECEIVED]!
    let bytes = state[at + BYTES]!
    let highestDelayNs = state[at + HIGHEST_DELAY_NS]!
    let reordered = tracker.streamReordered[stream]!
    const receivedBefore = received
    const reorderedBefore = reordered
    let { cells, start, end } = missing
    let isReordered = false
    let inOrder = 0
    let overtaken = 0
    let byteOffsetSum = 0
    let byteOffsetMax = tracker.byteOffsetBytesMax
    let i = from
    for (; i < to && arrivals.stream[i] === stream; i++) {
      const number = arrivals.number[i]!
      isReordered = false
      if (number < 0) continue
      const nowNs = arrivals.nowNs[i]!
      const delayNs = nowNs - arrivals.sentNs[i]!
      const sizeBytes = arrivals.sizeBytes[i]!
      const transport = arrivals.transport[i]!
      const expected = next
      let wasAbandoned = false
      let wasSkipped = false

      // What has been missing for too long is given up, and rules about time see that time has passed.
      if (start !== end) {
        // MissingIntervals.isOverdue, written out: it takes a described packet, and few are described.
        const isOverdue =
          received + 1 - cells[start + OPENED_AT]! > WINDOW_PACKETS ||
          nowNs - cells[start + OPENED_NS]! > WINDOW_NS
        if (isOverdue || judgesTime) {
          describe(packet, arrivals, i, received)
          packet.highestDelayNs = highestDelayNs
          if (isOverdue) {
            this.giveUp(tracker)
            start = missing.start
            end = missing.end
          }
          if (judgesTime && start !== end) lossRules.passTime(pending, missing, packet, reordered > 0)
        }
      }

      if (number >= expected) {
        // The highest number so far: all between it and the expected one is missing.
        if (number > expected) {
          if (end === cells.length) {
            missing.makeRoom()
            ;({ cells, start, end } = missing)
          }
          cells[end + LOW] = expected
          cells[end + HIGH] = number - 1
          cells[end + OPENED_AT] = received + 1
          cells[end + OPENED_NS] = nowNs
          cells[end + COUNT_BELOW] = received - missing.countBelow
          cells[end + BYTES_BELOW] = bytes - missing.bytesBelow
          cells[end + LAST_BELOW] = received
          cells[end + DELAY_BEFORE_NS] = expected > 0 ? highestDelayNs : Number.NaN
          cells[end + DELAY_AFTER_NS] = delayNs
          end += STRIDE
          missing.end = end
          discontinuities.open(received + 1, nowNs, number - expected)
        } else if (number > 0) ipdvNs.record(Math.abs(delayNs - highestDelayNs))
        next = number + 1
        highestDelayNs = delayNs
        received++
        bytes += sizeBytes
        judged[transport]!++
        if (start === end && stayBack?.isEmpty !== false && !countsLiterally) {
          inOrder++
          continue
        }
        if (start !== end) pending.duplicateAcks++
        if (stayBack?.isEmpty) stayBack.restart(expected)
      } else {
        // Late, if it is missing: most are the first that is, or one of the last.
        let place = start
        if (start === end || number > cells[start + HIGH]!) {
          place = end - STRIDE
          while (place >= start && cells[place + LOW]! > number) place -= STRIDE
        }
        if (place < start || cells[place + LOW]! > number || cells[place + HIGH]! < number) {
          if (number < missing.givenUpBelow) tracker.lateBeyondWindow++
          else tracker.duplicates++
          continue
        }
        const index = received + 1
        const low = cells[place + LOW]!
        const high = cells[place + HIGH]!
        const openedAt = cells[place + OPENED_AT]!
        const overtakers = received - cells[place + COUNT_BELOW]! - missing.countBelow
        const distance = expected - 1 - number
        // Without branches, which no processor would foresee.
        const wasLowest = (Number(place === start) & Number(number === low)) === 1
        wasAbandoned = place < missing.awaited
        wasSkipped = place < missing.skipped
        const byteOffset = bytes - cells[place + BYTES_BELOW]! - missing.bytesBelow
        extent.record(index - openedAt)
        lateTimeNs.record(nowNs - cells[place + OPENED_NS]!)
        byteOffsetSum += byteOffset
        if (byteOffset > byteOffsetMax) byteOffsetMax = byteOffset
        const nDegree = index - Math.max(cells[place + LAST_BELOW]!, missing.lastBelow) - 1
        degrees[Math.min(nDegree, DEGREE_MAX)]!++
        const beforeNs = number === low ? cells[place + DELAY_BEFORE_NS]! : Number.NaN
        const afterNs = number === high ? cells[place + DELAY_AFTER_NS]! : Number.NaN
        if (!Number.isNaN(beforeNs)) ipdvNs.record(Math.abs(delayNs - beforeNs))
        if (!Number.isNaN(afterNs)) ipdvNs.record(Math.abs(afterNs - delayNs))
        // It is below every interval above its own, and below what stays above it of its own.
        if (wasLowest) {
          missing.countBelow++
          missing.bytesBelow += sizeBytes
          missing.lastBelow = index
        } else {
          for (let above = place + STRIDE; above < end; above += STRIDE) {
            cells[above + COUNT_BELOW]!++
            cells[above + BYTES_BELOW]! += sizeBytes
            cells[above + LAST_BELOW] = index
          }
        }
        // Its number is taken out of the interval, which vanishes, shrinks or splits.
        if (low === high) {
          missing.remove(place)
          ;({ start, end } = missing)
        } else if (number === high) {
          cells[place + HIGH] = number - 1
          cells[place + DELAY_AFTER_NS] = delayNs
        } else {
          let upper = place
          if (number > low) {
            upper = missing.split(place, number)
            ;({ cells, start, end } = missing)
            cells[upper - STRIDE + DELAY_AFTER_NS] = delayNs
          }
          cells[upper + LOW] = number + 1
          cells[upper + DELAY_BEFORE_NS] = delayNs
          if (!wasLowest) {
            cells[upper + COUNT_BELOW]!++
            cells[upper + BYTES_BELOW]! += sizeBytes
            cells[upper + LAST_BELOW] = index
          }
        }
        discontinuities.fill(openedAt, index, gaps)
        replayWindows.judge(distance)
        lossRules.judgeLate(pending, transport, distance, overtakers, wasLowest)
        if (judgesTime) lossRules.judgeTime(pending, packet, openedAt)
        pending.duplicateAcks = (pending.duplicateAcks + 1) * Number(!wasLowest)
        freeRuns.end(received - reordered - this.inOrder)
        this.inOrder = received - reordered
        reordered++
        overtaken += overtakers
        isReordered = true
        received++
        bytes += sizeBytes
        judged[transport]!++
      }

      // What waits for packets to come: the densities, and rules about time.
      if (stayBack !== undefined) {
        if (!wasAbandoned) buffered[missing.buffered(received, thresholdPackets)]!++
        if (!wasSkipped) stayBack.record(number, missing, displacements)
        if (start === end) stayBack.finish(missing, displacements)
      } else if (countsLiterally) densities.countLiterally(window, number, expected)
      if (judgesTime) {
        pending.lastNs = nowNs
        if (start === end) pending.clear()
      }
    }
    state[at + NEXT] = next
    state[at + RECEIVED] = received
    state[at + BYTES] = bytes
    state[at + HIGHEST_DELAY_NS] = highestDelayNs
    tracker.streamReordered[stream] = reordered
    tracker.received += received - receivedBefore
    tracker.reordered += reordered - reorderedBefore
    tracker.overtakers += overtaken
    tracker.byteOffsetBytesSum += byteOffsetSum
    tracker.byteOffsetBytesMax = byteOffsetMax
    tracker.inOrder += inOrder
    tracker.lastReordered = isReordered
    this.isQuiet = start === end && stayBack?.isEmpty !== false && !countsLiterally
    return i
  }

  /** Gives up what has been missing for too long. */
  private giveUp({ packet, gaps, lossRules }: OrderTally): void {
    const { missing, discontinuities, pending, window } = this
    while (missing.isOverdue(packet, WINDOW_PACKETS, WINDOW_NS)) {
      const openedAt = missing.firstOpenedAt
      window.stayBack?.giveUpFirst(missing)
      discontinuities.giveUp(openedAt, missing.giveUpFirst(), gaps)
    }
    lossRules.forget(pending, missing)
  }
}

/** What the rules about time want to know of packet `i`. */
function describe(packet: Arrival, arrivals: ArrivalColumns, i: number, received: number): void {
  packet.index = received + 1
  packet.sentNs = arrivals.sentNs[i]!
  packet.nowNs = arrivals.nowNs[i]!
  packet.transport = arrivals.transport[i]!
}
