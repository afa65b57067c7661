/**
 * The two densities of RFC 5236, pooled over streams: of displacements (how many packets came how much earlier or later
 * than in order, RD) and of buffer occupancy (how many packets wait for an earlier one after each arrival, RBD).
 * Streams in order cost one counter each; a window is kept only while a stream is out of order. By default both
 * are as the definitions say; `literal` follows the printed pseudo-code, which loses packets after a late discard and in a full
 * buffer.
 */
import { ReorderBufferDensity } from './buffer-density.ts'
import { ReorderDensity } from './displacement.ts'
import type { Arrival, LateArrival, MissingIntervals } from './missing.ts'
import { StayBackWindow } from './stay-back.ts'

export interface DensitySettings {
  /** DT and BT: displacements and occupancies counted apart; packets later than that count as lost. */
  readonly thresholdPackets: number
  readonly variant: 'corrected' | 'literal'
}

const DEFAULTS: DensitySettings = { thresholdPackets: 64, variant: 'corrected' }

/** What a stream that has had a gap keeps for its densities. */
export class DisorderWindow {
  stayBack: StayBackWindow | undefined
  /** Only with the literal variant. */
  displacement: ReorderDensity | undefined
  buffer: ReorderBufferDensity | undefined
}

export class Densities {
  readonly thresholdPackets: number
  /** displacements[d + thresholdPackets]: packets with displacement d. */
  readonly displacements: Float64Array
  /** buffered[b]: arrivals after which b packets waited. */
  readonly buffered: Float64Array
  private readonly isLiteral: boolean

  constructor(settings: DensitySettings = DEFAULTS) {
    this.thresholdPackets = settings.thresholdPackets
    this.isLiteral = settings.variant === 'literal'
    this.displacements = new Float64Array(2 * this.thresholdPackets + 1)
    this.buffered = new Float64Array(this.thresholdPackets + 1)
  }

  /** Packets of streams in order. */
  countInOrder(packets: number): void {
    this.displacements[this.thresholdPackets]! += packets
    this.buffered[0]! += packets
  }

  /**
   * A packet of a stream that has had a gap.
   * @param missing the stream's missing numbers after it; @param late what is known of it, where it is late
   */
  count(
    window: DisorderWindow,
    missing: MissingIntervals,
    packet: Arrival,
    late: LateArrival | undefined,
  ): void {
    if (this.isLiteral) {
      this.countLiterally(window, packet)
      return
    }
    if (!late?.wasAbandoned) this.buffered[missing.buffered(packet.index, this.thresholdPackets)]!++
    window.stayBack ??= new StayBackWindow(this.thresholdPackets)
    const { stayBack } = window
    if (stayBack.isEmpty && late === undefined) stayBack.restart(packet.expected)
    if (!late?.wasSkipped) stayBack.record(packet.number, missing, this.displacements)
    if (missing.isEmpty) stayBack.finish(missing, this.displacements)
  }

  /** The stream has ended. */
  close(window: DisorderWindow, missing: MissingIntervals): void {
    window.stayBack?.finish(missing, this.displacements)
    window.displacement?.finish()
  }

  /** Is a stream's next packet, if nothing is missing before it, sure to have displacement 0 and to wait for none? */
  get isSureInOrder(): boolean {
    return !this.isLiteral
  }

  private countLiterally(window: DisorderWindow, { number, expected: next }: Arrival): void {
    const { thresholdPackets, displacements, buffered } = this
    const variant = 'literal'
    window.displacement ??= new ReorderDensity(thresholdPackets, { variant, next, counts: displacements })
    window.buffer ??= new ReorderBufferDensity(thresholdPackets, { variant, next, counts: buffered })
    window.displacement.record(number)
    window.buffer.record(number)
  }
}
