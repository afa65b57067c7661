/**
 * Receive-side scaling: the low bits of the flow's Toeplitz hash pick an entry of an indirection table, and
 * the entry names the lane; entry i is lane i mod lanes, as drivers fill it. Static, so it keeps the order of
 * every flow, but for fragments among its whole packets. With fewer entries than lanes some lanes get
 * nothing. Source: Microsoft, "Introduction to receive side scaling"; Intel 82599 datasheet 7.1.2.8.
 * Validation: rss.test.ts (vectors, keys of any card, symmetric key, table), policies.test.ts (contract: 0
 * reordered).
 */
import { z } from 'zod'
import type { PolicyPlugin } from '../model/policy.ts'
import { bucketsOf, drawsKey, hashParameters, tableSize } from './parts/toeplitz.ts'

const parameters = z.strictObject({ ...hashParameters, tableSize })

export const rss: PolicyPlugin<typeof parameters> = {
  name: 'rss',
  description: "as network cards do: the flow's Toeplitz hash picks an entry of a fixed table",
  models: "receive-side scaling of network cards (Microsoft's Toeplitz hash, Intel 82599)",
  keepsOrder: 'always',
  parameters,
  usesRandom: drawsKey,
  create({ tableSize: size, ...hashing }, lanes, random) {
    const buckets = bucketsOf(hashing, size, random)
    const table = Int16Array.from({ length: size }, (_, bucket) => bucket % lanes.count)
    return {
      name: 'rss',
      flowKey: 'rss',
      keepsFlowOrder: true,
      choose: (packet) => table[buckets.of(packet.flow)]!,
    }
  },
}
