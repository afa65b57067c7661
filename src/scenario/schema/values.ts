/** Values that occur in many places of a scenario. */
import { z } from 'zod'

export const count = z.int().min(1).max(1e9)
/** So many per second, or times as fast. */
export const rate = z.number().min(1e-6).max(1e15)
export const packetRate = rate.max(1e9)
/** A share or a chance. */
export const ratio = z.number().min(0).max(1)
/** A weight beside others. */
export const weight = z.number().min(0).max(1e9)
/** Values of an empirical distribution, and the like. */
export const LIST_MAX = 100_000
export const capacityPackets = z.union([count, z.literal('unlimited')])

const LANES_MAX = 1024
export const threadCount = count.max(LANES_MAX)
export const laneCountSchema = threadCount
  .default(4)
  .meta({ description: 'Lanes, which are threads, numbered from 0.', examples: [8] })

/**
 * One value for all lanes, or a list with one value per lane (its length is checked with the whole scenario).
 */
export function perLane<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.array(schema).max(LANES_MAX)])
}
