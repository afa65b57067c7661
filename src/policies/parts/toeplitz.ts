/**
 * Receive-side scaling's hash, as network cards compute it: the Toeplitz hash of a flow's addresses and
 * ports, and the indirection table's bucket that it picks. With the symmetric key both directions of a
 * conversation have one hash, at the price of only 2^16 different ones. A flow without ports is hashed by its
 * addresses, as cards do. Source: Microsoft, "RSS hashing functions"; Woo & Park (the symmetric key).
 * Validation: rss.test.ts (Microsoft's verification suite, the symmetric key's properties).
 */

import { z } from 'zod'
import { type Flow, NO_PORT } from '../../model/packets/flow-table.ts'
import { powerOfTwoUpTo } from '../../sim/power-of-two.ts'
import { FlowCache } from './flow-cache.ts'

/** Keys of 40 bytes as big-endian words. */
const keys = {
  microsoft: Uint32Array.of(
    ...[0x6d5a56da, 0x255b0ec2, 0x4167253d, 0x43a38fb0, 0xd0ca2bcb],
    ...[0xae7b30b4, 0x77cb2da3, 0x8030f20c, 0x6a42b73b, 0xbeac01fa],
  ),
  symmetric: new Uint32Array(10).fill(0x6d5a6d5a),
}

/** What `rss` and `rss-rebalance` let users say about the hash. */
export const hashParameters = {
  key: z
    .enum(['microsoft', 'symmetric'])
    .default('microsoft')
    .describe(
      "the hash's key: Microsoft's 40 bytes (most cards' default), or 6d5a repeated (both directions alike)",
    ),
  input: z
    .enum(['5-tuple', 'address-pair'])
    .default('5-tuple')
    .describe('what is hashed: addresses and ports (a packet without ports: addresses), or addresses only'),
}
type HashParameters = z.output<z.ZodObject<typeof hashParameters>>

/** Schema of an indirection table's size. */
export const tableSize = z
  .int()
  .min(1)
  .max(65_536)
  .refine((size) => size < 1 || (size & (size - 1)) === 0, {
    error: ({ input }) => {
      const below = powerOfTwoUpTo(Number(input))
      return `is not a power of two, but the table is indexed by bits of the hash - give ${below} or ${below * 2}`
    },
  })
  .default(128)
  .describe('entries of the indirection table, a power of two; cards have 128 or 512')

const input = new Uint32Array(9)

/** The Toeplitz hash of a flow; unsigned 32 bit. */
export function toeplitzOf(flow: Flow, { key, input: fields }: HashParameters): number {
  const words = flow.version === 4 ? 1 : 4
  for (let i = 0; i < words; i++) {
    input[i] = flow.sourceWord(i)
    input[words + i] = flow.destinationWord(i)
  }
  let count = 2 * words
  if (fields === '5-tuple' && flow.sourcePort !== NO_PORT) {
    input[count++] = (flow.sourcePort << 16) | flow.destinationPort
  }
  return toeplitz(keys[key], input, count)
}

/**
 * For every bit set in the input, the 32 bits of the key that begin at that bit's place are added, without
 * carry.
 */
function toeplitz(key: Uint32Array, words: Uint32Array, count: number): number {
  let hash = 0
  for (let i = 0; i < count; i++) {
    const word = words[i]!
    const left = key[i]!
    const right = key[i + 1]!
    if (word >>> 31 === 1) hash ^= left
    for (let bit = 1; bit < 32; bit++) {
      if (((word >>> (31 - bit)) & 1) === 1) hash ^= (left << bit) | (right >>> (32 - bit))
    }
  }
  return hash >>> 0
}

/** The bucket of each flow in an indirection table of `size` entries: the low bits of its hash. */
export function bucketsOf(parameters: HashParameters, size: number): FlowCache {
  return new FlowCache((flow) => toeplitzOf(flow, parameters) & (size - 1))
}
