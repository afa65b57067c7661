/**
 * Gamma with shape and mean, by Marsaglia and Tsang (ACM TOMS 26(3), 2000); below shape 1 by their boost
 * X(shape) = X(shape + 1) U^(1/shape).
 */

import { z } from 'zod'
import { durationNs } from '../../unit-schemas.ts'
import { exp, log, log1p } from '../elementary.ts'
import { normalDraws } from '../normal.ts'
import type { Distribution } from './distribution.ts'

const parameters = z.strictObject({
  mean: durationNs.describe('mean'),
  shape: z.number().min(0.01).max(1e6).describe('1 is exponential, more is more even'),
})

export const gamma: Distribution<typeof parameters> = {
  name: 'gamma',
  description: 'gamma with mean `mean` and shape `shape` (coefficient of variation 1/sqrt(shape))',
  parameters,
  meanNs: ({ mean }) => mean,
  create({ mean, shape }, random) {
    const normal = normalDraws(0, 1, random)
    const scale = mean / shape
    const boosted = shape < 1 ? shape + 1 : shape
    const d = boosted - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    return () => {
      for (;;) {
        const x = normal()
        const root = 1 + c * x
        if (root <= 0) continue
        const v = root * root * root
        if (log1p(-random()) >= 0.5 * x * x + d - d * v + d * log(v)) continue
        const boost = shape < 1 ? exp(log1p(-random()) / shape) : 1
        return d * v * boost * scale
      }
    }
  },
}
