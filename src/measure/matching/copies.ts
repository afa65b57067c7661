/**
 * Finds packets by 64-bit keys, and hands out packets with the same key in their order: an open-addressing
 * table of the first packet of each key, and from there a chain of its copies. Every look-up takes constant
 * time however many copies there are (thousands of equal acknowledgements are common).
 */

export class Copies {
  /** The next packet of the same key, or -1. */
  private readonly following: Int32Array
  /** Of a key's first packet: the one to be handed out next, -1 after the last; and the last. */
  private readonly upcoming: Int32Array
  private readonly last: Int32Array
  private readonly low: Int32Array
  private readonly high: Int32Array
  private readonly slots: Int32Array

  /** Packets 0..count-1 with keys `low`, `high`, in their order. */
  constructor(low: Int32Array, high: Int32Array, count: number) {
    this.low = low
    this.high = high
    this.following = new Int32Array(count).fill(-1)
    this.upcoming = new Int32Array(count)
    this.last = new Int32Array(count)
    let size = 16
    while (size < count * 2) size *= 2
    this.slots = new Int32Array(size).fill(-1)
    for (let packet = 0; packet < count; packet++) {
      const slot = this.slotOf(low[packet]!, high[packet]!)
      const first = this.slots[slot]!
      if (first >= 0) this.following[this.last[first]!] = packet
      else this.slots[slot] = packet
      this.last[first >= 0 ? first : packet] = packet
      this.upcoming[packet] = packet
    }
  }

  /** The first packet with that key, or -1. */
  find(low: number, high: number): number {
    return this.slots[this.slotOf(low, high)]!
  }

  /** Hands out the next copy of `first`, a result of {@link find}; -1 where all are out. */
  take(first: number): number {
    const packet = this.upcoming[first]!
    if (packet >= 0) this.upcoming[first] = this.following[packet]!
    return packet
  }

  /** The last copy of `first`. */
  lastOf(first: number): number {
    return this.last[first]!
  }

  isSingle(first: number): boolean {
    return this.last[first] === first
  }

  private slotOf(low: number, high: number): number {
    const { slots } = this
    const mask = slots.length - 1
    let hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
    hash ^= hash >>> 15
    let slot = hash & mask
    for (;;) {
      const first = slots[slot]!
      if (first < 0 || (this.low[first] === low && this.high[first] === high)) return slot
      slot = (slot + 1) & mask
    }
  }
}
