/** Exponential with the given mean: the memoryless service of M/M/1. */

import { z } from 'zod'
import { durationNs } from '../../unit-schemas.ts'
import { BulkDraws } from '../bulk-draws.ts'
import { exponentialDraws } from '../exponential.ts'
import type { Distribution } from './distribution.ts'

const parameters = z.strictObject({ mean: durationNs.describe('mean') })

export const exponential: Distribution<typeof parameters> = {
  name: 'exponential',
  description: 'exponential with mean `mean`',
  parameters,
  meanNs: ({ mean }) => mean,
  create({ mean }, random) {
    const draw = exponentialDraws(random)
    const one = () => draw() * mean
    const bulk = BulkDraws.of(random)
    return bulk === undefined
      ? one
      : Object.assign(one, {
          fill: (outNs: Float64Array, count: number) => bulk.exponentials(mean, outNs, count),
        })
  },
}
