/**
 * One of several distributions per draw, by weight: `{ mixture: [{ weight: 9, exponential: { mean: 5us } },
 * ...] }`. Hyperexponential service, or a fast path with a rare slow one.
 */
import { z } from 'zod'
import { weightedIndex } from '../weighted-index.ts'
import type { Distribution } from './distribution.ts'

const PARTS_MAX = 1000

interface Part {
  readonly weight: number
  readonly distribution: Distribution
  readonly parameters: unknown
}

/** @param registry the distributions that may be mixed */
export function mixture(registry: ReadonlyMap<string, Distribution>): Distribution {
  const part = z
    .looseObject({ weight: z.number().min(0).max(1e9) })
    .transform(({ weight, ...rest }, context): Part => {
      const [name, ...others] = Object.keys(rest)
      const distribution = registry.get(name ?? '')
      if (distribution === undefined || others.length > 0) {
        context.addIssue(`expected a weight and one of ${[...registry.keys()].join(', ')}`)
        return z.NEVER
      }
      const parsed = distribution.parameters.safeParse(rest[name!])
      if (parsed.success) return { weight, distribution, parameters: parsed.data }
      for (const { message, path } of parsed.error.issues) {
        context.addIssue({ code: 'custom', message, path: [name!, ...path] })
      }
      return z.NEVER
    })
  const parameters = z
    .array(part)
    .min(1)
    .max(PARTS_MAX)
    .refine((parts) => parts.some(({ weight }) => weight > 0), {
      error: 'all weights are 0 - give one above 0',
    })
  const made: Distribution<typeof parameters> = {
    name: 'mixture',
    description: 'a list of distributions, each with its `weight`; one of them per draw',
    parameters,
    meanNs(parts) {
      const total = parts.reduce((sum, { weight }) => sum + weight, 0)
      return parts.reduce(
        (sum, one) => sum + (one.weight / total) * one.distribution.meanNs(one.parameters),
        0,
      )
    },
    maxNs(parts) {
      const drawn = parts.filter(({ weight }) => weight > 0)
      return Math.max(
        ...drawn.map((one) => one.distribution.maxNs?.(one.parameters) ?? Number.POSITIVE_INFINITY),
      )
    },
    create(parts, random) {
      const pick = weightedIndex(
        parts.map(({ weight }) => weight),
        random,
      )
      const samplers = parts.map(({ distribution, parameters }) => distribution.create(parameters, random))
      return () => samplers[pick()]!()
    },
  }
  return made as unknown as Distribution
}
