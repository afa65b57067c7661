/**
 * The two densities of RFC 5236, pooled over streams: of displacements (how many packets came how much
 * earlier or later than in order, RD) and of buffer occupancy (how many packets wait for an earlier one after
 * each arrival, RBD). Streams in order cost one counter each; a window is kept only while a stream is out of
 * order. By default both are as the definitions say; `literal` follows the printed pseudo-code, which loses
 * packets after a late discard and in a full buffer.
 */
import { ReorderBufferDensity } from './buffer-density.ts'
import { ReorderDensity } from './displacement.ts'
import type { MissingIntervals } from './missing.ts'
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
  readonly isLiteral: boolean

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

  /** What decides the stream's displacements; undefined for the literal variant. */
  stayBackOf(window: DisorderWindow): StayBackWindow | undefined {
    if (!this.isLiteral) window.stayBack ??= new StayBackWindow(this.thresholdPackets)
    return window.stayBack
  }

  /** The stream has ended. */
  close(window: DisorderWindow, missing: MissingIntervals): void {
    window.stayBack?.finish(missing, this.displacements)
    window.displacement?.finish()
  }

  /** A packet of a stream that has had a gap, to the letter. @param next the number that was expected */
  countLiterally(window: DisorderWindow, number: number, next: number): void {
    const { thresholdPackets, displacements, buffered } = this
    const variant = 'literal'
    window.displacement ??= new ReorderDensity(thresholdPackets, { variant, next, counts: displacements })
    window.buffer ??= new ReorderBufferDensity(thresholdPackets, { variant, next, counts: buffered })
    window.displacement.record(number)
    window.buffer.record(number)
  }
}
