/**
 * MurmurHash3 (x86, 32 bit, Austin Appleby, public domain) over 32-bit words: the hash that `hash` policies
 * and the flow table use. It is unkeyed, so a flow's lane is the same in every run and on every machine.
 */

/** Hash of the first `count` words, then of `last`; unsigned 32 bit. */
export function hashWords(words: Uint32Array, count: number, last: number): number {
  let hash = 0
  for (let i = 0; i < count; i++) hash = mix(hash, words[i]!)
  hash = mix(hash, last) ^ ((count + 1) * 4)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  const h = hash ^ k
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}
