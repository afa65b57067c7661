/** What a distribution of times is: a name, parameters checked by a schema, and a sampler in nanoseconds. */
import type { z } from 'zod'
import type { Random } from '../random.ts'

/** Gives one draw in ns per call; may be fractional, never negative. */
export interface Sampler {
  (): number
  /** Where there is a faster way: the next `count` draws at once. Whoever uses it draws in no other way. */
  readonly fill?: (outNs: Float64Array, count: number) => void
}

export interface Distribution<P extends z.ZodType = z.ZodType> {
  readonly name: string
  /** One line: what it is and what its parameters mean. */
  readonly description: string
  readonly parameters: P
  /** Left out: it draws random numbers. */
  readonly usesRandom?: boolean
  /** Mean in ns, Infinity where it has none: what offered loads are computed from. */
  meanNs(parameters: z.output<P>): number
  /** No draw is longer, ns, where there is such a bound; left out: there is none. */
  maxNs?(parameters: z.output<P>): number
  create(parameters: z.output<P>, random: Random): Sampler
}
