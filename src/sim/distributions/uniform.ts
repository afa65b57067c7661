/** Uniform between `low` and `high`. */
import { z } from 'zod'
import { durationNs } from '../../unit-schemas.ts'
import type { Distribution } from './distribution.ts'

const parameters = z
  .strictObject({ low: durationNs.describe('shortest time'), high: durationNs.describe('longest time') })
  .refine(({ low, high }) => low <= high, { error: 'low is above high - swap them' })

export const uniform: Distribution<typeof parameters> = {
  name: 'uniform',
  description: 'uniform between `low` and `high`',
  parameters,
  meanNs: ({ low, high }) => (low + high) / 2,
  maxNs: ({ high }) => high,
  create({ low, high }, random) {
    const width = high - low
    return () => random() * width + low
  },
}
