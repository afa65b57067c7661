/**
 * Lognormal: `median` times exp(sigma z), z standard normal; what scheduling jitter of threads often looks
 * like.
 */

import { z } from 'zod'
import { durationNs } from '../../unit-schemas.ts'
import { BulkDraws } from '../bulk-draws.ts'
import { exp } from '../elementary.ts'
import { normalDraws } from '../normal.ts'
import type { Distribution } from './distribution.ts'

const parameters = z.strictObject({
  median: durationNs.describe('half of the times are shorter'),
  sigma: z.number().min(0).max(10).describe('standard deviation of the logarithm; 0 is constant'),
})

export const lognormal: Distribution<typeof parameters> = {
  name: 'lognormal',
  description: '`median` times exp(`sigma` z), z standard normal',
  parameters,
  meanNs: ({ median, sigma }) => median * exp((sigma * sigma) / 2),
  create({ median, sigma }, random) {
    const normal = normalDraws(0, sigma, random)
    const one = () => median * exp(normal())
    const bulk = BulkDraws.of(random)
    return bulk === undefined
      ? one
      : Object.assign(one, {
          fill: (outNs: Float64Array, count: number) => bulk.lognormals(median, sigma, outNs, count),
        })
  },
}
