/**
 * Reordering of numbered packets, one pass, over one stream (the tunnel) or many (each flow). A packet is
 * reordered when a packet sent later arrived before it (RFC 4737 section 3.3). A stream in order costs 40 bytes and
 * a few counters per packet; what else is remembered (missing intervals, discontinuities, what loss rules wait for,
 * the window of RFC 5236) is allocated on its first gap. Missing numbers are given up after 65,536 arrivals or 10 s;
 * what arrives later still is counted as `lateBeyondWindow`, whatever else arrives again as a duplicate. Packets come
 * in columns: a time that is handed to a function as a number of its own would be allocated, each time.
 */
import type { ArrivalColumns } from './deliveries.ts'
import { Densities, type DensitySettings, DisorderWindow } from './densities.ts'
import { Discontinuities, GapSums } from './discontinuities.ts'
import { FreeRuns } from './free-runs.ts'
import { Histogram } from './histogram.ts'
import { LossRules, Pending, type RoundTrip, Transport } from './loss-rules.ts'
import { Arrival, LateArrival, MissingIntervals } from './missing.ts'
import { ReplayWindows } from './replay-windows.ts'

export const WINDOW_PACKETS = 65_536
export const WINDOW_NS = 10e9
/** Degrees of n-reordering beyond this count as this. */
const DEGREE_MAX = 256

export interface OrderSettings {
  /** For the time rules of RACK and QUIC; without it they aren't judged. */
  readonly roundTrip?: RoundTrip
  /** Left out: the usual ones; null: RFC 5236 isn't counted, which saves memory. */
  readonly densities?: DensitySettings | null
  /** Sizes of replay windows, packets. */
  readonly replayWindows?: readonly number[]
}

const STRIDE = 4
const NEXT = 0
const RECEIVED = 1
const BYTES = 2
/** Delay of the highest number received, ns; meaningless before the first. */
const HIGHEST_DELAY_NS = 3

/** What a stream needs from its first gap on. */
class Disorder {
  readonly missing = new MissingIntervals()
  readonly discontinuities = new Discontinuities()
  readonly pending = new Pending()
  readonly window = new DisorderWindow()
  /** Packets in order when the last reordered one came: where the free run began. */
  inOrder = 0
}

export class OrderTracker {
  /** Packets received, by all streams together; duplicates and those beyond the window are apart. */
  received = 0
  reordered = 0
  duplicates = 0
  lateBeyondWindow = 0
  overtakers = 0
  /** degrees[n]: reordered packets that were n-reordered, and not by more; RFC 4737 section 5. */
  readonly degrees = new Float64Array(DEGREE_MAX + 1)
  readonly extent = new Histogram()
  readonly lateTimeNs = new Histogram()
  byteOffsetBytesMax = 0
  byteOffsetBytesSum = 0
  readonly gaps = new GapSums()
  readonly freeRuns = new FreeRuns()
  /** |delay - delay of the packet sent right before it|, ns, where both arrived (RFC 3393). */
  readonly ipdvNs = new Histogram()
  readonly lossRules: LossRules
  readonly densities: Densities
  private readonly countsDensities: boolean
  /** Was the packet recorded last reordered? */
  lastReordered = false
  /** How late it was; meaningful only then. */
  readonly late = new LateArrival()
  readonly replayWindows: ReplayWindows

  private readonly packet = new Arrival()
  /** Packets that arrived while all of their stream was in order. */
  private inOrder = 0
  /** Packets by the loss rules that judge them. */
  private readonly judged = new Float64Array(Transport.both + 1)
  /** Per stream: packets reordered. */
  streamReordered: Int32Array
  private cells: Float64Array
  /** Per stream: 0 without a gap so far, else its place in `disorders` plus one, negative while all is in order. */
  private disorderOf: Int32Array
  private readonly disorders: Disorder[] = []

  constructor(streams = 1, settings: OrderSettings = {}) {
    this.lossRules = new LossRules(settings.roundTrip)
    this.countsDensities = settings.densities !== null
    this.densities = new Densities(settings.densities ?? undefined)
    this.replayWindows = new ReplayWindows(settings.replayWindows ?? [])
    this.streamReordered = new Int32Array(streams)
    this.disorderOf = new Int32Array(streams)
    this.cells = new Float64Array(streams * STRIDE)
  }

  /** The first `count` packets of the columns arrive. */
  record(arrivals: ArrivalColumns, count: number): void {
    const { packet, ipdvNs, judged } = this
    let received = 0
    let inOrder = 0
    let isReordered = false
    for (let i = 0; i < count; i++) {
      const number = arrivals.number[i]!
      const stream = arrivals.stream[i]!
      isReordered = false
      if (number < 0) continue
      if (stream >= this.disorderOf.length) this.grow(stream + 1)
      const { cells } = this
      const at = stream * STRIDE
      const expected = cells[at + NEXT]!
      const highestDelayNs = cells[at + HIGHEST_DELAY_NS]!
      const nowNs = arrivals.nowNs[i]!
      const sentNs = arrivals.sentNs[i]!
      const sizeBytes = arrivals.sizeBytes[i]!
      const transport = arrivals.transport[i]!
      const delayNs = nowNs - sentNs
      if (number === expected && this.disorderOf[stream]! <= 0) {
        if (number > 0) ipdvNs.record(Math.abs(delayNs - highestDelayNs))
        cells[at + NEXT] = number + 1
        cells[at + HIGHEST_DELAY_NS] = delayNs
        inOrder++
      } else {
        packet.number = number
        packet.expected = expected
        packet.index = cells[at + RECEIVED]! + 1
        packet.sentNs = sentNs
        packet.nowNs = nowNs
        packet.delayNs = delayNs
        packet.bytesBefore = cells[at + BYTES]!
        packet.sizeBytes = sizeBytes
        packet.highestDelayNs = highestDelayNs
        packet.transport = transport
        if (!this.meet(stream, this.disorderAt(stream))) continue
        isReordered = number < expected
      }
      received++
      cells[at + RECEIVED]!++
      cells[at + BYTES]! += sizeBytes
      judged[transport]!++
    }
    this.received += received
    this.inOrder += inOrder
    this.lastReordered = isReordered
  }

  /** Packets received of a stream. */
  streamReceived(stream: number): number {
    return this.cells[stream * STRIDE + RECEIVED] ?? 0
  }

  /** Packets that TCP's loss rules judged, late or not. */
  get tcpJudged(): number {
    return this.judged[Transport.tcp]! + this.judged[Transport.both]!
  }

  /** Packets that QUIC's loss rules judged. */
  get quicJudged(): number {
    return this.judged[Transport.quic]! + this.judged[Transport.both]!
  }

  /** Packets that were n-reordered, n = 1 .. 256. */
  nReordered(n: number): number {
    let packets = 0
    for (let degree = n; degree <= DEGREE_MAX; degree++) packets += this.degrees[degree]!
    return packets
  }

  /** RFC 4737's NextExp of a stream: one more than the highest number received. */
  nextExpected(stream: number): number {
    return this.cells[stream * STRIDE + NEXT] ?? 0
  }

  /** Brings `densities` up to date: until then packets in order are counted apart. */
  settle(): void {
    this.densities.countInOrder(this.inOrder)
    this.inOrder = 0
  }

  /** The stream has ended for good: decides what waited for more packets. Call it before reading results. */
  finish(): void {
    this.freeRuns.a = this.received - this.reordered
    this.settle()
    for (const { discontinuities, missing, window } of this.disorders) {
      discontinuities.close(this.gaps)
      this.densities.close(window, missing)
    }
  }

  /** Streams with at least one packet, and those of them with a reordered one. */
  countStreams(): { streams: number; reordered: number; worstRatio: number | null } {
    let streams = 0
    let reordered = 0
    let worstRatio: number | null = null
    for (let i = 0; i < this.disorderOf.length; i++) {
      const received = this.streamReceived(i)
      if (received === 0) continue
      streams++
      if (this.streamReordered[i]! > 0) reordered++
      worstRatio = Math.max(worstRatio ?? 0, this.streamReordered[i]! / received)
    }
    return { streams, reordered, worstRatio }
  }

  /** A packet of a stream that has had a gap, or has one now; false where it counts for nothing. */
  private meet(stream: number, disorder: Disorder): boolean {
    const { packet } = this
    const { missing } = disorder
    if (missing.isOverdue(packet, WINDOW_PACKETS, WINDOW_NS)) this.giveUp(disorder)
    if (this.lossRules.judgesTime && !missing.isEmpty) {
      const hasReordered = this.streamReordered[stream]! > 0
      this.lossRules.passTime(disorder.pending, missing, packet, hasReordered)
    }
    const isLate = packet.number < packet.expected
    if (!isLate) this.advance(stream, disorder)
    else if (!this.fill(stream, disorder)) return false
    if (this.countsDensities)
      this.densities.count(disorder.window, missing, packet, isLate ? this.late : undefined)
    const isQuiet = missing.isEmpty && this.densities.isSureInOrder
    if (isQuiet) this.disorderOf[stream] = -Math.abs(this.disorderOf[stream]!)
    return true
  }

  /** The highest number so far has arrived; what is between it and the expected one is missing. */
  private advance(stream: number, { missing, discontinuities, pending }: Disorder): void {
    const { packet } = this
    const { number, expected, delayNs } = packet
    if (number > expected) {
      missing.open(packet)
      discontinuities.open(packet)
    } else if (number > 0) this.ipdvNs.record(Math.abs(delayNs - packet.highestDelayNs))
    if (!missing.isEmpty) this.lossRules.acknowledge(pending, missing, packet, false)
    const at = stream * STRIDE
    this.cells[at + NEXT] = number + 1
    this.cells[at + HIGHEST_DELAY_NS] = delayNs
  }

  /** A number below the expected one has arrived: late, or false where it isn't missing. */
  private fill(stream: number, disorder: Disorder): boolean {
    const { missing, discontinuities, pending } = disorder
    const { packet, late } = this
    const { number, delayNs } = packet
    if (!missing.fill(packet, late)) {
      if (number < missing.givenUpBelow) this.lateBeyondWindow++
      else this.duplicates++
      return false
    }
    if (!Number.isNaN(late.delayBeforeNs)) this.ipdvNs.record(Math.abs(delayNs - late.delayBeforeNs))
    if (!Number.isNaN(late.delayAfterNs)) this.ipdvNs.record(Math.abs(late.delayAfterNs - delayNs))
    discontinuities.fill(late.openedAt, packet.index, this.gaps)
    this.replayWindows.judge(packet.expected - 1 - number)
    this.lossRules.judgeLate(pending, packet, late)
    this.lossRules.acknowledge(pending, missing, packet, late.wasLowest)
    this.countLate(stream, disorder)
    return true
  }

  private countLate(stream: number, disorder: Disorder): void {
    const { late } = this
    this.reordered++
    const reorderedBefore = this.streamReordered[stream]!++
    const inOrder = this.streamReceived(stream) - reorderedBefore
    this.freeRuns.end(inOrder - disorder.inOrder)
    disorder.inOrder = inOrder
    this.overtakers += late.overtakers
    this.extent.record(late.extent)
    this.lateTimeNs.record(late.lateTimeNs)
    this.byteOffsetBytesSum += late.byteOffsetBytes
    if (late.byteOffsetBytes > this.byteOffsetBytesMax) this.byteOffsetBytesMax = late.byteOffsetBytes
    this.degrees[Math.min(late.nDegree, DEGREE_MAX)]!++
  }

  /** Gives up what has been missing for too long. */
  private giveUp({ missing, discontinuities, pending }: Disorder): void {
    while (missing.isOverdue(this.packet, WINDOW_PACKETS, WINDOW_NS)) {
      const openedAt = missing.firstOpenedAt
      discontinuities.giveUp(openedAt, missing.giveUpFirst(), this.gaps)
    }
    this.lossRules.forget(pending, missing)
  }

  private disorderAt(stream: number): Disorder {
    const place = Math.abs(this.disorderOf[stream]!)
    this.disorderOf[stream] = place
    if (place > 0) return this.disorders[place - 1]!
    const disorder = new Disorder()
    this.disorderOf[stream] = this.disorders.push(disorder)
    return disorder
  }

  private grow(streams: number): void {
    const length = Math.max(streams, this.disorderOf.length * 2)
    const longer = (column: Int32Array) => {
      const copy = new Int32Array(length)
      copy.set(column)
      return copy
    }
    this.streamReordered = longer(this.streamReordered)
    this.disorderOf = longer(this.disorderOf)
    const cells = new Float64Array(length * STRIDE)
    cells.set(this.cells)
    this.cells = cells
  }
}
