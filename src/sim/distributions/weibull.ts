/** Weibull: scale (-ln U)^(1/shape); heavier than exponential below shape 1. */

import { z } from 'zod'
import { durationNs } from '../../unit-schemas.ts'
import { exp, log, log1p } from '../elementary.ts'
import type { Distribution } from './distribution.ts'
import { gammaFunction } from './gamma-function.ts'

const parameters = z.strictObject({
  scale: durationNs.describe('63 % of the times are shorter'),
  shape: z.number().min(0.01).max(1e6).describe('1 is exponential, less has a heavier tail'),
})

export const weibull: Distribution<typeof parameters> = {
  name: 'weibull',
  description: '`scale` times (-ln U)^(1/`shape`)',
  parameters,
  meanNs: ({ scale, shape }) => scale * gammaFunction(1 + 1 / shape),
  create:
    ({ scale, shape }, random) =>
    () =>
      scale * exp(log(-log1p(-random())) / shape),
}
