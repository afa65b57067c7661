/**
 * The largest of the values noted since some moment, for any moment at once: a stack that keeps only values
 * greater than all later ones. Noting a value is O(1) amortised; values that mostly grow keep the stack a few
 * entries short.
 */
import { grown } from '../../sim/grown.ts'

export class SuffixMaximum {
  private tags = new Float64Array(8)
  private values = new Float64Array(8)
  private count = 0

  /** Notes a value. @param tag when: never less than the tag before */
  note(tag: number, value: number): void {
    while (this.count > 0 && this.values[this.count - 1]! <= value) this.count--
    if (this.count === this.tags.length) this.grow()
    this.tags[this.count] = tag
    this.values[this.count] = value
    this.count++
  }

  /** The largest value noted with a tag of at least `tag`; -Infinity without any. */
  since(tag: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.tags[middle]! < tag) low = middle + 1
      else high = middle
    }
    return low === this.count ? Number.NEGATIVE_INFINITY : this.values[low]!
  }

  /** Forgets values with a tag below `tag`. */
  forgetBefore(tag: number): void {
    let first = 0
    while (first < this.count && this.tags[first]! < tag) first++
    if (first === 0) return
    this.tags.copyWithin(0, first, this.count)
    this.values.copyWithin(0, first, this.count)
    this.count -= first
  }

  clear(): void {
    this.count = 0
  }

  private grow(): void {
    this.tags = grown(this.tags, this.count + 1)
    this.values = grown(this.values, this.count + 1)
  }
}
