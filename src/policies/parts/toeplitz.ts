/**
 * Receive-side scaling's hash, as network cards compute it: the Toeplitz hash of a flow's addresses and
 * ports, and the indirection table's bucket that it picks. With the symmetric key both directions of a
 * conversation have one hash, at the price of only 2^16 different ones. A packet without ports, and each
 * fragment, is hashed by its addresses, as cards do. Source: Microsoft, "RSS hashing functions"; Woo & Park
 * (the symmetric key). Validation: rss.test.ts (Microsoft's verification suite, the symmetric key's
 * properties, hashes with other keys computed bit by bit).
 */

import { z } from 'zod'
import { type Flow, NO_PORT, TCP, UDP } from '../../model/packets/flow-table.ts'
import { powerOfTwoUpTo } from '../../sim/power-of-two.ts'
import type { Random } from '../../sim/random.ts'
import { FlowCache } from './flow-cache.ts'

const SCTP = 132

/** Bytes of a key: what most cards have, and i40e and ice. */
const KEY_BYTES = [40, 52]
/** All that the hash of two IPv6 addresses and ports takes of a key, in words. */
const KEY_WORDS_USED = 10

/** Keys of 40 bytes as big-endian words. */
const keys = {
  microsoft: Uint32Array.of(
    ...[0x6d5a56da, 0x255b0ec2, 0x4167253d, 0x43a38fb0, 0xd0ca2bcb],
    ...[0xae7b30b4, 0x77cb2da3, 0x8030f20c, 0x6a42b73b, 0xbeac01fa],
  ),
  symmetric: new Uint32Array(10).fill(0x6d5a6d5a),
}

const NO_KEY =
  'is no key - give microsoft, symmetric, random, or the 40 or 52 bytes in hex that ethtool -x prints'

const fields = z.enum(['4-tuple', '2-tuple']).optional()

/** What `rss` and `rss-rebalance` let users say about the hash. */
export const hashParameters = {
  key: z
    .union(
      [
        z.enum(['microsoft', 'symmetric', 'random']),
        z.string().refine((key) => hexOf(key) !== undefined, { error: NO_KEY }),
      ],
      { error: NO_KEY },
    )
    .default('microsoft')
    .describe(
      "the hash's key: Microsoft's 40 bytes (many cards' default), 6d5a repeated (both directions alike), one drawn " +
        'for each run (as Linux drivers do), or 40 or 52 bytes in hex, with colons or without',
    ),
  input: z
    .enum(['5-tuple', 'address-pair'])
    .default('5-tuple')
    .describe(
      'what is hashed of TCP and UDP: addresses and ports, or addresses only; of fragments only these, so whole ' +
        'packets of their flow may overtake them',
    ),
  tcp: fields.describe('what is hashed of TCP, if not what input says: with ports (4-tuple) or without'),
  udp: fields.describe('the same of UDP; Intel cards have 2-tuple unless ethtool -N rx-flow-hash says sdfn'),
  sctp: fields.describe('the same of SCTP; left out: 2-tuple'),
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

/** Does the hash draw its key? */
export function drawsKey({ key }: Pick<HashParameters, 'key'>): boolean {
  return key === 'random'
}

/** A key and the protocols whose ports are hashed. */
export interface Hashing {
  readonly key: Uint32Array
  readonly withPorts: ReadonlySet<number>
}

/** @param random what a random key is drawn from */
export function hashingOf({ key, input, tcp, udp, sctp }: HashParameters, random: Random): Hashing {
  const usual = input === '5-tuple' ? '4-tuple' : '2-tuple'
  const protocols: ReadonlyArray<readonly [number, string]> = [
    [TCP, tcp ?? usual],
    [UDP, udp ?? usual],
    [SCTP, sctp ?? '2-tuple'],
  ]
  const withPorts = protocols.filter(([, what]) => what === '4-tuple').map(([protocol]) => protocol)
  return { key: wordsOf(key, random), withPorts: new Set(withPorts) }
}

function wordsOf(key: string, random: Random): Uint32Array {
  if (key === 'microsoft' || key === 'symmetric') return keys[key]
  if (drawsKey({ key })) {
    return Uint32Array.from({ length: KEY_WORDS_USED }, () => Math.floor(random() * 2 ** 32))
  }
  const hex = hexOf(key)!
  return Uint32Array.from({ length: KEY_WORDS_USED }, (_, i) =>
    Number.parseInt(hex.slice(8 * i, 8 * i + 8), 16),
  )
}

/** The digits of a key in hex, or undefined where it is none. */
function hexOf(key: string): string | undefined {
  const hex = key.includes(':') && /^[\da-f]{2}(:[\da-f]{2})+$/i.test(key) ? key.replaceAll(':', '') : key
  return /^[\da-f]+$/i.test(hex) && KEY_BYTES.includes(hex.length / 2) ? hex : undefined
}

const input = new Uint32Array(9)

/** The Toeplitz hash of a flow, by the key `rss`; unsigned 32 bit. */
export function toeplitzOf(flow: Flow, { key, withPorts }: Hashing): number {
  const words = flow.version === 4 ? 1 : 4
  for (let i = 0; i < words; i++) {
    input[i] = flow.sourceWord(i)
    input[words + i] = flow.destinationWord(i)
  }
  let count = 2 * words
  if (flow.sourcePort !== NO_PORT && withPorts.has(flow.protocol)) {
    input[count++] = (flow.sourcePort << 16) | flow.destinationPort
  }
  return toeplitz(key, input, count)
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
export function bucketsOf(parameters: HashParameters, size: number, random: Random): FlowCache {
  const hashing = hashingOf(parameters, random)
  return new FlowCache((flow) => toeplitzOf(flow, hashing) & (size - 1))
}
