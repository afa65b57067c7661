/**
 * The stay-back window of RFC 5236 section 7.1 over a stream whose missing numbers are known as intervals:
 * the displacement of a packet is decided when DT more have arrived, or when nothing is missing any more. A
 * receive index that is missing by then is skipped as lost. A late packet that is discarded uses up its index
 * (the `resync` reading, without which the printed text never recovers); an early one counts as lost. O(1)
 * per packet. displacement.ts has the text's own algorithm, also to the letter; tests hold the two together.
 */
import type { MissingIntervals } from './missing.ts'

export class StayBackWindow {
  /** The next receive index, unless that number is lost. */
  private next = 0
  private readonly numbers: Float64Array
  private head = 0
  private size = 0
  /** Numbers that were discarded as too early. */
  private discarded: Set<number> | undefined
  /** Numbers given up that `next` hasn't come to yet, ascending: first and last of each interval. */
  private lost: number[] = []

  /** @param thresholdPackets DT */
  constructor(thresholdPackets: number) {
    this.numbers = new Float64Array(thresholdPackets + 1)
  }

  /** Is nothing undecided? */
  get isEmpty(): boolean {
    return this.size === 0
  }

  /** Begins with the first packet after a stream in order. @param next the number that was expected */
  restart(next: number): void {
    this.next = next
    this.discarded = undefined
    if (this.lost.length > 0) this.lost = []
  }

  /** The first interval is given up while the window may still wait for it. */
  giveUpFirst(missing: MissingIntervals): void {
    if (this.size > 0 && missing.isFirstAwaited) this.lost.push(missing.firstLow, missing.firstHigh)
  }

  /** A packet that wasn't skipped has arrived. @param counts by displacement + DT */
  record(number: number, missing: MissingIntervals, counts: Float64Array): void {
    const { numbers } = this
    let tail = this.head + this.size
    if (tail >= numbers.length) tail -= numbers.length
    numbers[tail] = number
    this.size++
    if (this.size === numbers.length) this.take(missing, counts)
  }

  /** Decides what is left: at the end, and when nothing is missing any more. */
  finish(missing: MissingIntervals, counts: Float64Array): void {
    while (this.size > 0) this.take(missing, counts)
  }

  /** Decides the oldest packet. */
  private take(missing: MissingIntervals, counts: Float64Array): void {
    const { numbers } = this
    const number = numbers[this.head]!
    this.head = this.head + 1 === numbers.length ? 0 : this.head + 1
    this.size--
    this.passMissing(missing)
    if (this.discarded !== undefined) this.passDiscarded(this.discarded, missing)
    const displacement = this.next - number
    const threshold = numbers.length - 1
    if (displacement < -threshold) {
      this.discarded ??= new Set()
      this.discarded.add(number)
      return
    }
    if (displacement <= threshold) counts[displacement + threshold]!++
    this.next++
  }

  private passDiscarded(discarded: Set<number>, missing: MissingIntervals): void {
    while (discarded.delete(this.next)) {
      this.next++
      this.passMissing(missing)
    }
  }

  /** Skips what is lost. */
  private passMissing(missing: MissingIntervals): void {
    while (this.lost[0] === this.next) {
      this.next = this.lost[1]! + 1
      this.lost.splice(0, 2)
    }
    while (missing.isMissed(this.next)) this.next = missing.skip()
  }
}
