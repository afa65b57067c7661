/**
 * Names of flows in an arrival file, interned by their bytes: no string is made per row, one per name when
 * asked.
 */
import { HashIndex } from '../../model/packets/hash-index.ts'
import { grown } from '../../sim/grown.ts'

export class FlowNames {
  /** Different names so far; they are numbered in order of appearance. */
  count = 0
  private bytes = new Uint8Array(4096)
  /** Where name i begins; name i + 1 begins where it ends. */
  private starts = new Float64Array(257)
  private readonly index = new HashIndex()
  private latest = -1

  /** The number of the name `bytes[start..end]`. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    // Rows of one flow often follow each other.
    if (this.latest >= 0 && this.isName(this.latest, bytes, start, end)) return this.latest
    let hash = end - start
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
      hash ^= hash >>> 15
    }
    let name = this.index.first(hash)
    while (name >= 0 && !this.isName(name, bytes, start, end)) name = this.index.next(name)
    this.latest = name >= 0 ? name : this.add(hash, bytes.subarray(start, end))
    return this.latest
  }

  describe(name: number): string {
    return new TextDecoder().decode(this.bytes.subarray(this.starts[name]!, this.starts[name + 1]!))
  }

  private isName(name: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.starts[name]!
    if (this.starts[name + 1]! - own !== end - start) return false
    for (let i = 0; i < end - start; i++) if (this.bytes[own + i] !== bytes[start + i]) return false
    return true
  }

  private add(hash: number, bytes: Uint8Array): number {
    const name = this.count++
    const start = this.starts[name]!
    const end = start + bytes.length
    this.bytes = grown(this.bytes, end)
    this.starts = grown(this.starts, name + 2)
    this.bytes.set(bytes, start)
    this.starts[name + 1] = end
    this.index.add(hash, name)
    return name
  }
}
