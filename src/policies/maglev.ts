/**
 * Maglev's consistent hashing: every lane walks the table in an order of its own, derived from its name, and
 * the lanes take turns to claim their next free entry until the table is full; a flow's hash modulo the
 * table's size picks the entry. Balanced to within one entry, and a lane more or less moves few flows of the
 * others. Static while a run lasts, so it keeps the order of every flow. Weights set how often a lane has a
 * turn, as the paper says and katran's MaglevHashV2 does it; a lane of weight 0 stands for one that was
 * removed. Source: Eisenbud et al., "Maglev", NSDI 2016, section 3.4; seeds of the two hashes as in katran.
 * Validation: maglev.test.ts (worked table, balance, weights, disruption), policies.test.ts (contract).
 */
import { z } from 'zod'
import { hashWords } from '../model/packets/hash.ts'
import type { PolicyPlugin } from '../model/policy.ts'
import { laneWeights, weightsFor } from './parts/lane-weights.ts'

/** A prime, so that there is always a next one. */
const SIZE_MAX = 1_048_573

const parameters = z.strictObject({
  tableSize: z
    .int()
    .min(2)
    .max(SIZE_MAX)
    .refine((size) => size < 2 || size > SIZE_MAX || isPrime(size), {
      error: ({ input }) =>
        `is not a prime, so that a lane's walk would miss entries - give ${nextPrime(Number(input))}`,
    })
    .default(65_537)
    .describe('entries of the table, a prime; a hundred times the lanes balances them to 1 %'),
  weights: laneWeights.optional(),
})

export const maglev: PolicyPlugin<typeof parameters> = {
  name: 'maglev',
  description: "consistent hashing by Maglev's table: lanes take turns to claim its entries",
  models: "Google's Maglev and katran (NSDI 2016)",
  keepsOrder: 'always',
  parameters,
  usesRandom: false,
  create({ tableSize, weights }, lanes) {
    const walks = Array.from({ length: lanes.count }, (_, lane) => walkOf(lane, tableSize))
    const table = fillTable(tableSize, walks, weightsFor(lanes.count, weights))
    return {
      name: 'maglev',
      keepsFlowOrder: true,
      choose: (packet) => table[packet.flow.hash5Tuple % tableSize]!,
    }
  },
}

/** A lane's order of entries: offset, offset + skip, offset + 2 skip ... modulo the table's size. */
export interface Walk {
  readonly offset: number
  readonly skip: number
}

/** From two hashes of the lane's name, which is its number. */
function walkOf(lane: number, size: number): Walk {
  const offset = hashWords(Uint32Array.of(lane), 1, 42) % size
  const skip = (hashWords(Uint32Array.of(lane), 1, 2_718_281_828) % (size - 1)) + 1
  return { offset, skip }
}

/**
 * The table: the lane of every entry. Each turn a lane saves up its weight and claims an entry for every time
 * that it has the highest weight together, so equal lanes claim one entry each.
 */
export function fillTable(size: number, walks: readonly Walk[], weights: readonly number[]): Int16Array {
  const table = new Int16Array(size).fill(-1)
  const highest = Math.max(...weights)
  const next = walks.map(({ offset }) => offset)
  const saved = walks.map(() => 0)
  let free = size
  while (true) {
    for (const [lane, { skip }] of walks.entries()) {
      saved[lane]! += weights[lane]!
      if (saved[lane]! < highest) continue
      saved[lane]! -= highest
      let entry = next[lane]!
      while (table[entry] !== -1) entry = (entry + skip) % size
      table[entry] = lane
      next[lane] = (entry + skip) % size
      if (--free === 0) return table
    }
  }
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false
  return n >= 2
}

function nextPrime(n: number): number {
  let candidate = n
  while (!isPrime(candidate)) candidate++
  return candidate
}
