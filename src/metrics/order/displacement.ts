/**
 * Reorder density (RD, RFC 5236 sections 3.6 and 7.1): the distribution of displacements over one stream. A
 * packet's displacement is its receive index minus its number: early < 0, late > 0. The stay-back algorithm
 * keeps the next DT+1 arrivals (the window) and the early ones already taken (the buffer); duplicates are
 * dropped, numbers that are in neither are skipped as lost, displacements beyond DT are discarded. The
 * printed pseudo-code never recovers from a late discard: every later packet counts as one early. `resync`,
 * the default, lets such a discard use up its receive index too; `literal` is the text.
 *
 * Both sets stand in a ring of bytes by number. A number too far ahead for the ring (a rogue, or a long loss)
 * waits in a set beside it, which is searched only when the receive index is missing. Amortised O(1) per
 * packet, O(DT) after a loss; memory O(DT).
 */

export type DisplacementVariant = 'resync' | 'literal'

export interface DisplacementOptions {
  readonly variant?: DisplacementVariant
  /** Number that is expected first; default 0. */
  readonly next?: number
  /** Where to count instead of an array of its own, so that many flows can share one; 2 DT + 1 long. */
  readonly counts?: Float64Array
  /** For tests: called with each packet that is counted, in the order of receive indexes. */
  readonly onDisplacement?: (number: number, displacement: number, receiveIndex: number) => void
}

const ABSENT = 0
const IN_WINDOW = 1
const IN_BUFFER = 2

export class ReorderDensity {
  /** DT. */
  readonly thresholdPackets: number
  /** counts[d + DT]: packets with displacement d, d = -DT .. DT. */
  readonly counts: Float64Array
  /** Packets taken with a displacement beyond DT. */
  discarded = 0
  /** Arrivals dropped on sight: duplicates, and numbers below the receive index. */
  repeated = 0
  /** Receive index of the packet that is taken next, unless that number is lost. */
  next: number

  private readonly resync: boolean
  private readonly onDisplacement: DisplacementOptions['onDisplacement']
  private readonly window: Float64Array
  private head = 0
  private size = 0
  /** The newest arrival in the window, and how many of the newest are consecutive numbers. */
  private last = Number.NaN
  private run = 0
  private buffered = 0
  private readonly presence: Uint8Array
  private readonly mask: number
  private far: Set<number> | undefined
  private farCount = 0

  /** @param thresholdPackets DT, 0 or more */
  constructor(thresholdPackets: number, options: DisplacementOptions = {}) {
    this.thresholdPackets = thresholdPackets
    this.counts = options.counts ?? new Float64Array(2 * thresholdPackets + 1)
    this.next = options.next ?? 0
    this.resync = options.variant !== 'literal'
    this.onDisplacement = options.onDisplacement
    this.window = new Float64Array(thresholdPackets + 1)
    let slots = 4
    while (slots < 4 * (thresholdPackets + 1)) slots *= 2
    this.presence = new Uint8Array(slots)
    this.mask = slots - 1
  }

  /** A packet arrives, first copy or not. @param number of the packet in its stream, a whole number */
  record(number: number): void {
    const { presence, mask, window } = this
    const ahead = number - this.next
    const isNear = ahead <= mask
    if (
      ahead < 0 ||
      (isNear && presence[number & mask] !== ABSENT) ||
      (this.farCount > 0 && this.far!.has(number))
    ) {
      this.repeated++
      return
    }
    if (isNear) presence[number & mask] = IN_WINDOW
    else this.addFar(number)
    let tail = this.head + this.size
    if (tail >= window.length) tail -= window.length
    window[tail] = number
    this.run = number === this.last + 1 ? this.run + 1 : 1
    this.last = number
    this.size++
    if (this.size > this.thresholdPackets) this.take()
  }

  /** The stream has ended, or is in order again: takes what is left in the window. */
  finish(): void {
    while (this.size > 0) this.take()
  }

  /**
   * Whether all that wait will have displacement 0, whatever arrives: then the caller may `finish` it, count
   * packets in order itself, and go on with another instance (or this one) whose `next` is the first number
   * of the next gap.
   */
  get isInOrder(): boolean {
    if (this.buffered > 0) return false
    return this.size === 0 || (this.run >= this.size && this.window[this.head] === this.next)
  }

  /** Forgets what waits, keeps the counts, and expects `next`: for another stream. */
  restart(next: number): void {
    if (this.size + this.buffered > 0) this.presence.fill(ABSENT)
    this.far?.clear()
    this.farCount = 0
    this.head = 0
    this.size = 0
    this.run = 0
    this.buffered = 0
    this.next = next
  }

  /** Takes the oldest packet out of the window. */
  private take(): void {
    const { presence, mask, window, thresholdPackets } = this
    let index = this.next
    if (presence[index & mask] === ABSENT && !(this.farCount > 0 && this.far!.has(index))) {
      index = this.smallestAbove(index)
      this.next = index
    }
    const number = window[this.head]!
    this.head = this.head + 1 === window.length ? 0 : this.head + 1
    this.size--
    const displacement = index - number
    if (displacement < -thresholdPackets) {
      this.discarded++
      this.forget(number)
      return
    }
    if (displacement > thresholdPackets) {
      this.discarded++
      if (this.resync) this.useUp(index)
      return
    }
    this.counts[displacement + thresholdPackets]!++
    if (displacement < 0) this.buffer(number)
    this.useUp(index)
    this.onDisplacement?.(number, displacement, index)
  }

  private useUp(index: number): void {
    if (this.buffered > 0 && this.presence[index & this.mask] === IN_BUFFER) this.buffered--
    this.forget(index)
    this.next = index + 1
  }

  /** An early packet has been taken; it is at most DT ahead, so it has a slot in the ring. */
  private buffer(number: number): void {
    if (this.farCount > 0 && this.far!.delete(number)) this.farCount--
    this.presence[number & this.mask] = IN_BUFFER
    this.buffered++
  }

  private forget(number: number): void {
    if (this.farCount > 0 && this.far!.delete(number)) this.farCount--
    else this.presence[number & this.mask] = ABSENT
  }

  private addFar(number: number): void {
    this.far ??= new Set()
    this.far.add(number)
    this.farCount++
  }

  /** The next number that isn't lost; there is one as long as the window isn't empty. */
  private smallestAbove(index: number): number {
    const { presence, mask } = this
    let ahead = 1
    while (ahead <= mask && presence[(index + ahead) & mask] === ABSENT) ahead++
    let smallest = ahead <= mask ? index + ahead : Number.POSITIVE_INFINITY
    if (this.farCount > 0) for (const number of this.far!) if (number < smallest) smallest = number
    return smallest
  }
}
