/**
 * A chained hash index from 32-bit hashes to flow numbers, in typed arrays. Whoever asks compares the keys
 * himself, from {@link HashIndex.first} on along {@link HashIndex.next}. It grows with the members; nothing
 * is removed.
 */

type Column = Float64Array | Uint32Array | Int32Array | Uint8Array

/** A copy of the column with room for `length` values. */
export function extend<T extends Column>(column: T, length: number, type: new (length: number) => T): T {
  const longer = new type(length)
  longer.set(column)
  return longer
}

export class HashIndex {
  /** Members. */
  count = 0
  private heads = new Int32Array(512).fill(-1)
  private links = new Int32Array(256)
  private hashes = new Uint32Array(256)
  private members = new Int32Array(256)

  /** The first flow that may have this hash, or -1. */
  first(hash: number): number {
    return this.heads[hash & (this.heads.length - 1)]!
  }

  /** The flow after this one, or -1. */
  next(flow: number): number {
    return this.links[flow]!
  }

  add(hash: number, flow: number): void {
    if (flow >= this.links.length) {
      const length = Math.max(flow + 1, this.links.length * 2)
      this.links = extend(this.links, length, Int32Array)
      this.hashes = extend(this.hashes, length, Uint32Array)
    }
    this.hashes[flow] = hash
    if (this.count === this.members.length) this.members = extend(this.members, this.count * 2, Int32Array)
    this.members[this.count++] = flow
    if (this.count > this.heads.length) this.rehash()
    else this.link(flow)
  }

  private link(flow: number): void {
    const bucket = this.hashes[flow]! & (this.heads.length - 1)
    this.links[flow] = this.heads[bucket]!
    this.heads[bucket] = flow
  }

  private rehash(): void {
    this.heads = new Int32Array(this.heads.length * 2).fill(-1)
    for (let i = 0; i < this.count; i++) this.link(this.members[i]!)
  }
}
