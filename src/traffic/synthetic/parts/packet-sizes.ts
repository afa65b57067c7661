/**
 * Sizes of synthetic packets, independent of everything else: one size, the simple IMIX (7 packets of 40
 * bytes, 4 of 576 and 1 of 1500), or a list of sizes, equally likely or by weights.
 */
import type { Random } from '../../../sim/random.ts'
import { weightedIndex } from '../../../sim/weighted-index.ts'

const IMIX = { sizeBytes: [40, 576, 1500], cumulative: [7 / 12, 11 / 12, 1] }

/** Length of the IP packets in bytes; of several values, one per packet. */
export type PacketSizes =
  | number
  | 'imix'
  | { readonly values: readonly number[]; readonly weights?: readonly number[] | undefined }

/** @param random gives the random stream; not asked for where all packets have one size */
export function sizePicker(sizes: PacketSizes, random: () => Random): () => number {
  if (typeof sizes === 'number') return () => sizes
  if (sizes === 'imix') {
    const uniform = random()
    return () => {
      const u = uniform()
      return IMIX.sizeBytes[IMIX.cumulative.findIndex((share) => u < share)]!
    }
  }
  const { values, weights = values.map(() => 1) } = sizes
  const pick = weightedIndex(weights, random())
  return () => values[pick()]!
}
