/**
 * What is offered to pipelines: the packets of a traffic up to a horizon, with all that is known of them
 * before any policy sees them. The only place that fills a chunk, cuts it at the duration, tells directions,
 * draws and numbers. Open loop has one offer for all policies, so that they meet the same packets with the
 * same work.
 */
import { PacketChunk } from '../model/packets/chunk.ts'
import { Direction } from '../model/packets/direction.ts'
import { SourceNumbering } from '../model/packets/source-numbering.ts'
import type { Traffic } from '../model/packets/traffic.ts'
import type { Plan } from './plan.ts'

export interface OfferOptions {
  /** Takes packets out of the chunk before they are numbered: those that can't be sent. */
  readonly keep?: (chunk: PacketChunk) => void
  /** False: nothing is drawn, by whoever only looks at the packets. */
  readonly draws?: boolean
}

export class Offer {
  readonly traffic: Traffic
  readonly chunk = new PacketChunk()
  readonly numbering: SourceNumbering
  readonly direction: Direction | undefined
  /** The sample begins here, ns: `warmup` after the first packet. */
  readonly sampleFromNs: number
  /** Packets at or after this are cut off, ns. */
  private readonly endNs: number
  private readonly draw: ((chunk: PacketChunk) => void) | undefined
  private readonly keep: ((chunk: PacketChunk) => void) | undefined
  /** Packets of the traffic so far. */
  private packets = 0
  private isCut = false

  constructor(plan: Plan, run: number, traffic: Traffic, { keep, draws = true }: OfferOptions = {}) {
    this.traffic = traffic
    this.endNs = traffic.firstNs + plan.durationNs
    // Without a warm-up it is all of the run, also what is before the first packet.
    this.sampleFromNs = plan.warmupNs === 0 ? 0 : traffic.firstNs + plan.warmupNs
    this.draw = draws ? plan.draws(run) : undefined
    this.keep = keep
    this.direction = plan.inside && new Direction(plan.inside, traffic.flows)
    this.numbering = new SourceNumbering(this.sampleFromNs, !plan.judgesAll)
  }

  /** No packet comes before, ns, unless something is heard; Infinity: none. */
  get nextNs(): number {
    const { nextNs } = this.traffic
    return this.isCut || nextNs >= this.endNs ? Number.POSITIVE_INFINITY : nextNs
  }

  /** True: no packet comes any more, whatever is heard. */
  get isOver(): boolean {
    return this.nextNs === Number.POSITIVE_INFINITY && (this.isCut || this.traffic.hear === undefined)
  }

  /** Fills the chunk with what comes before the horizon, as much of it as fits: none is no end. */
  async fill(horizonNs: number): Promise<void> {
    const { chunk } = this
    chunk.count = 0
    await this.traffic.fill(chunk, horizonNs)
    chunk.firstIndex = this.packets
    this.packets += chunk.count
    this.cut()
    this.direction?.mark(chunk)
    this.draw?.(chunk)
    this.keep?.(chunk)
    this.numbering.number(chunk)
  }

  /** Share of the duration that is done, 0..1; 0 of a capture without one. */
  progress(): number {
    const { count, arrivalNs } = this.chunk
    const { firstNs } = this.traffic
    return count === 0 ? 0 : (arrivalNs[count - 1]! - firstNs) / (this.endNs - firstNs)
  }

  /** Cuts off packets at or after the end. */
  private cut(): void {
    const { chunk, endNs } = this
    const { arrivalNs } = chunk
    while (chunk.count > 0 && arrivalNs[chunk.count - 1]! >= endNs) {
      chunk.count--
      this.isCut = true
    }
  }
}
