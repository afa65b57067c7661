/**
 * A chained hash index from 32-bit hashes to flow numbers, in typed arrays. Whoever asks compares the keys
 * himself, from {@link HashIndex.first} on along {@link HashIndex.next}. It grows with the members; nothing
 * is removed.
 */
import { grown } from '../../sim/grown.ts'

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
      this.links = grown(this.links, flow + 1)
      this.hashes = grown(this.hashes, flow + 1)
    }
    this.hashes[flow] = hash
    this.members = grown(this.members, this.count + 1)
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
