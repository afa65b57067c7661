/**
 * Values that were measured, drawn as often as they were seen: `values`, equally likely, or by `weights`.
 * What a calibration writes.
 */
import { z } from 'zod'
import { durationNs } from '../../unit-schemas.ts'
import { weightedIndex } from '../weighted-index.ts'
import type { Distribution } from './distribution.ts'

const VALUES_MAX = 100_000

const parameters = z
  .strictObject({
    values: z.array(durationNs).min(1).max(VALUES_MAX).describe('the times that occur'),
    weights: z
      .array(z.number().min(0).max(1e9))
      .max(VALUES_MAX)
      .optional()
      .describe('one per value; equal without'),
  })
  .refine(({ values, weights }) => weights === undefined || weights.length === values.length, {
    error: 'values and weights differ in number - give one weight per value',
  })
  .refine(({ weights }) => weights === undefined || weights.some((weight) => weight > 0), {
    error: 'all weights are 0 - give one above 0',
  })

export const empirical: Distribution<typeof parameters> = {
  name: 'empirical',
  description: 'one of `values`, equally likely or by `weights`',
  parameters,
  meanNs({ values, weights }) {
    const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? values.length
    return values.reduce((sum, value, i) => sum + (value * (weights?.[i] ?? 1)) / total, 0)
  },
  maxNs: ({ values, weights }) =>
    values.reduce((most, value, i) => ((weights?.[i] ?? 1) > 0 ? Math.max(most, value) : most), 0),
  create({ values, weights }, random) {
    if (weights === undefined) return () => values[Math.floor(random() * values.length)]!
    const pick = weightedIndex(weights, random)
    return () => values[pick()]!
  },
}
