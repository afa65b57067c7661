/**
 * The packets of one kind of numbering while a capture is read, and whether their numbers count. A stream is
 * what counts for itself (an SSRC, an SPI); evidence is gathered per flow, over all of its packets: how many
 * have a number, and how many of these follow the highest number of their stream closely, and upwards. 24
 * bytes per packet that has a number, nothing for others.
 */
import type { FlowTable } from '../../model/packets/flow-table.ts'
import { grown } from '../../sim/grown.ts'
import { ASIDE, type Datagram, NONE, type NumberKind, type ReadNumber } from './kind.ts'

/** Of a flow's packets that have no reason to be without: have a number. */
const FIT_MIN = 0.8
/** Of the steps: near the highest number so far. */
const NEAR_MIN = 0.9
/** Of the packets with a number: not the first of their stream. Random streams have one packet each. */
const FOLLOWING_MIN = 0.5
/** Streams are told apart by group * this + part, exactly for 2 million groups. */
const PARTS = 2 ** 32
/** Parts of a group that may begin anew; what has more isn't a tunnel. */
const RENEWED_MAX = 64

/** Where `number` lies from `from`, the short way round where numbers have `bits` bits; as it is with 0. */
export function stepFrom(from: number, number: number, bits: number): number {
  const step = number - from
  if (bits === 0) return step
  const range = 2 ** bits
  if (step > range / 2) return step - range
  return step < -range / 2 ? step + range : step
}

export class NumberedStreams {
  readonly kind: NumberKind
  /** Packets with a number, in order: their row in the capture, their stream, their number. */
  count = 0
  row = new Int32Array(1024)
  stream = new Int32Array(1024)
  number = new Float64Array(1024)
  /** By the sender's clock, where the kind has it. */
  sentUs = new Float64Array(1024)
  /** Of each stream: the flow where it was first seen, and what tells it apart there. */
  readonly flowOf: number[] = []
  readonly partOf: number[] = []
  private readonly highest: number[] = []
  private readonly highestSentUs: number[] = []
  private readonly ids = new Map<number, number>()
  private readonly partsOf = new Map<number, number[]>()
  private readonly groups = new Map<string, number>()
  private readonly groupOf: number[] = []
  /** Per unit of evidence: a flow, or a group of them. */
  private readonly numbered: number[] = []
  private readonly others: number[] = []
  private readonly steps: number[] = []
  private readonly near: number[] = []
  private readonly up: number[] = []
  private readonly advance: number[] = []
  /** Its first and its last packet with a number, among those kept. */
  private readonly firstAt: number[] = []
  private readonly lastAt: number[] = []

  constructor(kind: NumberKind) {
    this.kind = kind
  }

  /** The next packet of the capture. @param isWhole it can be read at all */
  add(
    flows: FlowTable,
    flow: number,
    row: number,
    packet: Datagram,
    isWhole: boolean,
    into: ReadNumber,
  ): void {
    const { kind } = this
    const group = this.groupOf[flow] ?? this.newGroup(flows, flow)
    // Flows of a group may share streams, but each is believed for itself unless they are one counter.
    const unit = kind.isMarked ? flow : group
    into.sentUs = Number.NaN
    const found = isWhole ? kind.read(packet, into) : NONE
    if (found === ASIDE) {
      const isRenewed = kind.renews?.(packet)
      if (isRenewed !== undefined) this.renew(group, isRenewed)
      return
    }
    if (found === NONE) {
      this.others[unit]!++
      return
    }
    this.numbered[unit]!++
    const key = group * PARTS + into.part
    const known = this.ids.get(key)
    const at = this.count++
    if (at === this.row.length) this.grow(at * 2)
    this.row[at] = row
    this.number[at] = into.number
    this.sentUs[at] = into.sentUs
    this.firstAt[unit] ??= at
    this.lastAt[unit] = at
    if (known !== undefined) {
      this.stream[at] = known
      this.follow(unit, known, into)
      return
    }
    const stream = this.flowOf.length
    this.stream[at] = stream
    this.ids.set(key, stream)
    if (kind.renews !== undefined) this.remember(group, into.part)
    this.flowOf.push(flow)
    this.partOf.push(into.part)
    this.highest.push(into.number)
    this.highestSentUs.push(into.sentUs)
  }

  /** Do the numbers of this flow count? */
  isFounded(flow: number): boolean {
    const unit = this.unitOf(flow)
    if (unit === undefined || !this.fits(unit)) return false
    const { kind, steps, near, up, advance, numbered } = this
    const many = steps[unit]!
    return (
      many >= kind.stepsMin &&
      many >= FOLLOWING_MIN * numbered[unit]! &&
      near[unit]! >= NEAR_MIN * many &&
      up[unit]! >= kind.upMin * many &&
      numbered[unit]! >= kind.densityMin * advance[unit]!
    )
  }

  /** Has nearly every packet of this flow that needs one a number, though there may be too few to judge? */
  isFew(flow: number): boolean {
    const unit = this.unitOf(flow)
    return unit !== undefined && this.fits(unit) && this.steps[unit]! < this.kind.stepsMin
  }

  /** Packets with a number, of the flow or of its group. */
  numberedOf(flow: number): number {
    const unit = this.unitOf(flow)
    return unit === undefined ? 0 : this.numbered[unit]!
  }

  /** Between the flow's first and last number: time that passed for its sender, and their rows. */
  spanOf(flow: number): { readonly sentUs: number; readonly firstRow: number; readonly lastRow: number } {
    const unit = this.unitOf(flow)!
    const [first, last] = [this.firstAt[unit]!, this.lastAt[unit]!]
    const sentUs = this.sentUs[last]! - this.sentUs[first]!
    return { sentUs, firstRow: this.row[first]!, lastRow: this.row[last]! }
  }

  private unitOf(flow: number): number | undefined {
    return this.kind.isMarked && this.groupOf[flow] !== undefined ? flow : this.groupOf[flow]
  }

  private fits(unit: number): boolean {
    const numbered = this.numbered[unit]!
    return numbered > 0 && numbered >= FIT_MIN * (numbered + this.others[unit]!)
  }

  private follow(unit: number, stream: number, { number, sentUs }: ReadNumber): void {
    const { kind, highest, highestSentUs } = this
    const step = stepFrom(highest[stream]!, number, kind.bits)
    this.steps[unit]!++
    // What was sent later isn't timed earlier; unknown times contradict nothing.
    const isTimed = step > 0 ? !(sentUs < highestSentUs[stream]!) : !(sentUs > highestSentUs[stream]!)
    const isNear = isTimed && step <= kind.nearAhead && step >= -kind.nearBack
    if (isNear) this.near[unit]!++
    if (isNear && step > 0) this.up[unit]!++
    const isFar = kind.farPackets !== undefined && Math.abs(step) > kind.farPackets
    if (step > 0 && !isFar) this.advance[unit]! += step
    const isLaterRun = sentUs > highestSentUs[stream]!
    if (step <= 0 && !isFar && !isLaterRun) return
    highest[stream] = number
    highestSentUs[stream] = sentUs
  }

  private remember(group: number, part: number): void {
    const parts = this.partsOf.get(group)
    if (parts === undefined) this.partsOf.set(group, [part])
    else if (parts.length < RENEWED_MAX) parts.push(part)
  }

  /** Packets to come of these parts are of new streams. */
  private renew(group: number, isRenewed: (part: number) => boolean): void {
    const parts = this.partsOf.get(group)
    if (parts === undefined) return
    for (const part of parts) if (isRenewed(part)) this.ids.delete(group * PARTS + part)
    this.partsOf.set(
      group,
      parts.filter((part) => !isRenewed(part)),
    )
  }

  private newGroup(flows: FlowTable, flow: number): number {
    const name = this.kind.group?.(flows, flow)
    let group = flow
    if (name !== undefined) {
      group = this.groups.get(name) ?? this.groups.size
      this.groups.set(name, group)
    }
    this.groupOf[flow] = group
    const unit = this.kind.isMarked ? flow : group
    for (const counts of [this.numbered, this.others, this.steps, this.near, this.up, this.advance])
      counts[unit] ??= 0
    return group
  }

  private grow(length: number): void {
    this.row = grown(this.row, length)
    this.stream = grown(this.stream, length)
    this.number = grown(this.number, length)
    this.sentUs = grown(this.sentUs, length)
  }
}
