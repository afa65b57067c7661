/** Pareto: minimum U^(-1/shape); no mean at shape 1 and below, no variance at 2 and below. */

import { z } from 'zod'
import { durationNs } from '../../unit-schemas.ts'
import { exp, log1p } from '../elementary.ts'
import type { Distribution } from './distribution.ts'

const parameters = z.strictObject({
  minimum: durationNs.describe('shortest time'),
  shape: z.number().min(0.01).max(1e6).describe('tail exponent; no variance up to 2, no mean up to 1'),
})

export const pareto: Distribution<typeof parameters> = {
  name: 'pareto',
  description: '`minimum` times U^(-1/`shape`)',
  parameters,
  meanNs: ({ minimum, shape }) => (shape > 1 ? (minimum * shape) / (shape - 1) : Number.POSITIVE_INFINITY),
  create:
    ({ minimum, shape }, random) =>
    () =>
      minimum * exp(-log1p(-random()) / shape),
}
