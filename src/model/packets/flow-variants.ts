/**
 * The packets of a flow that some key takes for another flow: fragments, tunnels, ESP. A variant is a judged
 * flow with a tuple per key, or SAME where that key says the same as the flow. Packets carry its number, 0
 * meaning that all keys do; a capture without such packets has no variants. Memory follows the number of
 * variants, that is of flows inside tunnels.
 */
import { grown } from '../../sim/grown.ts'
import { OTHER_KEYS, type OtherKey } from './flow-key.ts'
import { hashWords } from './hash.ts'
import { HashIndex } from './hash-index.ts'

/** The key takes the packet for what its judged flow says. */
export const SAME = -1

/** Words of a variant: its flow, and a tuple per key. */
const WORDS = 1 + OTHER_KEYS.length

export class FlowVariants {
  /** The variant being looked up: a judged flow, then the number of a tuple or SAME per key. */
  readonly wanted = new Int32Array(WORDS)
  /** Numbers in use, the 0 of plain packets among them. */
  count = 1
  private words = new Int32Array(0)
  private readonly index = new HashIndex()
  private readonly wantedWords = new Uint32Array(this.wanted.buffer)

  /** The number of the variant that stands in {@link wanted}, which is 1 or more. */
  intern(): number {
    const { wanted, index } = this
    const hash = hashWords(this.wantedWords, WORDS, 0)
    let found = index.first(hash)
    while (found >= 0) {
      if (wanted.every((word, i) => this.words[found * WORDS + i] === word)) return found
      found = index.next(found)
    }
    const added = this.count++
    this.words = grown(this.words, this.count * WORDS)
    this.words.set(wanted, added * WORDS)
    index.add(hash, added)
    return added
  }

  /** The variant's judged flow. */
  flow(variant: number): number {
    return this.words[variant * WORDS]!
  }

  /** Number of the tuple that the key takes the variant for, or SAME. */
  tuple(variant: number, key: OtherKey): number {
    return this.words[variant * WORDS + 1 + OTHER_KEYS.indexOf(key)]!
  }

  /** As plain data, for a table elsewhere with the same numbers. */
  plain(): Int32Array {
    return this.words.slice(WORDS, this.count * WORDS)
  }

  /** Adds what {@link plain} gave. */
  addPlain(words: Int32Array): void {
    for (let at = 0; at < words.length; at += WORDS) {
      this.wanted.set(words.subarray(at, at + WORDS))
      this.intern()
    }
  }
}
