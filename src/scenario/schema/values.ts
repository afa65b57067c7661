/** Values that occur in many places of a scenario. */
import { z } from 'zod'

export const count = z.int().min(1)
export const rate = z.number().positive()
export const capacityPackets = z.union([count, z.literal('unlimited')])

const LANES_MAX = 1024
export const laneCountSchema = count
  .max(LANES_MAX)
  .default(4)
  .meta({ description: 'Lanes, which are threads, numbered from 0.', examples: [8] })

/**
 * One value for all lanes, or a list with one value per lane (its length is checked with the whole scenario).
 */
export function perLane<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.array(schema)])
}
