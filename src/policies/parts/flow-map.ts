/**
 * The two tables that `flow-pinned` can keep: one entry per key without a limit, or a fixed number of slots
 * with windows of eight. Both answer with the lane of a live entry, else -1, and count what happened.
 */

import { HOLD } from '../../model/policy.ts'
import { grown } from '../../sim/grown.ts'

export interface FlowMap {
  /** The lane of the key's live entry, its last-seen time brought up to date; -1 where there is none. */
  find(key: number, hash: number, nowNs: number): number
  /** Stores the lane of the key that `find` has just missed. */
  put(key: number, lane: number, nowNs: number): void
  counters(): Record<string, number>
}

class Counters {
  lookups = 0
  hits = 0
  expiries = 0
  evictions = 0
  entriesMax = 0

  report(): Record<string, number> {
    return {
      tableLookups: this.lookups,
      tableHits: this.hits,
      tableExpiries: this.expiries,
      tableEvictions: this.evictions,
      tableEntriesMax: this.entriesMax,
    }
  }
}

const NONE = -1

/**
 * Unlimited. Keys are dense numbers, so entries are array cells; live entries are linked from the least to
 * the most recently seen one, which makes expiry exact and keeps the count of live entries (what a real table
 * would have to hold).
 */
export class OpenMap implements FlowMap {
  private lane = new Int16Array(1024).fill(NONE)
  private lastSeenNs = new Float64Array(1024)
  private older = new Int32Array(1024)
  private newer = new Int32Array(1024)
  private oldest = NONE
  private newest = NONE
  private entries = 0
  private readonly ttlNs: number
  private readonly totals = new Counters()

  constructor(ttlNs: number) {
    this.ttlNs = ttlNs
  }

  find(key: number, _hash: number, nowNs: number): number {
    if (key >= this.lane.length) this.grow(key + 1)
    this.totals.lookups++
    while (this.oldest !== NONE && nowNs - this.lastSeenNs[this.oldest]! >= this.ttlNs) {
      this.lane[this.oldest] = NONE
      this.unlink(this.oldest)
      this.entries--
      this.totals.expiries++
    }
    const lane = this.lane[key]!
    if (lane === NONE) return HOLD
    this.totals.hits++
    this.lastSeenNs[key] = nowNs
    if (this.newest !== key) {
      this.unlink(key)
      this.append(key)
    }
    return lane
  }

  put(key: number, lane: number, nowNs: number): void {
    this.lane[key] = lane
    this.lastSeenNs[key] = nowNs
    this.append(key)
    if (++this.entries > this.totals.entriesMax) this.totals.entriesMax = this.entries
  }

  counters(): Record<string, number> {
    return this.totals.report()
  }

  private append(key: number): void {
    this.older[key] = this.newest
    this.newer[key] = NONE
    if (this.newest === NONE) this.oldest = key
    else this.newer[this.newest] = key
    this.newest = key
  }

  private unlink(key: number): void {
    const older = this.older[key]!
    const newer = this.newer[key]!
    if (older === NONE) this.oldest = newer
    else this.newer[older] = newer
    if (newer === NONE) this.newest = older
    else this.older[newer] = older
  }

  private grow(keys: number): void {
    this.lane = grown(this.lane, keys, NONE)
    this.lastSeenNs = grown(this.lastSeenNs, keys)
    this.older = grown(this.older, keys)
    this.newer = grown(this.newer, keys)
  }
}

const PROBE_SLOTS = 8

/**
 * A fixed number of slots. A key may stand in the eight slots from its hash on; a new key takes the first of
 * them that is empty or expired, else it evicts the one seen longest ago.
 */
export class SlotMap implements FlowMap {
  private readonly key: Int32Array
  private readonly lane: Int16Array
  private readonly lastSeenNs: Float64Array
  private readonly slots: number
  private readonly ttlNs: number
  private readonly totals = new Counters()
  private entries = 0
  private home = 0

  constructor(ttlNs: number, slots: number) {
    this.slots = slots
    this.ttlNs = ttlNs
    this.key = new Int32Array(slots).fill(NONE)
    this.lane = new Int16Array(slots)
    this.lastSeenNs = new Float64Array(slots)
  }

  find(key: number, hash: number, nowNs: number): number {
    this.totals.lookups++
    this.home = hash % this.slots
    const slot = this.slotOf(key)
    if (slot === NONE || nowNs - this.lastSeenNs[slot]! >= this.ttlNs) return HOLD
    this.totals.hits++
    this.lastSeenNs[slot] = nowNs
    return this.lane[slot]!
  }

  put(key: number, lane: number, nowNs: number): void {
    const slot = this.slotFor(key, nowNs)
    this.key[slot] = key
    this.lane[slot] = lane
    this.lastSeenNs[slot] = nowNs
  }

  counters(): Record<string, number> {
    return this.totals.report()
  }

  private slotOf(key: number): number {
    const window = Math.min(PROBE_SLOTS, this.slots)
    for (let i = 0; i < window; i++) {
      const slot = (this.home + i) % this.slots
      if (this.key[slot] === key) return slot
    }
    return NONE
  }

  private slotFor(key: number, nowNs: number): number {
    const own = this.slotOf(key)
    if (own !== NONE) {
      this.totals.expiries++
      return own
    }
    const window = Math.min(PROBE_SLOTS, this.slots)
    let oldest = this.home
    for (let i = 0; i < window; i++) {
      const slot = (this.home + i) % this.slots
      if (this.key[slot] === NONE) {
        this.entries++
        if (this.entries > this.totals.entriesMax) this.totals.entriesMax = this.entries
        return slot
      }
      if (nowNs - this.lastSeenNs[slot]! >= this.ttlNs) {
        this.totals.expiries++
        return slot
      }
      if (this.lastSeenNs[slot]! < this.lastSeenNs[oldest]!) oldest = slot
    }
    this.totals.evictions++
    return oldest
  }
}
