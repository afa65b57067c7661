/** What an arrival process is: the time between packets, drawn one by one. Rates and times in seconds and ns. */
import type { Random } from '../sim/random.ts'

export interface ArrivalProcess {
  readonly name: string
  /** One line for `lanewise list sources`. */
  readonly description: string
  /** Does it draw random numbers? */
  readonly usesRandom: boolean
  /** Gives the gap before each packet in ns, fractions and all; the source sums and rounds once. */
  create(packetsPerSecond: number, random: Random): () => number
}
