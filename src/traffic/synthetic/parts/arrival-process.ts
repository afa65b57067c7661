/**
 * What an arrival process is: a name, parameters checked by a schema, and a factory that gives the time
 * between packets, one by one. Whatever its bursts, `packetsPerSecond` is the mean rate of the whole: peak
 * rates follow from it. A process starts in its stationary state, so that the expected number of packets is
 * rate times time from the first nanosecond on.
 */
import type { z } from 'zod'
import type { Random } from '../../../sim/random.ts'
import { durationNs } from '../../../unit-schemas.ts'

/** The gap before each packet in ns, fractions and all; never negative. The source sums and rounds once. */
export interface Gaps {
  (): number
  /** Where there is a faster way: the next `count` gaps at once. Whoever uses it draws in no other way. */
  readonly fill?: (outNs: Float64Array, count: number) => void
}

export interface ArrivalProcess<P extends z.ZodType = z.ZodType> {
  readonly name: string
  /** One line for `lanewise list sources`. */
  readonly description: string
  readonly parameters: P
  /** Left out: it draws random numbers. */
  readonly usesRandom?: boolean
  /** @param packetsPerSecond mean rate of the whole, above 0 */
  create(parameters: z.output<P>, packetsPerSecond: number, random: Random): Gaps
}

/**
 * Schema of the mean time that a process stays in a state, in ns; shorter ones would cost more than the
 * packets.
 */
export const period = durationNs.refine((ns) => ns >= 1000, { error: 'is too short - use at least 1us' })

/**
 * Periods without a packet that are drawn one by one. Where there are more, packets are so rare beside the
 * periods that they come as at the mean rate.
 */
export const EMPTY_PERIODS_MAX = 100_000
